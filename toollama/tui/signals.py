"""What the terminal itself is told: a notification with the bell, and the title of its window.

The one place that makes such sequences. They hold words of this program, nothing of a run. Pure.

OSC 9 is iTerm2's notification, which kitty and WezTerm document too; a terminal without it ignores
it. OSC 2 and the title stack (CSI 22 and 23) are xterm's.
"""

from toollama.tui.messages import RunState

_BELL = "\a"
_NEWS: dict[RunState, str] = {
    "waiting": "ToolLama waits for you",
    "ended": "ToolLama has ended a run",
}
_TITLES: dict[RunState, str] = {
    "running": "ToolLama: running",
    "waiting": "ToolLama: waits for you",
    "ended": "ToolLama",
}
TITLE_KEPT = "\x1b[22;2t"
TITLE_BACK = "\x1b[23;2t"


def notification(state: RunState) -> str:
    """Return what calls a person who looks elsewhere; empty where nothing is new to them."""
    return f"\x1b]9;{_NEWS[state]}{_BELL}{_BELL}" if state in _NEWS else ""


def title(state: RunState) -> str:
    """Return what names the window after the state of the run."""
    return f"\x1b]2;{_TITLES[state]}{_BELL}"
