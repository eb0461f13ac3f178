"""What widgets tell the app: each message is one wish of the user."""

from dataclasses import dataclass

from textual.message import Message

from toollama.host.rules import Verdict


@dataclass
class PromptSubmitted(Message):
    """The user pressed Enter in the prompt."""

    text: str
    pasted: tuple[str, ...] = ()
    """Texts too long to be typed, which travel as attachments."""


@dataclass
class ApprovalDecided(Message):
    """The user answered an approval."""

    verdict: Verdict


@dataclass
class RunChosen(Message):
    """The user wants to see a run of the log."""

    run_id: str


@dataclass
class EvidenceChosen(Message):
    """The user wants to see events of the run, by sequence number."""

    events: tuple[int, ...]
