"""A call that waits for a person, shown inline: the plan stays in view while they decide.

What somebody types at the moment must not decide it. So the keyboard is left with a line that is
being typed, keys count only once the call was in sight for a moment, and any other character goes
back to the prompt.
"""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from toollama.clock import Clock
from toollama.host.notices import ApprovalNotice
from toollama.host.rules import Verdict
from toollama.text import one_line
from toollama.tui.messages import ApprovalDecided, Typed

IN_SIGHT_S = 0.5
"""Seconds in which no key decides a call that has just come, or just got the keyboard."""
_ARGUMENT_CHARACTERS = 600
_WAY_HERE = "Tab, then "


class ApprovalBar(Static, can_focus=True):
    """Shows one call with the exact rule that `s` saves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "decide('once')", "Allow once", id="approve.once"),
        Binding("s", "decide('session')", "Allow for the session", id="approve.session"),
        Binding("n", "decide('no')", "Refuse", id="approve.no"),
    ]

    def __init__(self, clock: Clock) -> None:
        super().__init__("", id="approval", markup=False)
        self.display = False
        self._clock = clock
        self._call: ApprovalNotice | None = None
        self._since_s = 0.0

    @property
    def waiting(self) -> bool:
        """Return whether a call waits here."""
        return self._call is not None

    def ask(self, call: ApprovalNotice) -> None:
        """Show a call; the screen gives the keyboard to it when nobody types."""
        self._call = call
        self._since_s = self._clock.monotonic_s()
        self.display = True
        self._draw(way="" if self.has_focus else _WAY_HERE)

    def dismiss(self) -> None:
        """Show nothing: no call waits any more."""
        self._call = None
        self.display = False

    def on_focus(self) -> None:
        """Say which keys decide."""
        self._since_s = self._clock.monotonic_s()
        self._draw(way="")

    def on_blur(self) -> None:
        """Say how to come here."""
        self._draw(way=_WAY_HERE)

    def on_key(self, event: events.Key) -> None:
        """Give back to the prompt what is typed there by habit."""
        found = self.screen.active_bindings.get(event.key)
        decides = found is not None and found.node is self
        if event.is_printable and event.character and not decides:
            event.stop()
            self.post_message(Typed(event.character))

    def action_decide(self, verdict: Verdict) -> None:
        """Tell the decision and leave."""
        if self._call is None or self._clock.monotonic_s() - self._since_s < IN_SIGHT_S:
            return
        self.dismiss()
        self.post_message(ApprovalDecided(verdict))

    def _draw(self, *, way: str) -> None:
        """Draw the keys first: a small screen cuts what stands last."""
        call = self._call
        if call is None:
            return
        arguments = "  ".join(f"{name}={value}" for name, value in call.arguments.items())
        self.update(
            Content.assemble(
                ("approve? ", "bold"),
                (f"{way}[y] once  [n] no  [s] session: ", ""),
                (one_line(call.rule), "bold"),
                ("\n", ""),
                (one_line(call.reason), "$text-warning"),
                ("\n", ""),
                one_line(f"{call.tool} {arguments}", _ARGUMENT_CHARACTERS),
            )
        )
