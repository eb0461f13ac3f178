"""From events to what a person is shown of a run. Pure: no widget, no clock, no I/O.

Most modules fold for one pane; `run.RunView` holds them together. A fold is total: a log may stop
anywhere, lack events, or hold some that this version does not know.
"""

from toollama.fold.run import RunView

__all__ = ["RunView"]
