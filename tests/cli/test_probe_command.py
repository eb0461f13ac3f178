from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.tiny_gguf import write_tiny_gguf
from toollama.models import lock, probe
from toollama.models.examination import ITEMS


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pytest.importorskip("llama_cpp")
    monkeypatch.setenv("TOOLLAMA_THREADS", "1")
    return write_tiny_gguf(tmp_path / "tiny.gguf", context=2048)


def test_a_model_of_noise_passes_nothing_that_it_must_write_itself(cli: Cli, tiny: Path) -> None:
    done = cli("models", "probe", str(tiny), "--json")
    shown = from_json(done.out)
    assert (done.code, shown["tier"], shown["roles"]) == (0, "T0", ["drummer"])
    passed = {mark["item"] for mark in shown["items"] if mark["passed"]}
    assert passed <= {"enum", "restraint", "order"}
    kept = probe.recall(tiny)
    assert kept is not None
    assert len(kept.passed) + len(kept.failed) == len(ITEMS)


def test_a_probe_owns_the_gpu_while_it_runs(
    cli: Cli, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(lock.FORCE_VARIABLE, "always")
    assert cli("models", "probe", str(tiny)).code == 0


def test_a_probe_waits_for_nobody_who_has_the_gpu(
    cli: Cli, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(lock.FORCE_VARIABLE, "always")
    with lock.hold(wait=False):
        done = cli("models", "probe", str(tiny))
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[model.busy]")
