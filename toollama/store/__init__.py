"""What is kept of every run: its events, its row in the list of runs, its evidence, its tree."""

from toollama.store.log import Store
from toollama.store.node import Node, RunTree
from toollama.store.rows import EvidenceRow, RunRow, RunStatus, SessionRow
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
