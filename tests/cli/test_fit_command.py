from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.tiny_gguf import write_tiny_gguf
from toollama.models.llama import devices
from toollama.models.llama.devices import Device

GIB = 1 << 30
CPU = Device("CPU", "cpu", free_bytes=8 * GIB, total_bytes=16 * GIB)
GPU = Device("CUDA0", "gpu", free_bytes=2 * GIB, total_bytes=4 * GIB)


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_devices", lambda: (CPU, GPU))
    monkeypatch.setattr(devices, "available_ram_bytes", lambda _devices: 8 * GIB)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf")


def test_a_small_model_fits_with_all_its_layers(cli: Cli, tiny: Path) -> None:
    done = cli("models", "fit", str(tiny))
    assert (done.code, done.out.split("\t")[:5]) == (0, ["tiny", "yes", "512", "512", "3/3"])


def test_a_chosen_context_is_kept(cli: Cli, tiny: Path) -> None:
    done = cli("models", "fit", str(tiny), "--ctx", "300", "--json")
    assert from_json(done.out)["models"][0]["context_tokens"] == 300


def test_a_model_beyond_the_gpu_goes_to_the_processor(cli: Cli, tiny: Path) -> None:
    done = cli("models", "fit", str(tiny), "--vram", "100kB", "--json")
    (model,) = from_json(done.out)["models"]
    assert (model["fits"], model["gpu_layers"]) == (True, 0)


def test_a_model_that_does_not_fit_is_said_so_with_code_3(
    cli: Cli, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "list_devices", lambda: (CPU,))
    done = cli("models", "fit", str(tiny), "--vram", "100kB")
    assert (done.code, done.out) == (3, "tiny\tno\t\t\t\t\t\n")
    assert "the budget is 0 MiB of main memory" in done.err


def test_models_that_stay_resident_together_are_named(cli: Cli, tmp_path: Path) -> None:
    files = [str(write_tiny_gguf(tmp_path / f"m{n}.gguf", seed=n)) for n in range(3)]
    one = from_json(cli("models", "fit", files[0], "--json").out)["models"][0]["gpu_bytes"]
    done = cli("models", "fit", *files, "--vram", str(2 * one))
    assert (done.code, done.err) == (0, "resident together: m0, m1\n")


def test_an_unreadable_size_is_a_usage_error(cli: Cli, tiny: Path) -> None:
    assert cli("models", "fit", str(tiny), "--vram", "much").code == 2
