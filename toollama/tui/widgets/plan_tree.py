"""The plan as a tree that is updated in place; a row that is unchanged is never built anew."""

from collections.abc import Iterable

from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from toollama.fold.plan import ROOT, PlanNode
from toollama.tui.marks import STYLES, Marks, duration


class PlanTree(Tree[str]):
    """One row for the run, each task and each call. A row's data is its key."""

    BORDER_TITLE = "Plan"

    def __init__(self, marks: Marks) -> None:
        super().__init__("", data=ROOT, id="plan")
        self.show_root = True
        self.guide_depth = 2
        self.auto_expand = False
        self._marks = marks
        self._rows: dict[str, TreeNode[str]] = {}
        if marks.prompt.isascii():
            self.ICON_NODE, self.ICON_NODE_EXPANDED = "+ ", "- "

    def forget(self) -> None:
        """Forget the rows of the run before."""
        self.clear()
        self.root.set_label("")
        self._rows = {}

    def show(self, nodes: Iterable[PlanNode]) -> None:
        """Draw rows that changed; a parent comes before what hangs below it."""
        for node in nodes:
            label = self._label(node)
            row = self._rows.get(node.key)
            if row is not None:
                row.set_label(label)
            elif node.key == ROOT:
                self.root.set_label(label)
                self.root.expand()
                self._rows[ROOT] = self.root
            else:
                parent = self._rows.get(node.parent, self.root)
                parent.allow_expand = True
                parent.expand()
                self._rows[node.key] = parent.add(label, data=node.key, allow_expand=False)

    def selected_key(self) -> str:
        """Return the key of the row under the cursor."""
        return (self.cursor_node.data if self.cursor_node else None) or ROOT

    def _label(self, node: PlanNode) -> Text:
        style = STYLES[node.status]
        parts = [(f"{self._marks.status[node.status]} ", style)]
        parts.append((node.label, "bold" if node.key == ROOT else ""))
        if node.retries:
            parts.append((f" {self._marks.retry}{node.retries}", "yellow"))
        if node.duration_s is not None:
            parts.append((f"  {duration(node.duration_s)}", "dim"))
        if node.detail:
            parts.append((f"  {node.detail}", "dim"))
        return Text.assemble(*parts)
