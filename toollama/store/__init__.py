"""What is kept of every run: its events, its row in the list of runs, its evidence, its tree."""

from typing import TYPE_CHECKING, Any

from toollama.store.log import Store
from toollama.store.rows import EvidenceRow, RunRow, RunStatus, SessionRow
from toollama.store.search import Hit

if TYPE_CHECKING:
    from toollama.store.node import Node, RunTree
    from toollama.store.tree import build_tree, render_tree

__all__ = [
    "EvidenceRow",
    "Hit",
    "Node",
    "RunRow",
    "RunStatus",
    "RunTree",
    "SessionRow",
    "Store",
    "build_tree",
    "render_tree",
]

_OF_THE_TREE = {"Node": "node", "RunTree": "node", "build_tree": "tree", "render_tree": "tree"}


def __getattr__(name: str) -> Any:
    """Import what draws a run when it is asked for: it needs every event type, a list none."""
    from importlib import import_module

    if name not in _OF_THE_TREE:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_OF_THE_TREE[name]}"), name)
