import os

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from toollama.models import lock
from toollama.models.llama import devices
from toollama.models.llama.devices import Device

GIB = 1 << 30


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = Device("CUDA0", "gpu", 2 * GIB, 4 * GIB, description="A card\x1b[31m")
    monkeypatch.setattr(devices, "list_devices", lambda: (gpu,))


def test_devices_are_listed_with_their_memory_and_harmless_names(cli: Cli) -> None:
    done = cli("models", "ps")
    assert done.out == "CUDA0\tgpu\t2.00 GiB\t4.00 GiB\tA card\N{SYMBOL FOR ESCAPE}[31m\n"
    assert done.err == "no process holds the GPU\n"


def test_the_holder_of_the_gpu_is_named(cli: Cli) -> None:
    with lock.hold(wait=False):
        shown = from_json(cli("models", "ps", "--json").out)
    assert shown["holder"]["pid"] == os.getpid()


def test_without_llama_cpp_it_says_so(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "list_devices", tuple)
    assert "llama-cpp-python is not installed" in cli("models", "ps").err
