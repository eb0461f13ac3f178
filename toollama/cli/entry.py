"""The console script's entry: what `toollama` does before it knows what is asked of it.

`--version` is answered here, with nothing imported that a bare Python has not; everything else is
the process boundary's (`process`).
"""

import os
import sys

from toollama._version import __version__


def main() -> int:
    """Run the process's command line and return its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]) and _print_version():
        return 0
    # ggml starts gdb on an abort, which writes over the terminal.
    os.environ.setdefault("GGML_NO_BACKTRACE", "1")
    # Else pydantic reads the entry points of every installed package for plugins that we lack.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from toollama.cli import process

    return process.main()


def _print_version() -> bool:
    """Print the version; return False where it cannot be written, which `process` tells of."""
    try:
        print(f"toollama {__version__}", flush=True)  # noqa: T201 - `out` costs as much as Python
    except OSError:
        return False
    return True
