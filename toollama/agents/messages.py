"""What the members of the hierarchy hand each other. Orders go down, findings come up.

Every message is plain, validated data: nothing a model wrote reaches another agent except through
one of these fields.
"""

from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from toollama.events.payloads import Usage


class Frozen(BaseModel):
    """Base of every message."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class RouteKind(StrEnum):
    """The ways down the hierarchy, cheapest first."""

    REPLY = "reply"
    """Code answers by itself: a greeting, a question about the program."""
    REFUSE = "refuse"
    """Nobody here can do it; the answer says what is missing."""
    ANSWER = "answer"
    SINGLE_TOOL = "single_tool"
    SINGLE_BELTER = "single_belter"
    PLAN = "plan"


class Attached(Frozen):
    """Something given along with the request."""

    name: str
    path: Path | None = None
    text: str | None = None
    untrusted: bool = False
    """Strangers wrote it: a page of the web."""


class SourceLine(Frozen):
    """An evidence of an earlier turn, by the id that stays citable."""

    id: str
    title: str
    locator: str


class Turn(Frozen):
    """One request of a conversation and what came of it."""

    run_id: str
    said: str
    """As typed."""
    meant: str
    """As a whole request; the same, unless it went on from the turn before."""
    answer: str
    value: str = ""
    """The bare answer of its last call."""
    values: dict[str, str] = Field(default_factory=dict)
    """By parameter, what its words gave to its calls."""
    sources: tuple[SourceLine, ...] = ()
    untrusted: bool = False
    """Strangers' text was read."""


class Memory(Frozen):
    """What a conversation knows. Constraints are never dropped."""

    pinned: tuple[str, ...] = ()
    """What the user wants of every answer, in their words."""
    turns: tuple[Turn, ...] = ()
    """Oldest first."""


class Thread(Frozen):
    """Which conversation a request belongs to."""

    terminal: str
    name: str = ""
    """The conversation of this name, begun where there is none."""
    continues: bool = False
    """It goes on from the last answer on this terminal."""
    fork: bool = False
    """It goes on in a conversation of its own."""


Depth = Literal["basic", "detailed", "comprehensive"]
"""How thorough a request is served; `agents.depth` says what that changes."""


class Request(Frozen):
    """What the user wants, as typed."""

    text: str
    attachments: tuple[Attached, ...] = ()
    direct: bool = False
    """One model and no plan: its words are passed on unchecked and marked so."""
    use_tools: bool = True
    interactive: bool = False
    plan: "TaskGraph | None" = None
    """A plan that somebody wrote or edited, to be run as it is."""
    strict: bool = False
    """A model's words without support are left out, not just marked."""
    memory: Memory = Memory()
    role: str = ""
    """The one role that is to serve it, such as `drummer.analysis`; empty means the hierarchy."""
    depth: Depth = "detailed"
    seed: int | None = None
    """What every inference draws by; None is the engine's default."""


class ScoredTool(Frozen):
    """A tool that may fit a clause."""

    tool: str
    score: float
    why: str = ""
    complete: bool = False
    """Its parser read every argument out of the words."""


class Unserved(Frozen):
    """A kind of request that a clause is more like than like anything a tool does."""

    name: str
    kind: Literal["reply", "words", "missing"]
    """Code replies; a model may answer in its own words; nobody here can."""
    score: float
    why: str = ""
    missing: str = ""
    """What serving it would take."""


class Clause(Frozen):
    """One part of a request that can be routed by itself."""

    text: str
    candidates: tuple[ScoredTool, ...] = ()
    follows: bool = False
    """It refers to what the part before it gives (`it`, `them`, `the result`)."""
    unserved: Unserved | None = None
    """Set where no tool is meant."""


class RouteDecision(Frozen):
    """Which way the request takes, and why."""

    kind: RouteKind
    clauses: tuple[Clause, ...]
    margin: float = 0.0
    source: Literal["rule", "model"] = "rule"
    reason: str = ""


class PlannedTask(Frozen):
    """One node of the task graph. Its id is its position, counted from 1."""

    belter: str
    """Its name without `belter.`, such as `research` or one of the user's own."""
    ask: str = Field(max_length=400)
    tools: tuple[str, ...] = ()
    """Candidates, best first; empty means the text at hand is enough."""
    clear: bool = True
    """The first candidate is well ahead of the others."""
    needs: tuple[int, ...] = ()
    """Earlier positions only."""
    priority: int = 0
    """Of tasks that are ready together the highest begins first."""
    deadline_s: float | None = Field(default=None, gt=0)
    """Seconds from its start; None leaves it to the run's budget."""

    @property
    def about_text(self) -> bool:
        """Return whether the task is to read the texts given, not to call a tool for facts."""
        return not self.tools or self.tools[0] == "read_file"


MAX_TASKS = 6
"""The most tasks of one plan."""


class TaskGraph(Frozen):
    """What Camina wants done. Dependencies only point to earlier tasks, so it has no cycles."""

    goal: str
    tasks: tuple[PlannedTask, ...]
    unanswered: tuple[str, ...] = ()
    """Parts of the request that no tool comes near."""
    left_out: tuple[str, ...] = ()
    """Tasks beyond what the depth allows."""


class Revision(Frozen):
    """What an amendment changed of a run that goes on."""

    amendment: int
    after: int
    """How many tasks there were when it was taken."""
    request: str
    """The whole request, as it is understood now."""
    tasks: tuple[PlannedTask, ...] = ()
    """New ones; their needs are numbers of the whole plan."""
    stopped: tuple[int, ...] = ()
    replaced: tuple[int, ...] = ()
    """Tasks whose findings are not wanted any more."""
    wish: str = ""
    """What it asks of the answer's form."""
    left_out: tuple[str, ...] = ()
    """Tasks beyond what the depth allows."""


class Finding(Frozen):
    """One fact for the answer, tied to where it stands."""

    statement: str
    evidence: tuple[str, ...] = ()
    """Evidence ids, such as `E1`."""
    confidence: Literal["quoted", "derived", "model"] = "quoted"
    answer: str = ""
    """The bare answer, for a task that goes on from it."""
    empty: bool = False
    """It says that nothing was found."""


class EvidenceRecord(Frozen):
    """A text that findings are tied to."""

    id: str
    title: str
    locator: str
    text: str
    tool: str = ""
    retrieved_at: str | None = None
    untrusted: bool = False
    private: bool = False


class Question(Frozen):
    """What only the user can say, and a call waits for."""

    tool: str
    parameter: str
    text: str
    options: tuple[str, ...] = ()
    """The only values there are; empty where any text will do."""


class Gap(Frozen):
    """Something asked that was not found out, and why."""

    what: str
    code: str
    fix: str = ""
    exit_code: int = 1
    waiting: tuple[dict[str, Any], ...] = ()
    """What a person would have to allow or to say."""


class Conflict(Frozen):
    """Two findings from different sources that contradict each other."""

    a: Finding
    b: Finding


class TaskReport(Frozen):
    """What a Belter hands back."""

    task_no: int
    status: Literal["done", "partial", "failed", "skipped"]
    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    unmet: tuple[str, ...] = ()
    """What is missing of the Belter's definition of done."""
    assumptions: tuple[str, ...] = ()
    """What the request does not settle, and how it was taken."""


class CitedSentence(Frozen):
    """One sentence of the answer and what supports it."""

    text: str
    cites: tuple[str, ...] = ()
    support: Literal["supported", "weak", "none"] = "none"


class CitedSource(Frozen):
    """One numbered source of the answer."""

    number: int
    title: str
    locator: str


class Answer(Frozen):
    """What the user gets."""

    text: str
    status: Literal["complete", "partial", "failed"]
    sentences: tuple[CitedSentence, ...] = ()
    sources: tuple[CitedSource, ...] = ()
    limits: tuple[str, ...] = ()
    """What a careful reader must know: missing parts, unverified words."""
    exit_code: int = 0
    usage: Usage = Usage()
    tool_calls: int = 0
    swaps: int = 0
    duration_s: float = 0.0
    data: dict[str, Any] = Field(default_factory=dict)
