"""How the panes are laid out: by the width at hand, or as the user wants it. Pure."""

from typing import Literal, get_args

Layout = Literal["auto", "columns", "tabs", "single"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

CLASSES = {"columns": "-wide", "tabs": "-medium", "single": "-narrow"}
"""The class of the stylesheet for each layout."""
_COLUMNS_FROM, _TABS_FROM = 120, 80  # cells


def fitting(layout: Layout, width: int) -> str:
    """Return the layout for a screen of `width` cells: the wanted one, or what fits."""
    if layout != "auto":
        return layout
    if width >= _COLUMNS_FROM:
        return "columns"
    return "tabs" if width >= _TABS_FROM else "single"


def after(layout: Layout) -> Layout:
    """Return the layout that comes next when they are gone through."""
    return LAYOUTS[(LAYOUTS.index(layout) + 1) % len(LAYOUTS)]
