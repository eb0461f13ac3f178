"""A list to choose from that may be too small to show any of it."""

from textual.widgets import OptionList


class Entries(OptionList):
    """Pages only where lines are laid out: Textual 8.2.8 fails on a list that a size hides."""

    def action_page_up(self) -> None:
        """Move up by a page."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move down by a page."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]
