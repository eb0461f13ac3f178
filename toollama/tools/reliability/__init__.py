"""What makes a call outlive a service's faults, whatever the tool.

Retries, rate limits, circuits, remembered answers and stand-ins follow from a tool's spec; no tool
asks for them. Decisions are pure and take the time as a parameter; what must survive the process
(spent quotas, answers) lies in two SQLite files that may be deleted at any time.
"""

from toollama.tools.reliability.service import Reliability

__all__ = ["Reliability"]
