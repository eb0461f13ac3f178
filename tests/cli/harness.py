"""What the fixtures of the command-line tests give to a test."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.cli.fake_session import FakeSession

FAKE_PROGRAM = Path(__file__).with_name("fake_session.py")


@dataclass(frozen=True)
class Outcome:
    """What one command left behind."""

    code: int
    out: str
    err: str


Cli = Callable[..., Outcome]
UseSession = Callable[[FakeSession], FakeSession]
Start = Callable[..., "subprocess.Popen[str]"]


class Terminal(io.StringIO):
    """A stream that a person reads."""

    def isatty(self) -> bool:
        return True
