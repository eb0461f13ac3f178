"""Hostile text on the full screen: a run that is full of it is replayed and every view is opened.

The same keys over harmless text of the same shape tell which modes the screen switches by itself.
"""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench.sequences import foreign_to_screen, switched
from bench.terminal import TOOLLAMA, Terminal
from toollama.clock import FixedClock
from toollama.events import Agent, Bus
from toollama.events.payloads import (
    GateDecided,
    InferenceStarted,
    Insight,
    MessageDelta,
    ModelLoadCompleted,
    ModelLoadStarted,
    Payload,
    PlanCreated,
    RouteDecided,
    RunCompleted,
    RunStarted,
    TaskChanged,
    ToolCallCompleted,
    ToolCallFailed,
    ToolCallRequested,
    Warned,
)
from toollama.text import well_formed

PER_RUN = 30
"""Strings of one run: what a tall screen shows with few keys."""
COLUMNS, ROWS = 200, 110
_PANES = (b"\x1bOQ", b"\x1bOR", b"\x1bOS", b"\x1b[15~", b"\x1b[17~")
"""F2 to F6, as xterm sends them."""
_VIEWS = ("why", "prompt", "sources", "runs", "help")
_ESCAPE = b"\x1b[27u"
"""Escape as the Kitty protocol sends it: a lone ESC joins the next key on a busy machine."""
_PAGE_UP, _ERASE, _LEAVE = b"\x1b[5~", b"\x15", b"\x11"
_PASTE = b"\x1b[200~%s\x1b[201~"
_PLACEHOLDER = b"recorded run"
_ESCAPE_SHOWN = "\N{SYMBOL FOR ESCAPE}".encode()


def run_of(texts: Sequence[str]) -> list[Payload]:
    """Return the events of a run with the texts in every place that a stranger may fill."""
    first = texts[0]
    candidates = [{"tool": text, "why": text, "score": 1.0, "clause": 0} for text in texts]
    happened: list[Payload] = [
        RunStarted(prompt=first, version=first, profile=first, session=first),
        RouteDecided(
            kind=first, clauses=list(texts), candidates=candidates, margin=0.1,
            source="rule", reason=first,
        ),
        PlanCreated(
            goal=first, tasks=[{"belter": text, "ask": text} for text in texts], source="rule"
        ),
    ]  # fmt: skip
    for number, text in enumerate(texts, start=1):
        call = f"c{number}"
        happened += [
            TaskChanged(task=number, state="running", reason=text),
            ModelLoadStarted(model=text, path=text, predicted_bytes=1, reason=text),
            ModelLoadCompleted(model=text, duration_s=1, bytes=1, resident_bytes=1),
            InferenceStarted(
                model=text, purpose=text, messages=[{"role": text, "content": text}],
                sampling={text: text},
            ),
            ToolCallRequested(call_id=call, tool=text, arguments={text: text}),
            ToolCallFailed(call_id=call, tool=text, code=text, message=text)
            if number % 2
            else ToolCallCompleted(call_id=call, tool=text, status="ok", statements=[text]),
            Insight(severity="critical", kind=text, message=text),
            GateDecided(verdict="fail", checks={text: text}, removed=[text]),
            Warned(message=text),
            MessageDelta(text=f"{text}\n\n```{text}\n{text}\n```\n\n- {text}\n"),
        ]  # fmt: skip
    sources = [
        {"number": number, "title": text, "locator": text}
        for number, text in enumerate(texts, start=1)
    ]
    happened.append(
        RunCompleted(
            status="complete", answer=first, exit_code=0, sources=sources, limits=list(texts)
        )
    )
    return happened


def write_run(texts: Sequence[str], path: Path) -> None:
    """Write the run as `ask --jsonl` does."""
    lines: list[str] = []
    bus = Bus("20261122-000000-aaaa", FixedClock(datetime(2026, 11, 22, tzinfo=UTC)))
    bus.subscribe(lambda event: lines.append(event.to_line()))
    texts = [well_formed(text) for text in texts]
    with bus.acting(Agent(id="camina", name=texts[0], role="camina"), doing=texts[0]):
        for payload in run_of(texts):
            bus.emit(payload)
    path.write_text("\n".join(lines), encoding="utf-8")


def looked_through(path: Path, environ: dict[str, str]) -> bytes:
    """Return every byte of a replay whose panes and views are opened, on a tall screen."""
    with _replay(path, environ, columns=COLUMNS, rows=ROWS) as terminal:
        for pane in _PANES:
            _press(terminal, pane, b"z", _PAGE_UP, _PAGE_UP, b"z")
        for view in _VIEWS:
            _press(terminal, _ESCAPE, b"i", f"/{view}\r".encode(), _ESCAPE)
        return _left(terminal)


def typed_into(path: Path, typed: Sequence[str], environ: dict[str, str]) -> bytes:
    """Return every byte of a replay whose prompt is used, on a screen that is drawn quickly."""
    with _replay(path, environ, columns=100, rows=30) as terminal:
        for text in typed:
            _press(terminal, b"i" + _PASTE % as_typed(text), b"\r", _ESCAPE, b"i" + _ERASE)
        return _left(terminal)


def as_typed(text: str) -> bytes:
    """Return what a terminal lets a person paste of a text: xterm and its kin drop ESC."""
    return text.encode("utf-8", "replace").replace(b"\x1b", b"")


def through_screen(texts: Sequence[str]) -> tuple[int, int]:
    """Return how many control functions the screen leaks, and how many bytes it wrote."""
    found = written_bytes = 0
    with tempfile.TemporaryDirectory() as place:
        environ = directories(Path(place))
        path = Path(place, "run.jsonl")
        own: list[list[bytes]] = []
        for start in range(0, len(texts), PER_RUN):
            some = texts[start : start + PER_RUN]
            if not own:
                harmless = [re.sub(r"[^\n]", "x", text) for text in some]
                own = [switched(written) for written in _sittings(harmless, path, environ)]
            for written, switches in zip(_sittings(some, path, environ), own, strict=True):
                assert _ESCAPE_SHOWN in written, "none of it was shown"
                foreign = foreign_to_screen(written)
                for sequence in foreign:
                    print(f"  {sequence[:60]!r}")
                found += len(foreign) + (switched(written) != switches)
                written_bytes += len(written)
    return found, written_bytes


def _sittings(texts: Sequence[str], path: Path, environ: dict[str, str]) -> tuple[bytes, bytes]:
    write_run(texts, path)
    return looked_through(path, environ), typed_into(path, _commands(texts), environ)


def _commands(texts: Sequence[str]) -> list[str]:
    """Return lines for the prompt with a text in each place that takes one."""
    forms = ("{}", "/{}", "/theme {}", "/open {}", "/sources {}", "!{} x={}", "@{}")
    return [forms[at % len(forms)].replace("{}", text) for at, text in enumerate(texts)]


def directories(place: Path) -> dict[str, str]:
    """Return an environment whose program keeps everything below `place`."""
    kinds = ("CONFIG", "DATA", "STATE", "CACHE")
    own = {f"TOOLLAMA_{kind}_DIR": str(place / kind.lower()) for kind in kinds}
    return {**os.environ, **own, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}


@contextmanager
def _replay(path: Path, environ: dict[str, str], *, columns: int, rows: int) -> Iterator[Terminal]:
    command = [*TOOLLAMA, "tui", "--replay", str(path), "--speed", "0"]
    with Terminal(command, environ=environ, columns=columns, rows=rows, seen=False) as terminal:
        terminal.until(lambda: _PLACEHOLDER in terminal.written)
        terminal.quiet()
        yield terminal


def _left(terminal: Terminal) -> bytes:
    terminal.type(_LEAVE)
    code = terminal.finish(within_s=150)
    assert code == 0, terminal.written[-2000:]
    return terminal.written


def _press(terminal: Terminal, *keys: bytes) -> None:
    for key in keys:
        terminal.type(key)
        terminal.quiet(for_s=0.12, within_s=5)
