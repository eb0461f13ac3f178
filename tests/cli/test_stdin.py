"""What stdin and `-f` add to a request."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.harness import Cli
from toollama.cli import out, stdin
from toollama.errors import InputError

Feed = Callable[[bytes], None]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Feed]:
    """Make stdin a pipe that holds the given bytes and is then closed."""
    read_end, write_end = os.pipe()

    def feed(content: bytes) -> None:
        def write() -> None:
            with os.fdopen(write_end, "wb") as sink:
                sink.write(content)

        threading.Thread(target=write).start()

    with os.fdopen(read_end) as source:
        monkeypatch.setattr(sys, "stdin", source)
        yield feed


def test_piped_text_beside_words_is_attached(pipe: Feed) -> None:
    pipe("é\n".encode())
    prompt, (attached,) = stdin.request(["review", "this"], [], wanted=None)
    assert prompt == "review this"
    assert (attached.name, attached.path, attached.text) == ("stdin", None, "é\n")


def test_piped_text_alone_is_the_prompt(pipe: Feed) -> None:
    pipe(b"capital of France?\n")
    assert stdin.request([], [], wanted=None) == ("capital of France?", ())


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_pipe_adds_nothing(pipe: Feed, content: bytes) -> None:
    pipe(content)
    assert stdin.request(["x"], [], wanted=None) == ("x", ())


def test_no_words_and_nothing_on_stdin_is_an_empty_prompt(pipe: Feed) -> None:
    pipe(b"")
    with pytest.raises(InputError, match="the prompt is empty"):
        stdin.request([], [], wanted=None)


def test_no_stdin_leaves_the_pipe_alone(pipe: Feed) -> None:
    pipe(b"text")
    assert stdin.request(["x"], [], wanted=False) == ("x", ())
    assert os.read(sys.stdin.fileno(), 4) == b"text"


def test_a_regular_file_on_stdin_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("from a file")
    with (tmp_path / "in").open() as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert stdin.request([], [], wanted=None) == ("from a file", ())


def test_the_null_device_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert stdin.request(["x"], [], wanted=None) == ("x", ())


def test_a_terminal_on_stdin_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = os.openpty()
    os.write(controller, b"typed\n")
    with os.fdopen(terminal) as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert stdin.request(["x"], [], wanted=None) == ("x", ())
    os.close(controller)


def test_a_closed_stdin_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert stdin.request(["x"], [], wanted=True) == ("x", ())


def test_dash_attaches_stdin_as_a_file(pipe: Feed) -> None:
    pipe(b"a,b\n")
    prompt, (attached,) = stdin.request(["sum"], ["-"], wanted=None)
    assert (prompt, attached.name, attached.text) == ("sum", "stdin", "a,b\n")


def test_dash_does_not_become_the_prompt(pipe: Feed) -> None:
    pipe(b"a,b\n")
    with pytest.raises(InputError, match="the prompt is empty"):
        stdin.request([], ["-"], wanted=None)


def test_dash_with_an_empty_stdin_is_refused(pipe: Feed) -> None:
    pipe(b"")
    with pytest.raises(InputError, match="stdin is empty"):
        stdin.request(["x"], ["-"], wanted=None)


def test_binary_on_stdin_is_refused(pipe: Feed) -> None:
    pipe(b"\x7fELF\x00\x01")
    with pytest.raises(InputError, match="binary"):
        stdin.request(["x"], [], wanted=None)


def test_bytes_outside_utf_8_are_replaced_and_a_bom_is_dropped(pipe: Feed) -> None:
    pipe(b"\xef\xbb\xbfcaf\xe9")
    assert stdin.request([], [], wanted=None)[0] == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_two_mebibytes_are_the_most_that_is_read(pipe: Feed, extra: int, fits: bool) -> None:
    pipe(b"a" * (stdin.MAX_BYTES + extra))
    if fits:
        assert len(stdin.request([], [], wanted=None)[0]) == stdin.MAX_BYTES
    else:
        with pytest.raises(InputError, match="larger than 2 MiB"):
            stdin.request([], [], wanted=None)
        os.read(sys.stdin.fileno(), 1 << 16)


def test_a_silent_pipe_is_explained_to_the_person_who_waits(
    pipe: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []

    def take_note(text: str) -> None:
        notes.append(text)
        pipe(b"late")

    monkeypatch.setattr(stdin, "HINT_AFTER_S", 0.0)
    monkeypatch.setattr(out, "is_terminal", lambda _stream: True)
    monkeypatch.setattr(out, "note", take_note)
    _, (attached,) = stdin.request(["x"], [], wanted=None)
    assert attached.text == "late"
    assert "--no-stdin" in notes[0]


def test_a_pipe_named_as_a_file_is_read_on_the_spot(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    threading.Thread(target=fifo.write_text, args=("diff",)).start()
    attached = stdin.attach(str(fifo))
    assert (attached.path, attached.text) == (None, "diff")


def test_a_missing_file_and_a_folder_are_refused_before_anything_loads(
    cli: Cli, tmp_path: Path
) -> None:
    missing = cli("ask", "-f", str(tmp_path / "gone"), "x")
    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert "No such file" in missing.err
    assert "Is a directory" in cli("ask", "-f", str(tmp_path), "x").err


def test_words_with_undecodable_bytes_become_storable_text() -> None:
    prompt, _ = stdin.request(["caf\udce9"], [], wanted=False)
    assert prompt == "caf\N{REPLACEMENT CHARACTER}"
