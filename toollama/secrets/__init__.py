"""The user's keys: where they are kept, and how no text that leaves the program repeats one.

Which key may go to which host is for `tools.credentials` to say; nothing here knows a tool.
"""

from toollama.secrets.keys import Found, Keys, fault_of
from toollama.secrets.redactor import REDACTED, Redactor, process_redactor

__all__ = ["REDACTED", "Found", "Keys", "Redactor", "fault_of", "process_redactor"]
