from pathlib import Path

import pytest

from toollama.models.ladder import Budget
from toollama.models.llama import devices
from toollama.models.llama.devices import Device, available_ram_bytes, budget, list_devices

GIB = 1 << 30
MIB = 1 << 20
CPU = Device("CPU", "cpu", free_bytes=20 * GIB, total_bytes=32 * GIB)
GPU = Device("CUDA0", "gpu", free_bytes=8 * GIB, total_bytes=12 * GIB)


@pytest.fixture(autouse=True)
def _available(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meminfo = tmp_path / "meminfo"
    meminfo.write_text(f"MemTotal: 1 kB\nMemAvailable: {10 * GIB // 1024} kB\n")
    monkeypatch.setattr(devices, "_MEMINFO", meminfo)
    monkeypatch.setattr("sys.platform", "linux")


def test_the_processor_is_among_the_devices_of_this_machine() -> None:
    pytest.importorskip("llama_cpp")
    found = [device for device in list_devices() if device.kind == "cpu"]
    assert found
    assert 0 < found[0].free_bytes <= found[0].total_bytes


def test_without_the_library_there_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_library", lambda: None)
    assert list_devices() == ()


def test_a_gpu_gives_what_is_free_less_half_a_gib() -> None:
    assert budget([CPU, GPU]) == Budget(gpu_bytes=8 * GIB - 512 * MIB, cpu_bytes=7 * GIB)


def test_what_our_own_models_hold_is_part_of_the_budget() -> None:
    assert budget([GPU], held_gpu_bytes=3 * GIB).gpu_bytes == 11 * GIB - 512 * MIB


def test_a_full_gpu_gives_nothing_and_never_less() -> None:
    full = Device("CUDA0", "gpu", free_bytes=100 * MIB, total_bytes=12 * GIB)
    assert budget([full]).gpu_bytes == 0


def test_without_a_gpu_the_budget_is_70_percent_of_the_available_memory() -> None:
    assert budget([CPU]) == Budget(cpu_bytes=7 * GIB)


def test_vram_stands_for_the_device_that_models_go_to() -> None:
    assert budget([CPU, GPU], vram_bytes=4 * GIB).gpu_bytes == 4 * GIB
    assert budget([CPU], vram_bytes=4 * GIB) == Budget(cpu_bytes=4 * GIB)


def test_a_gpu_that_must_not_be_used_is_not_in_the_budget() -> None:
    assert budget([CPU, GPU], use_gpu=False) == Budget(cpu_bytes=7 * GIB)


def test_where_the_system_does_not_tell_ggml_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert available_ram_bytes([GPU, CPU]) == 20 * GIB
    assert available_ram_bytes([]) is None
