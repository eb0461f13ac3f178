"""One engine for several screens: who owns the session, and how a screen talks to its owner.

`Desk` serves requests one after another on the session's own event loop. A screen reaches it
through a `Crew`: in this process on a thread of its own, or over a Unix socket. Nothing here draws.
"""
