"""From events to what the panes show. Pure: no widget, no clock, no I/O.

Each module folds for one pane; `run.RunView` holds them together. A fold is total: a log may stop
anywhere, lack events, or hold some that this version does not know.
"""

from toollama.tui.fold.run import RunView

__all__ = ["RunView"]
