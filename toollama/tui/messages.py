"""What widgets tell the app: each message is one wish of the user."""

from dataclasses import dataclass
from typing import Literal

from textual.message import Message

from toollama.host.rules import Verdict

RunState = Literal["running", "waiting", "ended"]


@dataclass
class PromptSubmitted(Message):
    """The user pressed Enter in the prompt."""

    text: str
    pasted: tuple[str, ...] = ()
    """Texts too long to be typed, which travel as attachments."""
    then: bool = False
    """It waits for the run that goes on, as a request of its own."""


@dataclass
class Typed(Message):
    """A character that belongs to the prompt was typed elsewhere."""

    character: str


@dataclass
class PromptLeft(Message):
    """The user wants to go on from the prompt."""


@dataclass
class ApprovalDecided(Message):
    """The user answered an approval."""

    verdict: Verdict


@dataclass
class RunChosen(Message):
    """The user wants to see a run of the log."""

    run_id: str


@dataclass
class SourceChosen(Message):
    """The user wants to see what a numbered source of an answer came from."""

    number: int
    run_id: str
    """The run that the answer is of."""


@dataclass
class RunStateChanged(Message):
    """The run that is shown began, waits for the user, or ended."""

    state: RunState


@dataclass
class EvidenceChosen(Message):
    """The user wants to see events of the run, by sequence number."""

    events: tuple[int, ...]
