"""The tree of a run as data that is safe to show: nodes whose text is already `Visible`."""

from dataclasses import dataclass
from typing import Literal

from toollama.text import Visible

NodeKind = Literal[
    "run",
    "camina",
    "belter",
    "drummer",
    "observer",
    "tool",
    "inference",
    "load",
    "unload",
    "approval",
    "rung",
    "gate",
    "warning",
]

NodeStatus = Literal["running", "ok", "failed", "cancelled", "noted"]
"""`noted` says that something happened, without a verdict; a gate that could not check is `noted`.

`cancelled` is also what never ended although its run did."""

_NOTHING = Visible("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One piece of work, or one thing worth noting, and what happened inside it."""

    kind: NodeKind
    label: Visible
    status: NodeStatus
    duration_s: float | None = None
    """None while it runs, and for what takes no time."""
    detail: Visible = _NOTHING
    """Arguments of a call; model, purpose and tokens of an inference; what an agent does."""
    children: tuple["Node", ...] = ()
    """In the order in which they began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTree:
    """A run as a tree of nodes."""

    run_id: str
    root: Node
