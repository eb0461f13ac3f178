"""The Observer's first layer: detectors that read a run's events as they happen.

A detector costs microseconds, sees events only and changes nothing. What it tells is numbers and
names from those events, and the sequence numbers that show it; no model is asked.
"""

from toollama.agents.observer.watch import Watch

__all__ = ["Watch"]
