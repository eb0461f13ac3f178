"""What was added to a request while it was served, and what became of it. Pure."""

from toollama.events import payloads
from toollama.text import Visible, one_line

_TEXT_CHARACTERS = 60


class AmendmentsFold:
    """The amendments of one run so far."""

    def __init__(self) -> None:
        self.waiting: dict[int, str] = {}
        """Texts that the run has not settled yet, by number."""
        self._taken: list[Visible] = []

    def take(self, payload: payloads.Payload) -> None:
        """Let one event change the state."""
        match payload:
            case payloads.AmendmentReceived():
                self.waiting[payload.amendment] = payload.text
            case payloads.AmendmentSettled():
                self.waiting.pop(payload.amendment, None)
                if payload.outcome == "taken":
                    text = one_line(payload.text, _TEXT_CHARACTERS)
                    self._taken.append(one_line(f"{outcome_of(payload)} ({text})"))
            case _:
                return

    def lines(self) -> list[Visible]:
        """Return what the user is told of each, those that were taken first."""
        texts = (one_line(text, _TEXT_CHARACTERS) for text in self.waiting.values())
        return [*self._taken, *(one_line(f"will be taken at the next step: {t}") for t in texts)]


def outcome_of(payload: payloads.AmendmentSettled) -> str:
    """Return in words what became of an amendment."""
    if payload.outcome == "deferred":
        return f"for the next request, {payload.reason}"
    if payload.outcome == "withdrawn":
        return "taken back"
    changes = [
        _count(len(payload.tasks), "new"),
        _count(len(payload.dropped), "dropped"),
        f"the answer: {payload.wish}" if payload.wish else "",
    ]
    return f"taken: {', '.join(filter(None, changes)) or 'no other task is needed'}"


def _count(tasks: int, what: str) -> str:
    return f"{tasks} {what} task{'s' if tasks > 1 else ''}" if tasks else ""
