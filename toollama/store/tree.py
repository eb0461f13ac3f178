"""The tree of a run: folded from its events, and drawn as lines of text. Pure."""

from collections.abc import Iterator, Sequence

from toollama.events import Event
from toollama.store.fold import Fold
from toollama.store.node import Node, NodeStatus, RunTree

_MARKS: dict[NodeStatus, str] = {
    "ok": "✓",
    "failed": "✗",
    "running": "◐",
    "cancelled": "⊘",
    "noted": "·",
}
_ASCII_MARKS: dict[NodeStatus, str] = {
    "ok": "ok",
    "failed": "x",
    "running": ">",
    "cancelled": "!",
    "noted": "-",
}


def build_tree(events: Sequence[Event]) -> RunTree:
    """Fold the events of one run, in `seq` order, into its tree.

    Total: a log may stop anywhere, lack events, or hold some that this version does not know.
    """
    fold = Fold()
    for event in events:
        fold.take(event)
    return fold.tree()


def render_tree(tree: RunTree, *, ascii: bool = False) -> list[str]:  # noqa: A002 - as in `--ascii`
    """Return one line per node, parents first: mark, label, duration, detail.

    With `ascii` the marks and guides are ASCII; labels keep their own letters.
    """
    return [_line(tree.root, ascii_only=ascii), *_below(tree.root, indent="", ascii_only=ascii)]


def _below(node: Node, *, indent: str, ascii_only: bool) -> Iterator[str]:
    branch, corner, bar = ("|- ", "`- ", "|  ") if ascii_only else ("├─ ", "└─ ", "│  ")
    for child in node.children:
        last = child is node.children[-1]
        yield indent + (corner if last else branch) + _line(child, ascii_only=ascii_only)
        yield from _below(child, indent=indent + ("   " if last else bar), ascii_only=ascii_only)


def _line(node: Node, *, ascii_only: bool) -> str:
    mark = (_ASCII_MARKS if ascii_only else _MARKS)[node.status]
    duration = "" if node.duration_s is None else _duration(node.duration_s)
    title = f"{mark} {node.label}".rstrip()
    return "  ".join(part for part in (title, duration, node.detail) if part)


def _duration(duration_s: float) -> str:
    if duration_s < 1:
        return f"{duration_s * 1000:.0f} ms"
    if duration_s < 60:
        return f"{duration_s:.1f} s"
    minutes, seconds = divmod(round(duration_s), 60)
    return f"{minutes} min {seconds:02d} s"
