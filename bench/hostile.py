"""Hostile text: none of it reaches a terminal as a control character that the program did not mean.

A million strings made to hurt go through `toollama.text.visible`, and 300 through every command
that shows text, on a pseudo-terminal, with their bytes counted.
"""

import os
import random
import re
import select
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.report import Result
from toollama.clock import FixedClock
from toollama.events import Agent, Bus
from toollama.events.payloads import (
    MessageCompleted,
    RunCompleted,
    RunStarted,
    ToolCallCompleted,
    ToolCallRequested,
    Warned,
)
from toollama.store import Store
from toollama.text import visible

_STRINGS, _QUICK_STRINGS, _SHOWN, _QUICK_SHOWN = 1_000_000, 100_000, 300, 60
_PIECES = (
    "\x1b[2J", "\x1b[31m", "\x1b]0;title\x07", "\x1b]52;c;aGk=\x07", "\x1b]8;;http://x\x1b\\",
    "\x1bP1$r\x1b\\", "\x1b[5n", "\x1b[>c", "\x1b[21t", "\x1b[?1049h", "\x1b[?2004l", "\x1bc",
    "\x9b2J", "\x9d0;x\x9c", "\x90q", "\x00", "\x07", "\x08", "\x0b", "\x0c", "\r", "\x0e",
    "\x0f", "\x18", "\x1a", "\x7f", "\x85", "\xad", "\u200b", "\u200e", "\u202e", "\u2028",
    "\u2029", "\u2066", "\u2069", "\ufeff", "\ufff9", "\ud800", "\U000e0041", "\U000e007f",
    "[bold red]", "[/]", "[link=x]", "**", "```", "| - |", "# ", "- ", "<b>", "\n", "\t", "a", "é",
    "\N{FAMILY}", "%s", "{0}", "\\x1b[2J", "error[x]: y — fix: z",
)  # fmt: skip
_OWN = re.compile(rb"\x1b\[[0-9;]*m|\r\x1b\[2K|\r\n|\t")
_CONTROL = re.compile(
    rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]"
)


def strings(count: int, *, seed: int = 7) -> Iterator[str]:
    """Yield strings of one to eight pieces, some of them cut in the middle of a sequence."""
    draw = random.Random(seed)
    for _ in range(count):
        text = "".join(draw.choices(_PIECES, k=draw.randint(1, 8)))
        yield text[draw.randint(0, 2) :] or text


def leaks(text: str) -> bool:
    """Return whether a shown text holds a character that a terminal may act on."""
    return any(
        unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"} and letter not in "\n\t"
        for letter in text
    ) or not _BIDI.isdisjoint(text)


_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def through_visible(count: int) -> int:
    """Return how many strings leak through the text boundary."""
    return sum(leaks(visible(text)) for text in strings(count))


def keep(texts: Sequence[str], database: Path) -> None:
    """Log a run for each text, with the text in every place that a stranger may fill."""
    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    store = Store.open(database, clock)
    for number, text in enumerate(texts):
        bus = Bus(f"20261122-{number:06}-aaaa", clock)
        bus.subscribe(store.append)
        bus.emit(RunStarted(prompt=text, version="1", profile=text, session=text[:20]))
        with bus.acting(Agent(id="camina", name=text, role="camina"), doing=text):
            bus.emit(ToolCallRequested(call_id="1", tool=text, arguments={text: text}))
            bus.emit(
                ToolCallCompleted(call_id="1", tool=text, status="ok", statements=[text, "canary"])
            )
            bus.emit(Warned(message=text))
        bus.emit(MessageCompleted(text=text))
        bus.emit(RunCompleted(status="complete", answer=text, exit_code=0, limits=[text]))
    store.close()


def on_a_terminal(arguments: Sequence[str], environ: dict[str, str]) -> bytes:
    """Return every byte that a command writes to a terminal."""
    controller, terminal = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "toollama", *arguments],
        stdin=subprocess.DEVNULL, stdout=terminal, stderr=terminal, env=environ,
    )  # fmt: skip
    os.close(terminal)
    written = b""
    while True:
        ready, _, _ = select.select([controller], [], [], 0.2)
        if not ready and process.poll() is not None:
            break
        try:
            written += os.read(controller, 1 << 16) if ready else b""
        except OSError:  # Linux reports the closed other end so
            break
    process.wait()
    os.close(controller)
    return written


def through_commands(count: int) -> tuple[int, int]:
    """Return how many bytes leak through the commands, and how many they wrote."""
    texts = list(strings(count, seed=11))
    with tempfile.TemporaryDirectory() as place:
        environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            environ[f"TOOLLAMA_{kind}_DIR"] = f"{place}/{kind.lower()}"
        keep(texts, Path(place, "data", "toollama.db"))
        everything = str(count)
        commands = [
            ["runs", "list", "--limit", everything],
            ["runs", "list", "--limit", everything, "--json"],
            ["runs", "search", "canary", "--limit", everything],
            ["sessions", "list", "--limit", everything],
        ]
        some = range(0, count, max(count // 8, 1))
        for number in some:
            run_id = f"20261122-{number:06}-aaaa"
            commands += [
                ["runs", "show", run_id, "-v"],
                ["runs", "export", run_id, "-F", "jsonl"],
                ["replay", run_id],
            ]
        for text in texts[:6]:  # hostile arguments, without what no argument can hold
            argument = text.replace("\0", "").encode("utf-8", "replace").decode()
            commands += [["runs", "show", argument], ["models", "info", argument]]
        written = [on_a_terminal(arguments, environ) for arguments in commands]
    assert b"20261122-000000-aaaa" in written[0], written[0]
    found = sum(len(_CONTROL.findall(_OWN.sub(b"", each))) for each in written)
    return found, sum(map(len, written))


def run(*, quick: bool) -> Result:
    """Count what leaks; none may."""
    count = _QUICK_STRINGS if quick else _STRINGS
    through = through_visible(count)
    print(f"{count:,} strings through visible: {through} leak")
    shown = _QUICK_SHOWN if quick else _SHOWN
    found, written = through_commands(shown)
    print(f"{shown} strings through the commands: {found} leaks in {written:,} bytes")
    return Result("hostile", through + found, 0, most=True)
