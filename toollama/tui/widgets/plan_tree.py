"""The plan as a tree that is updated in place; a row that is unchanged is never built anew."""

from collections.abc import Iterable

from rich.style import Style
from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from toollama.fold.plan import ROOT, PlanNode
from toollama.tui.marks import STYLES, Marks, duration

_LEAST_CELLS = 8
_DIM = Style(dim=True)
NOTHING = Text("no tasks yet", style="dim")


class PlanTree(Tree[str]):
    """One row for the run, each task and each call. A row's data is its key."""

    BORDER_TITLE = "Plan"

    def __init__(self, marks: Marks) -> None:
        self._took: dict[str, str] = {}
        """How long each row took, by its key."""
        super().__init__(NOTHING, data=ROOT, id="plan")
        self.root.allow_expand = False
        self.show_root = True
        self.guide_depth = 2
        self.auto_expand = False
        self._marks = marks
        self._rows: dict[str, TreeNode[str]] = {}
        if marks.prompt.isascii():
            self.ICON_NODE, self.ICON_NODE_EXPANDED = "+ ", "- "
            self.show_guides = False

    def forget(self) -> None:
        """Forget the rows of the run before."""
        self.clear()
        self.root.set_label(NOTHING)
        self.root.allow_expand = False
        self._rows, self._took = {}, {}

    def show(self, nodes: Iterable[PlanNode]) -> None:
        """Draw rows that changed; a parent comes before what hangs below it."""
        for node in nodes:
            label = self._label(node)
            if node.duration_s is not None:
                self._took[node.key] = duration(node.duration_s)
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

    def render_label(self, node: TreeNode[str], base_style: Style, style: Style) -> Text:
        """Return a row cut to the width of the pane, with the time that it took at its right."""
        label = super().render_label(node, base_style, style)
        took = self._took.get(node.data or "", "")
        room = self.scrollable_content_region.width - _depth(node) * self.guide_depth
        if room <= len(took) + _LEAST_CELLS:
            return label
        label.truncate(room - len(took) - 1, overflow="ellipsis", pad=True)
        return label.append(f" {took}", base_style + _DIM)

    def selected_key(self) -> str:
        """Return the key of the row under the cursor."""
        return (self.cursor_node.data if self.cursor_node else None) or ROOT

    def _label(self, node: PlanNode) -> Text:
        style = STYLES[node.status]
        parts = [(f"{self._marks.status[node.status]} ", style)]
        parts.append((node.label, "bold" if node.key == ROOT else ""))
        if node.retries:
            parts.append((f" {self._marks.retry}{node.retries}", "yellow"))
        if node.detail:
            parts.append((f"  {node.detail}", "dim"))
        return Text.assemble(*parts)


def _depth(node: TreeNode[str]) -> int:
    return 0 if node.parent is None else 1 + _depth(node.parent)
