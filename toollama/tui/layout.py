"""How the panes are laid out: by the width at hand, or as the user wants it. Pure."""

from typing import Literal, get_args

Layout = Literal["auto", "columns", "tabs", "single"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

_CLASSES = {"columns": "-wide", "tabs": "-medium", "single": "-narrow"}
"""The class of the stylesheet for each layout."""
_COLUMNS_FROM, _TABS_FROM = 120, 80  # cells
_HEIGHTS = ((20, "-tall"), (10, "-short"), (0, "-tiny"))
"""The class of the stylesheet from as many rows on."""


def _fitting(layout: Layout, width: int) -> str:
    """Return the layout for a screen of `width` cells: the wanted one, or what fits."""
    if layout != "auto":
        return layout
    if width >= _COLUMNS_FROM:
        return "columns"
    return "tabs" if width >= _TABS_FROM else "single"


def classes(layout: Layout, *, columns: int, rows: int) -> dict[str, bool]:
    """Return every class of the stylesheet that a size decides, and whether it holds."""
    shown = _fitting(layout, columns)
    height = next(name for least, name in _HEIGHTS if rows >= least)
    widths = {name: each == shown for each, name in _CLASSES.items()}
    return widths | {name: name == height for _, name in _HEIGHTS}


def after(layout: Layout) -> Layout:
    """Return the layout that comes next when they are gone through."""
    return LAYOUTS[(LAYOUTS.index(layout) + 1) % len(LAYOUTS)]
