"""Decide whether a tool call may run. Pure: no I/O, no clock.

A tool declares effects; a context carries taint that only rises; `decide` answers allow, ask or
deny. Where no rule speaks, the answer is deny. Asking without a person to ask is deny
(`settle`). Rules never come from a project folder, a tool result or a model.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum


class Effect(StrEnum):
    """What running a tool does to the world."""

    READ_PUBLIC = "read_public"
    READ_PRIVATE = "read_private"
    SEND = "send"
    SPEND = "spend"
    WRITE_LOCAL = "write_local"


CHANGES = frozenset({Effect.SEND, Effect.SPEND, Effect.WRITE_LOCAL})
"""Effects that must not happen twice."""


class Taint(StrEnum):
    """What a context has already read."""

    UNTRUSTED = "untrusted"
    PRIVATE = "private"


class Verdict(Enum):
    """The answer for one call; `max` of two verdicts is the stricter."""

    ALLOW = 0
    ASK = 1
    DENY = 2


@dataclass(frozen=True, slots=True)
class Call:
    """What the policy needs to know of a tool call."""

    tool: str
    effects: frozenset[Effect]
    egress: bool = False
    """Arguments leave the machine."""
    free_url: bool = False
    """The host is chosen by an argument, not fixed by the tool."""
    url_from_user: bool = False
    """Every URL argument stands in the user's request or in a listed result."""
    private_argument: bool = False
    """An argument contains text that came from private evidence."""
    inside_roots: bool = True
    """Every path read lies in what the user granted."""
    attached: bool = False
    """Every path read is one that the user attached to this very request."""
    inside_output: bool = False
    """Every path written lies in the output directory."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict and the reason a person is shown."""

    verdict: Verdict
    reason: str


def _stricter(decisions: list[Decision]) -> Decision:
    return max(decisions, key=lambda decision: decision.verdict.value)


def _read_public(call: Call, taint: frozenset[Taint]) -> Decision:
    both = taint >= {Taint.UNTRUSTED, Taint.PRIVATE}
    if call.free_url:
        if both:
            return Decision(Verdict.DENY, "untrusted text was read beside private text")
        if Taint.PRIVATE in taint:
            return Decision(Verdict.ASK, "private text was read before a free URL")
        if Taint.UNTRUSTED in taint and not call.url_from_user:
            return Decision(Verdict.ASK, "the URL does not come from you")
        return Decision(Verdict.ALLOW, "public read")
    if both:
        return Decision(Verdict.ASK, "untrusted and private text were read; arguments leave here")
    if Taint.PRIVATE in taint and call.egress and call.private_argument:
        return Decision(Verdict.ASK, "an argument contains private text")
    return Decision(Verdict.ALLOW, "public read from a fixed host")


def _read_private(call: Call, taint: frozenset[Taint]) -> Decision:
    if not call.inside_roots:
        return Decision(Verdict.ASK, "the path is outside what you granted")
    if call.attached and not call.egress:
        return Decision(Verdict.ALLOW, "you attached it")  # no text that was read chose it
    if Taint.UNTRUSTED in taint:
        return Decision(Verdict.ASK, "untrusted text was read before a private read")
    return Decision(Verdict.ALLOW, "private read inside what you granted")


def _send_or_spend(_call: Call, taint: frozenset[Taint]) -> Decision:
    if taint >= {Taint.UNTRUSTED, Taint.PRIVATE}:
        return Decision(Verdict.DENY, "untrusted and private text were read; ask again afresh")
    return Decision(Verdict.ASK, "it sends or spends on your behalf")


def _write_local(call: Call, taint: frozenset[Taint]) -> Decision:
    if not call.inside_output:
        return Decision(Verdict.ASK, "it writes outside the output directory")
    if Taint.UNTRUSTED in taint:
        return Decision(Verdict.ASK, "untrusted text was read before a write")
    return Decision(Verdict.ALLOW, "write inside the output directory")


_RULES = {
    Effect.READ_PUBLIC: _read_public,
    Effect.READ_PRIVATE: _read_private,
    Effect.SEND: _send_or_spend,
    Effect.SPEND: _send_or_spend,
    Effect.WRITE_LOCAL: _write_local,
}


def decide(
    call: Call, taint: frozenset[Taint], *, granted: frozenset[Effect] = frozenset()
) -> Decision:
    """Return the verdict for a call in a context.

    `granted` are the effects the user allowed for this run (`--yes EFFECT`): they turn ask into
    allow and never touch deny. A tool that computes only (no effects, no egress) is allowed.
    """
    if not call.effects:
        if call.egress:
            return Decision(Verdict.DENY, "it reaches the network without a declared effect")
        return Decision(Verdict.ALLOW, "pure computation")
    worst = _stricter([_RULES[effect](call, taint) for effect in sorted(call.effects)])
    if worst.verdict is Verdict.ASK and call.effects <= granted:
        return Decision(Verdict.ALLOW, "granted for this run")
    return worst


def settle(decision: Decision, *, interactive: bool) -> Decision:
    """Turn an ask that nobody can answer into a denial."""
    if decision.verdict is Verdict.ASK and not interactive:
        return Decision(Verdict.DENY, f"{decision.reason}; nobody can be asked here")
    return decision
