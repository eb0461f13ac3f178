"""Hostile text: none of it reaches a terminal as a control character that the program did not mean.

A million strings made to hurt go through `toollama.text.visible`, and 300 through every command
that shows text and every view of the full screen, on a pseudo-terminal, with their bytes read by
`bench.sequences`.
"""

import argparse
import json
import random
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.hostile_screen import directories, through_screen
from bench.report import Result
from bench.sequences import foreign_to_lines
from bench.terminal import TOOLLAMA, Terminal
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
    "e" + "\N{COMBINING ACUTE ACCENT}" * 40, "long " * 60,
    "\N{FAMILY}", "%s", "{0}", "\\x1b[2J", "error[x]: y — fix: z",
)  # fmt: skip

_ID = "20261122-{:06}-aaaa"
_FORMS = (
    ["runs", "show", "{}"], ["models", "info", "{}"], ["sessions", "show", "{}"], ["{}"],
    ["tools", "info", "{}"], ["tools", "run", "{}"], ["tools", "run", "calculator", "{}=1"],
    ["templates", "show", "{}"], ["agents", "show", "{}"], ["config", "show", "{}"],
    ["keys", "check", "{}"], ["replay", "{}.jsonl"], ["runs", "search", "a {}"],
    ["ask", "-f", "{}", "x"], ["ask", "-m", "all={}", "x"], ["ask", "--profile", "{}", "x"],
    ["ask", "--budget", "{}", "x"], ["ask", "--{}", "x"], ["tui", "--theme", "{}"],
    ["tui", "--replay", "{}.jsonl"], ["completion", "{}"], ["--", "{}"],
)  # fmt: skip
"""Command lines with a text in place of each `{}`."""


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
        bus = Bus(_ID.format(number), clock)
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


def through_commands(texts: Sequence[str]) -> tuple[int, int]:
    """Return how many control functions the commands leak, and how many bytes they wrote."""
    with tempfile.TemporaryDirectory() as place:
        environ = directories(Path(place))
        environ["TOOLLAMA_OUTPUT_DIR"] = as_argument(texts[0])
        keep(texts, Path(place, "data", "toollama.db"))
        name_things(texts[0], Path(place))
        written = [_output_of(arguments, environ) for arguments in commands(texts)]
    assert _ID.format(0).encode() in written[0], written[0]
    return sum(len(foreign_to_lines(each)) for each in written), sum(map(len, written))


def commands(texts: Sequence[str]) -> list[list[str]]:
    """Return the command lines that show what is kept, and some with the texts as arguments."""
    count = str(len(texts))
    found = [
        ["runs", "list", "--limit", count],
        ["runs", "list", "--limit", count, "--json"],
        ["runs", "search", "canary", "--limit", count],
        ["sessions", "list", "--limit", count],
        ["models", "list"],
        ["models", "list", "--json"],
        ["templates", "list"],
        ["config", "show", "--origin"],
        ["doctor"],
    ]
    for number in range(0, len(texts), max(len(texts) // 8, 1)):
        run_id = _ID.format(number)
        found += [
            ["runs", "show", run_id, "-v"],
            ["runs", "show", run_id, "--events"],
            ["runs", "export", run_id, "-F", "jsonl"],
            ["replay", run_id],
        ]
    for at, form in enumerate(_FORMS):
        text = as_argument(texts[at % len(texts)])
        found.append([word.replace("{}", text) for word in form])
    return found


def as_argument(text: str) -> str:
    """Return the text without what no argument of a process can hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def name_things(text: str, place: Path) -> None:
    """Give a model, a setting and a template the text as a name or a value."""
    config = place / "config"
    config.mkdir(parents=True, exist_ok=True)
    name = json.dumps(as_argument(text))
    (config / "models.toml").write_text(f"[models.{name}]\nfile = {name}\n", encoding="utf-8")
    (config / "config.toml").write_text(f"contact = {name}\n", encoding="utf-8")
    (config / "templates").mkdir(exist_ok=True)
    file = as_argument(text).replace("/", "-")
    (config / "templates" / f"{file}.txt").write_text(text, "utf-8", "replace")


def _output_of(arguments: Sequence[str], environ: dict[str, str]) -> bytes:
    command = [*TOOLLAMA, *arguments]
    with Terminal(command, environ=environ, columns=200, seen=False) as terminal:
        terminal.finish(within_s=60)
        return terminal.written


def parser() -> argparse.ArgumentParser:
    """Return what this bench reads from its command line."""
    options = argparse.ArgumentParser(prog="python -m bench hostile")
    options.add_argument(
        "part", nargs="?", choices=["visible", "commands", "screen"], help="this part only"
    )
    return options


def run(*, quick: bool, part: str | None = None) -> Result:
    """Count what leaks; none may."""
    leaked = 0
    if part in {None, "visible"}:
        count = _QUICK_STRINGS if quick else _STRINGS
        leaked += (found := through_visible(count))
        print(f"{count:,} strings through visible: {found} leak")
    shown = list(strings(_QUICK_SHOWN if quick else _SHOWN, seed=11))
    if part in {None, "commands"}:
        found, written = through_commands(shown)
        leaked += found
        print(f"{len(shown)} strings through the commands: {found} leaks in {written:,} bytes")
    if part == "screen" or (part is None and not quick):
        found, written = through_screen(shown)
        leaked += found
        print(f"{len(shown)} strings through the screen: {found} leaks in {written:,} bytes")
    return Result("hostile", leaked, 0, most=True)
