"""`toollama models pull`, `verify` and `rm`, with files from a loopback server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli, Terminal
from tests.hub_double import Fault, HubDouble, serving
from tests.tiny_gguf import write_tiny_gguf
from toollama import paths
from toollama.cli.pull import Meter, progress_line
from toollama.clock import FixedClock


@pytest.fixture
def double(monkeypatch: pytest.MonkeyPatch) -> Iterator[HubDouble]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with serving() as server:
        yield server


@pytest.fixture
def model(tmp_path: Path) -> bytes:
    return write_tiny_gguf(tmp_path / "source.gguf").read_bytes()


@pytest.fixture
def url(double: HubDouble, model: bytes) -> str:
    return double.put("/files/tiny.gguf", model)


def _wait_until(holds: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def _states(cli: Cli, *names: str) -> dict[str, str]:
    rows = [line.split("\t") for line in cli("models", "verify", *names).out.splitlines()]
    return {row[0]: row[1] for row in rows}


def test_a_pulled_url_is_a_model_with_a_digest_and_a_source(cli: Cli, url: str) -> None:
    done = cli("models", "pull", url)
    assert (done.code, done.out) == (0, "tiny\n")
    recorded = paths.user_models_toml().read_text()
    assert f'source = "{url}"' in recorded
    assert "sha256" in recorded
    assert _states(cli, "tiny") == {"tiny": "ok"}


def test_a_pulled_model_is_pulled_again_by_its_name(
    cli: Cli, url: str, double: HubDouble, model: bytes
) -> None:
    cli("models", "pull", url, "--name", "mine")
    (paths.models_dir() / "tiny.gguf").unlink()
    assert cli("models", "pull", "mine").code == 0
    assert (paths.models_dir() / "tiny.gguf").read_bytes() == model


def test_pulling_twice_is_no_fault(cli: Cli, url: str, double: HubDouble) -> None:
    assert [cli("models", "pull", url).code for _ in range(2)] == [0, 0]
    assert len(double.gets("/files/tiny.gguf")) == 1


def test_a_hub_file_is_pulled_with_the_users_own_hub_settings(
    double: HubDouble, model: bytes, tmp_path: Path
) -> None:
    path = double.put_hub("owner/repo", "tiny.gguf", model)
    done = subprocess.run(
        [sys.executable, "-m", "toollama", "models", "pull", "hf:owner/repo/tiny.gguf", "--json"],
        env={
            **os.environ,
            "HF_ENDPOINT": double.url,
            "HF_HOME": str(tmp_path / "hub-home"),
            "HF_TOKEN": "hf_test",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert from_json(done.stdout)["file"].startswith(str(tmp_path / "hub-home/hub"))
    assert double.gets(path)[0].headers["authorization"] == "Bearer hf_test"


def test_ctrl_c_is_code_130_and_keeps_what_arrived(url: str, double: HubDouble) -> None:
    double.fail("/files/tiny.gguf", Fault(stall_at=100_000))
    pulling = subprocess.Popen(
        [sys.executable, "-m", "toollama", "models", "pull", url],
        stderr=subprocess.PIPE,
        text=True,
    )
    part = paths.models_dir() / "tiny.gguf.part"
    _wait_until(lambda: part.exists() and part.stat().st_size == 100_000)
    pulling.send_signal(signal.SIGINT)
    _, told = pulling.communicate(timeout=20)
    assert (pulling.returncode, part.stat().st_size) == (130, 100_000)
    assert told == f"stopped; to go on: toollama models pull {url}\n"


def test_a_taken_name_is_refused_before_anything_is_fetched(
    cli: Cli, url: str, double: HubDouble
) -> None:
    done = cli("models", "pull", url, "--name", "mistral-7b")
    assert (done.code, double.received) == (2, [])


def test_a_name_that_cannot_be_is_refused_before_anything_is_fetched(
    cli: Cli, url: str, double: HubDouble
) -> None:
    done = cli("models", "pull", url, "--name", "no name")
    assert (done.code, double.received) == (2, [])
    assert "no-name" in done.err


def test_a_model_without_a_source_cannot_be_pulled(cli: Cli) -> None:
    assert cli("models", "pull", "smollm2-135m").code == 2


def test_offline_mode_fetches_nothing(
    cli: Cli, url: str, double: HubDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLLAMA_OFFLINE", "1")
    assert (cli("models", "pull", url).code, double.received) == (5, [])


def test_a_page_in_place_of_a_model_is_code_3_and_one_line(
    cli: Cli, url: str, double: HubDouble
) -> None:
    double.fail("/files/tiny.gguf", Fault(body=b"<html>"))
    done = cli("models", "pull", url)
    assert (done.code, done.err.count("\n"), done.out) == (3, 1, "")
    assert "tiny.gguf.bad" in done.err


def test_a_damaged_file_is_bad_and_code_3(cli: Cli, url: str) -> None:
    cli("models", "pull", url)
    file = paths.models_dir() / "tiny.gguf"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    done = cli("models", "verify", "tiny")
    assert (done.code, done.out.split("\t")[1]) == (3, "bad")


def test_verify_tells_missing_and_unknown_from_bad(cli: Cli, tmp_path: Path, model: bytes) -> None:
    paths.user_models_toml().parent.mkdir(parents=True)
    paths.user_models_toml().write_text(f'[models.u]\nfile = "{tmp_path}/source.gguf"\n')
    assert _states(cli, "u", "mistral-7b") == {"u": "unknown", "mistral-7b": "missing"}


def test_verify_fails_only_for_a_missing_model_that_was_named(cli: Cli) -> None:
    assert cli("models", "verify", "mistral-7b").code == 3
    assert cli("models", "verify").code == 0


def test_rm_deletes_the_file_and_the_entry(cli: Cli, url: str) -> None:
    cli("models", "pull", url)
    assert cli("models", "rm", "tiny", "--yes").code == 0
    assert not (paths.models_dir() / "tiny.gguf").exists()
    assert cli("models", "verify", "tiny").code == 2


def test_rm_asks_where_nobody_can_answer_and_changes_nothing(cli: Cli, url: str) -> None:
    cli("models", "pull", url)
    assert cli("models", "rm", "tiny").code == 4
    assert (paths.models_dir() / "tiny.gguf").exists()


def test_rm_of_an_added_model_leaves_its_file(cli: Cli, tmp_path: Path, model: bytes) -> None:
    file = tmp_path / "source.gguf"
    cli("models", "add", str(file), "--name", "mine")
    assert cli("models", "rm", "mine", "--yes").code == 0
    assert file.exists()
    assert cli("models", "info", "mine").code == 2


def test_rm_of_a_packaged_model_is_refused(cli: Cli) -> None:
    assert cli("models", "rm", "smollm2-135m", "--yes").code == 2


def test_progress_names_share_speed_and_time_left() -> None:
    line = progress_line("m", 250_000_000, 1_000_000_000, bytes_per_s=10e6)
    assert line == "m  [#####...............]  25%  250/1000 MB  10.0 MB/s  75 s left"


def test_progress_without_a_known_size_names_bytes_and_speed() -> None:
    assert progress_line("m", 5_000_000, None, bytes_per_s=1e6) == "m  5 MB  1.0 MB/s"


def test_a_pipe_gets_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str]) -> None:
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    meter = Meter("m", clock)
    for _ in range(25):
        clock.advance(1.0)
        meter(1, 100)
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_terminal_gets_a_line_that_is_redrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm")
    clock = FixedClock(datetime(2026, 1, 1, tzinfo=UTC))
    meter = Meter("m", clock)
    clock.advance(1.0)
    meter(1, 100)
    assert stderr.getvalue().startswith("\r")
    assert "\n" not in stderr.getvalue()
