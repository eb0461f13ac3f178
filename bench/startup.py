"""Start-up: the processor time of commands, and of the first screen, as ratios of the same run.

Commands are compared with a bare Python, the first screen with a Textual application of four
widgets. Wall time on a busy machine measures the machine, so the processor time of each child is
taken, bytecode compiled, the least of several runs interleaved with each other; for the screen its
wall time is printed too. `llm` is compared where it is installed (the extra `starter` brings it).
"""

import os
import pty
import resource
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from shutil import which

from bench.report import Result

_LLM_GOAL = 0.1
_SCREEN_GOAL = 2.5
_COMMANDS: dict[str, float | None] = {
    "--version": 1.5,
    "--help": 7.0,
    "--no-such-option": 7.0,
    "completion bash": 7.0,
    "ask --help": None,
    "models list": 16.0,
    "tools list": 16.0,
    "runs list": 16.0,
}
"""The most that a command may take, as a multiple of bare Python; None is only shown."""
_SCRIPT = "import sys; from toollama.cli.entry import main; sys.exit(main())"
"""What the installed console script runs; `python -m` imports `runpy` on top."""
_FOUR_WIDGETS = """
from textual.app import App
from textual.widgets import Input, RichLog, Static, Tree
class Minimal(App):
    def compose(self):
        yield from (Static("first"), Tree("second"), RichLog(), Input(placeholder="{mark}"))
Minimal().run()
"""
_LIMIT_S = 60.0


def cpu_s(command: Sequence[str], environ: Mapping[str, str]) -> float:
    """Return the processor seconds, user and system, of one run of a command."""
    before = _children_s()
    subprocess.run(command, env=environ, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    return _children_s() - before


def first_screen_s(
    command: Sequence[str], mark: str, environ: Mapping[str, str]
) -> tuple[float, float]:
    """Return the processor and the wall seconds until a program has drawn `mark` on a terminal.

    The program is then killed. Raises `RuntimeError` where it ends without, or takes a minute.
    """
    controller, terminal = pty.openpty()
    size = {"TERM": "xterm-256color", "COLUMNS": "120", "LINES": "40"}
    before_s, started_s = _children_s(), time.monotonic()
    with subprocess.Popen(
        command,
        env={**environ, **size},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as program:
        os.close(terminal)
        try:
            _read_until(mark.encode(), controller)
            wall_s = time.monotonic() - started_s
        finally:
            program.kill()
            os.close(controller)
    return _children_s() - before_s, wall_s


def _read_until(mark: bytes, terminal: int) -> None:
    drawn = b""
    end_s = time.monotonic() + _LIMIT_S
    while mark not in drawn:
        if not select.select([terminal], [], [], end_s - time.monotonic())[0]:
            raise RuntimeError(f"not drawn within {_LIMIT_S:g} s: {drawn[-500:]!r}")
        try:
            drawn += os.read(terminal, 1 << 16)
        except OSError as error:  # Linux's way to tell that the program is gone
            raise RuntimeError(f"ended without a screen: {drawn[-500:]!r}") from error


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(rounds: int, environ: Mapping[str, str]) -> dict[str, float]:
    """Return the least processor seconds of each command by name; `bare` is Python alone."""
    lines = {"bare": [sys.executable, "-c", "pass"]}
    lines |= {name: [sys.executable, "-c", _SCRIPT, *name.split()] for name in _COMMANDS}
    beside = str(Path(sys.executable).with_name("llm"))
    if peer := which(beside) or which("llm"):
        lines["llm --help"] = [peer, "--help"]
    least: dict[str, float] = {}
    for at in range(rounds + 1):
        for name, line in lines.items():
            spent_s = cpu_s(line, environ)
            if at:  # the first round compiles bytecode
                least[name] = min(spent_s, least.get(name, spent_s))
    return least


def measure_screens(
    rounds: int, environ: Mapping[str, str]
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the least processor and wall seconds until our first screen, and until the peer's."""
    from toollama.tui.widgets.prompt import PLACEHOLDER

    mark = PLACEHOLDER.partition(" ")[2]  # the cursor stands on the first letter
    ours = [sys.executable, "-c", _SCRIPT]
    peer = [sys.executable, "-c", _FOUR_WIDGETS.format(mark=PLACEHOLDER)]
    drawn = [
        (first_screen_s(ours, mark, environ), first_screen_s(peer, mark, environ))
        for _ in range(rounds + 1)
    ][1:]  # the first round compiles bytecode
    return _least(own for own, _ in drawn), _least(other for _, other in drawn)


def _least(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    cpu, wall = zip(*pairs, strict=True)
    return min(cpu), min(wall)


def run(*, quick: bool) -> Result:
    """Print every ratio; report the worst share of its goal."""
    environ = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as place:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            environ[f"TOOLLAMA_{kind}_DIR"] = f"{place}/{kind.lower()}"
        least = measure(3 if quick else 10, environ)
        screens = measure_screens(2 if quick else 6, environ)
    return Result("startup", max([*_told(least), _told_screens(*screens)]), 1.0, most=True)


def _told(least: Mapping[str, float]) -> list[float]:
    """Print the commands' ratios; return their shares of the goals."""
    bare_s = least["bare"]
    print(f"{'bare Python':16} {bare_s * 1000:6.0f} ms of processor time")
    shares = []
    for name, goal in _COMMANDS.items():
        ratio = least[name] / bare_s
        wanted = "" if goal is None else f"  (goal ≤{goal:g})"
        shares += [] if goal is None else [ratio / goal]
        print(f"{name:16} {least[name] * 1000:6.0f} ms  {ratio:5.1f}x of bare Python{wanted}")
    if peer_s := least.get("llm --help"):
        ratio = least["--help"] / peer_s
        shares.append(ratio / _LLM_GOAL)
        print(f"{'llm --help':16} {peer_s * 1000:6.0f} ms; ours is {ratio:.2f} of it (goal ≤0.1)")
    else:
        print("llm is not installed: not compared")
    return shares


def _told_screens(ours: tuple[float, float], peer: tuple[float, float]) -> float:
    """Print the first screens' times; return the share of the goal, by processor time."""
    for name, (cpu, wall) in (("first screen", ours), ("four widgets", peer)):
        print(f"{name:16} {cpu * 1000:6.0f} ms, wall {wall * 1000:.0f} ms")
    ratio = ours[0] / peer[0]
    print(
        f"{'':16} {ratio:.2f} of four widgets' processor time, {ours[1] / peer[1]:.2f} of their"
        f" wall time (goal ≤{_SCREEN_GOAL:g})"
    )
    return ratio / _SCREEN_GOAL
