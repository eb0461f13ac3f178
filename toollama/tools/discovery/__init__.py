"""Which tools exist, where each comes from, and in what state it is.

Owns the five origins of tools, the compiled index of their specs, and the user's switches. Listing
reads the index and imports no tool; the registry imports one when it is called. Nothing here
decides whether a call may run, and nothing here reaches the network.
"""

from toollama.tools.discovery.compiled import Collision, Discovered, Problem, discover
from toollama.tools.discovery.entry import Entry, Origin
from toollama.tools.discovery.standing import Standing, State
from toollama.tools.discovery.switches import Switches

__all__ = [
    "Collision",
    "Discovered",
    "Entry",
    "Origin",
    "Problem",
    "Standing",
    "State",
    "Switches",
    "discover",
]
