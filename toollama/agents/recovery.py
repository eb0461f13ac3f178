"""The recovery ladder: what to do about a call that failed or a model that gave nothing. Pure.

Each class of error has its rungs, cheapest first; the next step is the first rung that is possible
and not used up. The last one, saying so, always is. `agents.errand` takes the steps.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from toollama.tools.base import ToolFailure

RungName = Literal["retry", "repair", "sibling", "stronger", "degrade", "replan", "say_so"]

MAX_RETRIES = 2
MAX_REPAIRS = 2
MAX_WAIT_S = 60.0
"""Nobody waits longer for a service that is busy, whatever the budget leaves."""
_FIRST_WAIT_S = 0.5
_LONGEST_BACKOFF_S = 8.0


class ErrorClass(StrEnum):
    """What went wrong, as far as it matters for what to do."""

    TRANSIENT = "transient"
    """No answer, a reset, a timeout, 5xx."""
    RATE_LIMITED = "rate_limited"
    FORBIDDEN = "forbidden"
    """No credential, or the service or a guard refuses."""
    BAD_ARGUMENTS = "bad_arguments"
    MISSING_ARGUMENT = "missing_argument"
    """A required argument has no source."""
    EMPTY = "empty"
    """The call worked and found nothing."""
    NOT_FOUND = "not_found"
    UNUSABLE = "unusable"
    """An answer that cannot be used, or a tool that broke."""
    OFFLINE = "offline"
    """No answer, and none can come."""
    NO_PROGRESS = "no_progress"
    """The same call was made before."""
    DENIED = "denied"
    INTERRUPTED = "interrupted"
    """Nobody can tell whether the call took effect, so nothing may do it again."""
    UNPARSABLE = "unparsable"
    """Output of a model that is not what was asked for."""
    MODEL = "model"
    """A model cannot be loaded, or failed while it wrote."""


_RUNGS: dict[ErrorClass, tuple[RungName, ...]] = {
    ErrorClass.TRANSIENT: ("retry", "sibling", "replan"),
    ErrorClass.RATE_LIMITED: ("retry", "sibling"),
    ErrorClass.FORBIDDEN: ("sibling",),
    ErrorClass.BAD_ARGUMENTS: ("repair", "sibling", "stronger", "degrade"),
    ErrorClass.MISSING_ARGUMENT: (),
    ErrorClass.EMPTY: ("repair", "sibling", "degrade"),
    ErrorClass.NOT_FOUND: ("sibling", "replan"),
    ErrorClass.UNUSABLE: ("sibling", "replan"),
    ErrorClass.OFFLINE: ("sibling", "replan"),
    ErrorClass.NO_PROGRESS: ("sibling", "replan"),
    ErrorClass.DENIED: (),
    ErrorClass.INTERRUPTED: (),
    ErrorClass.UNPARSABLE: ("retry", "stronger", "degrade"),
    ErrorClass.MODEL: ("stronger", "degrade"),
}

_KINDS = {
    "unavailable": ErrorClass.TRANSIENT,
    "rate_limited": ErrorClass.RATE_LIMITED,
    "missing_credential": ErrorClass.FORBIDDEN,
    "blocked": ErrorClass.FORBIDDEN,
    "invalid_input": ErrorClass.BAD_ARGUMENTS,
    "not_found": ErrorClass.NOT_FOUND,
    "upstream": ErrorClass.UNUSABLE,
    "internal": ErrorClass.UNUSABLE,
    "denied": ErrorClass.DENIED,
    "interrupted": ErrorClass.INTERRUPTED,
}


REPLANNED_CODES = frozenset(kind for kind, error in _KINDS.items() if "replan" in _RUNGS[error])
"""Kinds of failure after which a task may be planned anew."""


def classify(failure: ToolFailure) -> ErrorClass:
    """Return the class of a failed call."""
    if failure.kind == "unavailable" and failure.lasting:
        return ErrorClass.OFFLINE
    return _KINDS[failure.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is known when a step must be chosen."""

    error: ErrorClass
    retries: int = 0
    """Of this very call."""
    repairs: int = 0
    retry_after_s: float | None = None
    """What the service asks to wait."""
    seconds_left: float | None = None
    calls_left: float | None = None
    repair: str = ""
    """What could be repaired, in words: an argument, or what a search could do without."""
    siblings: tuple[str, ...] = ()
    """Tools not tried yet that the words tell every argument of, best first."""
    stronger: str = ""
    """A model above the one that was asked."""
    degrade: str = ""
    """What would be done without, in words."""
    replan: bool = False
    """Nothing was planned anew yet, and there is another way to plan."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rung and how to take it."""

    rung: RungName
    wait_s: float = 0.0
    subject: str = ""
    """The tool, the model or the argument that it is about."""

    @property
    def cost(self) -> str:
        """Return what the step takes of the budget, in words."""
        calls = "1 call" if self.rung in _CALLING else ""
        wait = f"{self.wait_s:.1f} s" if self.wait_s else ""
        return ", ".join(filter(None, (calls, wait)))


_CALLING = frozenset({"retry", "repair", "sibling", "stronger"})


def next_step(situation: Situation, *, jitter: float = 0.0) -> Step:
    """Return the cheapest rung that is possible. `jitter` from 0 to 1 spreads the waits."""
    for rung in _RUNGS[situation.error]:
        step = _possible(rung, situation, jitter)
        if step is not None:
            return step
    return Step("say_so")


def _possible(rung: RungName, now: Situation, jitter: float) -> Step | None:
    if rung in _CALLING and now.calls_left is not None and now.calls_left < 1:
        return None
    match rung:
        case "retry":
            wait_s = _wait_s(now, jitter)
            longest_s = (
                MAX_WAIT_S if now.seconds_left is None else min(MAX_WAIT_S, now.seconds_left)
            )
            most = 1 if now.error is ErrorClass.UNPARSABLE else MAX_RETRIES
            return Step("retry", wait_s) if now.retries < most and wait_s < longest_s else None
        case "repair":
            most = 1 if now.error is ErrorClass.EMPTY else MAX_REPAIRS
            possible = bool(now.repair) and now.repairs < most
            return Step("repair", subject=now.repair) if possible else None
        case "sibling":
            return Step("sibling", subject=now.siblings[0]) if now.siblings else None
        case "stronger":
            return Step("stronger", subject=now.stronger) if now.stronger else None
        case "degrade":
            return Step("degrade", subject=now.degrade) if now.degrade else None
        case "replan":
            return Step("replan") if now.replan else None
        case "say_so":
            return Step("say_so")


def _wait_s(now: Situation, jitter: float) -> float:
    """Return how long to wait before the same call: what was asked, or 0.5 s doubled each time."""
    if now.error is ErrorClass.UNPARSABLE:
        return 0.0
    if now.retry_after_s is not None:
        return now.retry_after_s
    backoff_s: float = _FIRST_WAIT_S * 2**now.retries * (1 + jitter)
    return min(backoff_s, _LONGEST_BACKOFF_S)
