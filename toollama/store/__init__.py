"""What is kept of every run: its events, its row in the list of runs, its evidence, its tree."""

from typing import TYPE_CHECKING, Any

from toollama.store.log import Store
from toollama.store.rows import EvidenceRow, RunRow, RunStatus, SessionRow

if TYPE_CHECKING:
    from toollama.store.node import Node, RunTree
    from toollama.store.search import Hit
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

_LATER = {
    "Hit": "search",
    "Node": "node",
    "RunTree": "node",
    "build_tree": "tree",
    "render_tree": "tree",
}


def __getattr__(name: str) -> Any:
    """Import what a list of runs does without, such as every type of event, when it is needed."""
    from importlib import import_module

    if name not in _LATER:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
