"""Processes, each told apart from a later one with the same number."""

import os
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_START_FIELD = 19  # starttime, counted after the command name; proc_pid_stat(5), field 22
_DEAD_STATES = {"Z", "X"}


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: its number, and a marker that no other process with that number has."""

    pid: int
    marker: str

    @classmethod
    def this_process(cls) -> "Owner":
        """Return the process that asks."""
        return cls(os.getpid(), process_marker(os.getpid()) or "")

    def is_gone(self) -> bool:
        """Tell whether the process has ended, even where its number is in use again."""
        return process_marker(self.pid) != self.marker


def process_marker(pid: int) -> str | None:
    """Return when the process started, as text to compare, or None where no such process lives.

    Linux: boot id and clock ticks since boot, from /proc. Elsewhere: the start time that `ps`
    prints, to the second.
    """
    return _marker_from_proc(pid) if _PROC.joinpath("self").exists() else _marker_from_ps(pid)


def _marker_from_proc(pid: int) -> str | None:
    try:
        stat = _PROC.joinpath(str(pid), "stat").read_text(encoding="utf-8", errors="replace")
        boot_id = _PROC.joinpath("sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces and brackets
    return None if fields[0] in _DEAD_STATES else f"{boot_id}:{fields[_START_FIELD]}"


def _marker_from_ps(pid: int) -> str | None:
    import subprocess

    command = ["/bin/ps", "-o", "lstart=", "-p", str(pid)]
    found = subprocess.run(  # noqa: S603 - a fixed program and a number
        command, capture_output=True, text=True, check=False, timeout=5
    )
    return found.stdout.strip() or None
