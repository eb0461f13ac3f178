"""What a tool is: its spec, the five stages of a call, and what comes back.

A tool declares what it does to the world and never decides whether it may run: that is policy's.
It never prints, never reaches the network but through `ToolContext.http`, and names every path it
would open in `touches`, so that policy can decide first.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

from toollama.clock import Clock
from toollama.errors import ExitCode, ToolLamaError
from toollama.policy import CHANGES, Effect

if TYPE_CHECKING:
    from toollama.tools.reliability import Reliability

ArgumentsT = TypeVar("ArgumentsT", bound=BaseModel)
RawT = TypeVar("RawT")


class Arguments(BaseModel):
    """Base of every tool's parameters: unknown names are refused, `"5"` becomes 5."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` requests in any `window_s` seconds."""

    count: int
    window_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSpec:
    """Everything the router, the policy, the Drummers and `tools info` know of a tool."""

    name: str
    """`[a-z][a-z0-9_]*`, at most 64 characters."""
    summary: str
    """What it does, in one sentence that a small model can choose by."""
    utterances: tuple[str, ...]
    """At least 20 requests as users would type them; the router's index is built from these."""
    parameters: type[Arguments]
    packs: tuple[str, ...]
    """Which roles may be offered it: `drummer.search`, `drummer.content`, `drummer.analysis`,
    `drummer.api`, `belter.research`, `belter.property`, `belter.document`, `belter.knowledge`."""
    effects: frozenset[Effect] = frozenset()
    egress: bool = False
    """Its arguments leave the machine."""
    hosts: tuple[str, ...] = ()
    """The only hosts it may reach; `*.example.org` allows subdomains.

    `*` alone: the host is chosen by an argument, and the policy treats it so."""
    credentials: tuple[str, ...] = ()
    """Environment-style names without which it cannot run; it is hidden until all are set."""
    optional_credentials: tuple[str, ...] = ()
    """Names that raise a limit or open more of the service, and are sent where they are set."""
    provider: str = ""
    """Whose service it is: tools of one provider share its rates, circuit and health."""
    rates: tuple[Rate, ...] = ()
    """The provider's published limits, all of which hold at once."""
    cache_ttl_s: float = 0.0
    """How long an answer may be given again; 0: never, as for writes and licence checks."""
    fallbacks: tuple[str, ...] = ()
    """Tools that answer the same question, tried in order where this one's service is down."""
    off: str = ""
    """Why it is switched off unless the user enables it; empty: on."""
    homepage: str = ""
    """Where the service documents itself."""
    deadline_s: float = 20.0
    verified_live: str = "never"
    """The date it last answered against the real service; local tools say `local`."""
    origin: str = "builtin"
    idempotent: bool = False
    """A call made twice leaves the world as one made once."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a result comes from, as a reader would cite it."""

    title: str
    locator: str
    """A URL, a path, or the name of the local tool that computed it."""
    retrieved_at: str | None = None
    untrusted: bool = False
    """The text was written by strangers (the web, a shared file)."""
    private: bool = False
    """The text is the user's own."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a call gave."""

    statements: tuple[str, ...]
    """Whole, true sentences of at most 240 characters, the answer first: `42 km = 26.1 mi`.

    They contain every figure that the answer needs, so a template can answer from them alone."""
    answer: str = ""
    """The bare answer, such as `36` or `Sunday`, for a task that goes on from it."""
    text: str = ""
    """The long form as evidence: page text, table. May be empty."""
    data: Any = None
    """The same as JSON-ready data, for `tools run --json`."""
    sources: tuple[Source, ...] = ()
    status: Literal["ok", "empty"] = "ok"
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that a parameter may take, proposed by code from the user's words."""

    value: Any
    source: Literal["words", "context", "default"]
    """`words`: copied or parsed from the request; `context`: from an attachment or the clock."""
    certain: bool = False
    """The words can mean nothing else; no model needs to be asked."""


Proposal = Mapping[str, Sequence[Candidate]]
"""Candidates by parameter, best first. A parameter without candidates is left out."""


_EXIT_CODES = {
    "unavailable": ExitCode.NETWORK,
    "rate_limited": ExitCode.NETWORK,
    "missing_credential": ExitCode.NETWORK,
    "blocked": ExitCode.NETWORK,
    "denied": ExitCode.APPROVAL,
    "invalid_input": ExitCode.USAGE,
}


FailureKind = Literal[
    "invalid_input",
    "not_found",
    "unavailable",
    "rate_limited",
    "missing_credential",
    "blocked",
    "denied",
    "upstream",
    "internal",
    "interrupted",
]
"""`interrupted`: the process died during the call, and nobody can tell what was done."""


class ToolFailure(ToolLamaError):
    """A call that failed; `kind` chooses the rung of the recovery ladder."""

    code = "tool.failed"

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        fix: str,
        retry_after_s: float | None = None,
        lasting: bool = False,
        status: int | None = None,
    ) -> None:
        """`lasting` tells that the same call would fail the same way again.

        `status` is that of the HTTP response which the failure reports.
        """
        super().__init__(message, fix=fix, exit_code=_EXIT_CODES.get(kind))
        self.kind = kind
        self.retry_after_s = retry_after_s
        self.lasting = lasting
        self.status = status

    @property
    def process_exit_code(self) -> ExitCode:
        """Return the exit code of a command whose only tool failed this way."""
        return self.exit_code


Query = Mapping[str, str | int | float] | Sequence[tuple[str, str | int | float]]
"""Parameters of a query or a form; pairs where a name stands more than once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """A whole response with a status that was expected."""

    status: int
    url: str = field(repr=False)
    """Where it came from after redirects; it may hold a credential, so it is never shown."""
    headers: Mapping[str, str]
    """Names are looked up in any case."""
    body: bytes


class HttpDoor(Protocol):
    """The one way to the network, as tools see it (implemented in `tools.http`)."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        form: Query | None = None,
        accept: str = "application/json",
        expect: Sequence[int] = (),
        secrets: Sequence[str] = (),
        hosts: Sequence[str],
        deadline_s: float = 20.0,
        max_bytes: int = 2_000_000,
    ) -> HttpReply:
        """Return the whole response.

        Raises `ToolFailure` for a status that is neither 2xx nor in `expect`.
        `secrets` are values in the URL, headers or body that no message, log or event may repeat.
        """
        ...

    async def get_json(
        self,
        url: str,
        *,
        params: Mapping[str, str | int | float] | None = None,
        headers: Mapping[str, str] | None = None,
        hosts: Sequence[str],
        deadline_s: float = 20.0,
        max_bytes: int = 2_000_000,
    ) -> Any:
        """Return the decoded JSON body of a GET. Raises `ToolFailure`."""
        ...


class NoNetwork:
    """A door that stays shut: for routing, planning and evaluation, which fetch nothing."""

    async def request(self, method: str, url: str, **_options: Any) -> HttpReply:
        """Refuse."""
        raise _no_network()

    async def get_json(self, url: str, **_options: Any) -> Any:
        """Refuse."""
        raise _no_network()


def _no_network() -> ToolFailure:
    return ToolFailure(
        "nothing is fetched here", kind="unavailable", fix="run the tool itself", lasting=True
    )


class Credentials(Protocol):
    """The user's keys, as tools see them (implemented in `secrets`)."""

    def get(self, name: str, *, host: str) -> str | None:
        """Return the value of `OPENWEATHER_API_KEY`, for use with one host; None where unset.

        Raises `ToolFailure(kind="blocked")` where the name may not be sent to that host.
        """
        ...


class NoCredentials:
    """A person without any key."""

    def get(self, name: str, *, host: str) -> str | None:
        """Return None."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Something the user gave along with the request."""

    name: str
    """As the user wrote it: a path, or `stdin`."""
    path: Path | None = None
    text: str | None = None
    """Set for standard input; files are read by tools."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolContext:
    """What a call may use besides its arguments."""

    clock: Clock
    http: HttpDoor
    credentials: Credentials = field(default_factory=NoCredentials)
    timezone: str = "UTC"
    """IANA name of the user's own zone."""
    attachments: tuple[Attachment, ...] = ()
    read_roots: tuple[Path, ...] = ()
    """Directories and files that may be read without asking."""
    output_dir: Path = field(default_factory=Path.cwd)
    contact: str = ""
    """What the user lets services know about them, for the User-Agent."""
    offline: bool = False
    """Nothing may be fetched; for the rare tool whose library brings a client of its own."""
    reliability: "Reliability | None" = None
    """What makes a call outlive a service's faults; None: one attempt, nothing remembered."""


class Tool(ABC, Generic[ArgumentsT, RawT]):
    """One tool. The runner calls the stages in order: validate, prepare, execute, format, clean up.

    `propose` may be called without any of them, to offer argument values found in a request.
    """

    spec: ClassVar[ToolSpec]

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Return argument values found in the user's words. Pure apart from reading attachments."""
        return {}

    def objection(self, text: str, context: ToolContext) -> str:
        """Return why a call cannot answer the words, such as a column that a file lacks; or ""."""
        return ""

    def touches(self, args: ArgumentsT, context: ToolContext) -> tuple[list[Path], list[Path]]:
        """Return the paths a call would read and would write, for the policy."""
        return [], []

    async def prepare(self, args: ArgumentsT, context: ToolContext) -> ArgumentsT:
        """Return the arguments made complete: defaults from the clock, names resolved."""
        return args

    @abstractmethod
    async def execute(self, args: ArgumentsT, context: ToolContext) -> RawT:
        """Do the work. Raises `ToolFailure`."""

    async def recover(self, args: ArgumentsT, context: ToolContext) -> RawT:
        """End a call whose process died while it ran: return what it did, or do it, never twice.

        Raises `ToolFailure(kind="interrupted")` where nobody can tell what was done.
        """
        if self.spec.idempotent or CHANGES.isdisjoint(self.spec.effects):
            return await self.execute(args, context)
        raise ToolFailure(
            f"the run was cut short while {self.spec.name} ran: whether it took effect is not "
            "known, and it is not repeated",
            kind="interrupted",
            fix="look for its effect, and ask again where there is none",
        )

    @abstractmethod
    def format(self, args: ArgumentsT, raw: RawT, context: ToolContext) -> ToolResult:
        """Turn what `execute` returned into statements, text, data and sources."""

    async def clean_up(self, args: ArgumentsT) -> None:
        """Remove what the call left behind; runs after success, failure and cancellation."""
