"""Decide which tool may stand in for one whose service is down, and with what. Pure.

The policy has allowed the call that failed, so a stand-in may do nothing that it does not do.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from toollama.policy import CHANGES
from toollama.text import truncate
from toollama.tools.base import ToolFailure, ToolResult, ToolSpec
from toollama.tools.hosts import ANY_HOST

_SERVICE_FAULTS = frozenset({"unavailable", "rate_limited", "upstream"})
_MAX_STATEMENT = 240


def is_service_fault(failure: ToolFailure) -> bool:
    """Return whether another service may do what this one could not."""
    return failure.kind in _SERVICE_FAULTS


def may_stand_in(spec: ToolSpec, *, for_spec: ToolSpec) -> bool:
    """Return whether a tool does nothing beyond what the other was allowed to do."""
    return (
        not spec.off
        and CHANGES.isdisjoint(for_spec.effects)
        and spec.effects <= for_spec.effects
        and spec.egress <= for_spec.egress
        and (ANY_HOST in spec.hosts) <= (ANY_HOST in for_spec.hosts)
    )


def shared_arguments(spec: ToolSpec, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments whose names the tool knows too."""
    known = spec.parameters.model_fields
    return {name: value for name, value in arguments.items() if name in known}


def marked(
    result: ToolResult,
    *,
    by: ToolSpec,
    failed: ToolSpec,
    left_out: tuple[str, ...] = (),
) -> ToolResult:
    """Return the stand-in's result with a last statement that says so."""
    without = f", without {', '.join(left_out)}" if left_out else ""
    note = f"{failed.name} gave no answer, so this comes from {by.name}{without}."
    return replace(result, statements=(*result.statements, truncate(note, _MAX_STATEMENT)))
