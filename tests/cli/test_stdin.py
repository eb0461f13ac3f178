"""What stdin and `-f` add to a request."""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import Cli
from toollama.agents.messages import Attached
from toollama.cli import attachments, out, stdin
from toollama.errors import InputError

Feed = Callable[[bytes], None]


def request(
    words: Sequence[str], files: Sequence[str], **intake: Any
) -> tuple[str, tuple[Attached, ...]]:
    return stdin.request(words, files, stdin.Intake(**intake), attach=attachments.attach)


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
    prompt, (attached,) = request(["review", "this"], [])
    assert prompt == "review this"
    assert (attached.name, attached.path, attached.text) == ("stdin", None, "é\n")


def test_piped_text_alone_is_the_prompt(pipe: Feed) -> None:
    pipe(b"capital of France?\n")
    assert request([], []) == ("capital of France?", ())


@pytest.mark.parametrize("content", [b"", b" \n\n"])
def test_an_empty_pipe_adds_nothing(pipe: Feed, content: bytes) -> None:
    pipe(content)
    assert request(["x"], []) == ("x", ())


def test_no_words_and_nothing_on_stdin_is_an_empty_prompt(pipe: Feed) -> None:
    pipe(b"")
    with pytest.raises(InputError, match="the prompt is empty"):
        request([], [])


def test_no_stdin_leaves_the_pipe_alone(pipe: Feed) -> None:
    pipe(b"text")
    assert request(["x"], [], wanted=False) == ("x", ())
    assert os.read(sys.stdin.fileno(), 4) == b"text"


def test_a_regular_file_on_stdin_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "in").write_text("from a file")
    with (tmp_path / "in").open() as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert request([], []) == ("from a file", ())


def test_the_null_device_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert request(["x"], []) == ("x", ())


def test_a_terminal_on_stdin_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = os.openpty()
    os.write(controller, b"typed\n")
    with os.fdopen(terminal) as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert request(["x"], []) == ("x", ())
    os.close(controller)


def test_a_closed_stdin_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert request(["x"], [], wanted=True) == ("x", ())


def test_dash_attaches_stdin_as_a_file(pipe: Feed) -> None:
    pipe(b"a,b\n")
    prompt, (attached,) = request(["sum"], ["-"])
    assert (prompt, attached.name, attached.text) == ("sum", "stdin", "a,b\n")


def test_dash_does_not_become_the_prompt(pipe: Feed) -> None:
    pipe(b"a,b\n")
    with pytest.raises(InputError, match="the prompt is empty"):
        request([], ["-"])


def test_dash_with_an_empty_stdin_is_refused(pipe: Feed) -> None:
    pipe(b"")
    with pytest.raises(InputError, match="stdin is empty"):
        request(["x"], ["-"])


def test_binary_on_stdin_is_refused(pipe: Feed) -> None:
    pipe(b"\x7fELF\x00\x01")
    with pytest.raises(InputError, match="binary"):
        request(["x"], [])


def test_bytes_outside_utf_8_are_replaced_and_a_bom_is_dropped(pipe: Feed) -> None:
    pipe(b"\xef\xbb\xbfcaf\xe9")
    assert request([], [])[0] == "caf\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize(("extra", "fits"), [(0, True), (1, False)])
def test_two_mebibytes_are_the_most_that_is_read(pipe: Feed, extra: int, fits: bool) -> None:
    pipe(b"a" * (stdin.MAX_BYTES + extra))
    if fits:
        assert len(request([], [])[0]) == stdin.MAX_BYTES
    else:
        with pytest.raises(InputError, match="larger than 2 MiB"):
            request([], [])
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
    _, (attached,) = request(["x"], [])
    assert attached.text == "late"
    assert "--no-stdin" in notes[0]


def test_a_pipe_named_as_a_file_is_read_on_the_spot(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    threading.Thread(target=fifo.write_text, args=("diff",)).start()
    attached = attachments.attach([str(fifo)])[0]
    assert (attached.path, attached.text) == (None, "diff")


def test_a_missing_file_and_an_empty_folder_are_refused_before_anything_loads(
    cli: Cli, tmp_path: Path
) -> None:
    missing = cli("ask", "-f", str(tmp_path / "gone"), "x")
    assert (missing.code, missing.err.count("\n")) == (2, 1)
    assert "No such file" in missing.err
    (tmp_path / "empty").mkdir()
    assert "no files in this directory" in cli("ask", "-f", str(tmp_path / "empty"), "x").err


def test_words_with_undecodable_bytes_become_storable_text() -> None:
    prompt, _ = request(["caf\udce9"], [], wanted=False)
    assert prompt == "caf\N{REPLACEMENT CHARACTER}"


def test_the_time_a_pipe_is_silent_is_used_once(
    pipe: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdin, "HINT_AFTER_S", 0.0)
    used: list[str] = []

    def use() -> None:
        used.append("once")
        pipe(b"late")

    assert request(["x"], [], on_silence=use)[1][0].text == "late"
    assert used == ["once"]


def test_a_pipe_with_text_in_it_leaves_no_time_to_use(pipe: Feed) -> None:
    pipe(b"here")
    request(["x"], [], on_silence=lambda: pytest.fail("there was no silence"))


def test_a_pipe_silent_for_too_long_is_given_up(pipe: Feed) -> None:
    with pytest.raises(InputError, match=r"silent for 0\.01 s"):
        request(["x"], [], timeout_s=0.01)
    pipe(b"")


def test_max_stdin_bounds_what_is_read(pipe: Feed) -> None:
    pipe(b"abcdef")
    with pytest.raises(InputError, match="larger than"):
        request(["x"], [], max_bytes=5)


def test_a_directory_attaches_its_files_and_no_hidden_ones(tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt", ".hidden", "sub/c.txt", ".git/config"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = attachments.attach([str(tmp_path)])
    assert [Path(each.name).name for each in found] == ["a.txt", "b.txt", "c.txt"]


def test_a_glob_reaches_into_directories(tmp_path: Path) -> None:
    for name in ("one.py", "sub/two.py", "sub/three.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = attachments.attach([f"{tmp_path}/**/*.py"])
    assert [Path(each.name).name for each in found] == ["one.py", "two.py"]


def test_a_file_with_a_star_in_its_name_is_itself(tmp_path: Path) -> None:
    (tmp_path / "a*").write_text("x")
    (tmp_path / "ab").write_text("x")
    assert [each.name for each in attachments.attach([f"{tmp_path}/a*"])] == [f"{tmp_path}/a*"]


@pytest.mark.parametrize("name", ["{}/*.none", "{}/gone", "https://"])
def test_what_names_nothing_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="-f "):
        attachments.attach([name.format(tmp_path)])


def test_too_many_files_are_refused_before_they_are_all_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "MAX_FILES", 3)
    for number in range(5):
        (tmp_path / str(number)).write_text("x")
    with pytest.raises(InputError, match="more than 3 files"):
        attachments.attach([str(tmp_path)])


def test_last_without_an_answer_on_this_terminal_is_refused(cli: Cli) -> None:
    done = cli("ask", "-f", "@last", "shorter")
    assert (done.code, "nothing was answered on this terminal" in done.err) == (2, True)
