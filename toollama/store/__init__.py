"""What is kept of every run: its events, its row in the list of runs, its evidence, its tree."""

from toollama.store.log import Store
from toollama.store.node import Node, RunTree
from toollama.store.rows import EvidenceRow, RunRow, RunStatus
from toollama.store.tree import build_tree, render_tree

__all__ = [
    "EvidenceRow",
    "Node",
    "RunRow",
    "RunStatus",
    "RunTree",
    "Store",
    "build_tree",
    "render_tree",
]
