"""A call that waits for a person, shown inline: the plan stays in view while they decide."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from toollama.host.notices import ApprovalNotice
from toollama.host.rules import Verdict
from toollama.text import one_line
from toollama.tui.messages import ApprovalDecided

_ARGUMENT_CHARACTERS = 600


class ApprovalBar(Static, can_focus=True):
    """Shows one call with the exact rule that `s` saves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "decide('once')", "Allow once", id="approve.once"),
        Binding("s", "decide('session')", "Allow for the session", id="approve.session"),
        Binding("n", "decide('no')", "Refuse", id="approve.no"),
    ]

    def __init__(self) -> None:
        super().__init__("", id="approval", markup=False)
        self.display = False

    @property
    def waiting(self) -> bool:
        """Return whether a call waits here."""
        return bool(self.display)

    def ask(self, notice: ApprovalNotice) -> None:
        """Show a call and take the keyboard."""
        arguments = "  ".join(f"{name}={value}" for name, value in notice.arguments.items())
        self.update(
            Content.assemble(
                ("approve ", "bold"),
                one_line(f"{notice.tool} {arguments}", _ARGUMENT_CHARACTERS),
                ("\n", ""),
                (one_line(notice.reason), "$text-warning"),
                ("\n[y] once   [s] session: ", ""),
                (one_line(notice.rule), "bold"),
                ("   [n] no", ""),
            )
        )
        self.display = True
        self.focus()

    def action_decide(self, verdict: Verdict) -> None:
        """Tell the decision and leave."""
        self.display = False
        self.post_message(ApprovalDecided(verdict))
