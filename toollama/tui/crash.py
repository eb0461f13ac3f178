"""What is kept of an error that ended the screen: a file that only its user can read.

Tracebacks carry no local variables here, and no key that this process has read.
"""

import os
import traceback

from toollama import paths
from toollama._version import __version__
from toollama.secrets import process_redactor
from toollama.text import Visible, one_line, visible


def report(error: BaseException | None) -> Visible:
    """Keep the traceback in the state directory; return the one line that a person is told."""
    told = process_redactor.redact(f"error[internal]: {type(error).__name__}: {error}")
    whole = process_redactor.redact("".join(traceback.format_exception(error)))
    path = paths.state_dir() / "crash.log"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
            file.write(visible(f"toollama {__version__}\n{whole}"))
    except OSError as fault:
        kept = f"the traceback is not kept ({fault.strerror}); report the one above"
    else:
        kept = f"report it with {path}"
    return one_line(f"{told} — fix: {kept}", 400)
