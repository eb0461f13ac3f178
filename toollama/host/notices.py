"""What a screen is told besides events: a question, an approval, the end of a request. Pure data.

The same models are the lines of the socket protocol.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from toollama.agents.messages import Question
from toollama.events import Event
from toollama.host.rules import Verdict


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)


class EventNotice(_Line):
    """One event of a run."""

    kind: Literal["event"] = "event"
    event: Event


class ApprovalNotice(_Line):
    """A call waits for a person."""

    kind: Literal["approval"] = "approval"
    tool: str
    arguments: dict[str, Any]
    reason: str
    effects: list[str]
    rule: str
    """What `session` would allow from now on, in words."""


class QuestionNotice(_Line):
    """A run waits for a value that only the user can give."""

    kind: Literal["question"] = "question"
    question: Question


class WithdrawnNotice(_Line):
    """The call or question that waited for a person waits no more."""

    kind: Literal["withdrawn"] = "withdrawn"


class EndedNotice(_Line):
    """A request is over; `error` is its one line where there is no answer."""

    kind: Literal["ended"] = "ended"
    error: str = ""


class NotTakenNotice(_Line):
    """Words were added where nothing takes them in any more: they are a request of their own."""

    kind: Literal["not_taken"] = "not_taken"
    text: str


Notice = Annotated[
    EventNotice | ApprovalNotice | QuestionNotice | WithdrawnNotice | EndedNotice | NotTakenNotice,
    Field(discriminator="kind"),
]


class AskCommand(_Line):
    """Serve a request."""

    kind: Literal["ask"] = "ask"
    options: dict[str, Any]
    """As `AskOptions.to_log` writes them."""
    texts: dict[int, str] = {}
    """Texts of attachments by position: the log form leaves them out."""


class ToolCommand(_Line):
    """Run one tool without any model."""

    kind: Literal["tool"] = "tool"
    tool: str
    arguments: dict[str, Any]


class RetryCommand(_Line):
    """Do a task of an earlier run again, with what needs it; with none the whole request."""

    kind: Literal["retry"] = "retry"
    run: str
    task: int | None = None


class AmendCommand(_Line):
    """Add words to the request that is being served."""

    kind: Literal["amend"] = "amend"
    text: str


class WithdrawCommand(_Line):
    """Take words back that the run has not taken in yet."""

    kind: Literal["withdraw"] = "withdraw"
    amendment: int


class CancelCommand(_Line):
    """Stop one task of the run, or with none the whole run."""

    kind: Literal["cancel"] = "cancel"
    task: int | None = None


class DecideCommand(_Line):
    """Answer an approval."""

    kind: Literal["decide"] = "decide"
    verdict: Verdict


class ReplyCommand(_Line):
    """Answer a question; empty is no answer."""

    kind: Literal["reply"] = "reply"
    text: str


RequestCommand = AskCommand | ToolCommand | RetryCommand
"""What is served as a run of its own."""
Command = Annotated[
    RequestCommand | AmendCommand | WithdrawCommand | CancelCommand | DecideCommand | ReplyCommand,
    Field(discriminator="kind"),
]
