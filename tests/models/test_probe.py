from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny_gguf import write_tiny_gguf
from toollama.models.examination import ITEMS
from toollama.models.gguf import read_header
from toollama.models.probe import ProbeResult, recall, remember, tier


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (135e6, "T0"),
        (0.4e9, "T1"),
        (3.2e9, "T1"),
        (7.2e9, "T2"),
        (14.8e9, "T2"),
        (22.2e9, "T3"),
    ],
)
def test_the_tier_follows_the_parameter_count(
    tmp_path: Path, parameters: float, expected: str
) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "tiny.gguf", layers=1))
    assert tier(replace(header, parameters=int(parameters))) == expected


def probed(passed: int) -> ProbeResult:
    names = [item.name for item in ITEMS]
    return ProbeResult(passed=tuple(names[:passed]), failed=tuple(names[passed:]))


@pytest.mark.parametrize(
    ("parameters", "passed", "expected"),
    [
        pytest.param(0.494e9, 4, "T1", id="a score that goes with the size"),
        pytest.param(0.494e9, 3, "T0", id="a low score lowers"),
        pytest.param(22.2e9, 0, "T0", id="it lowers as far as the score says"),
        pytest.param(1.5e9, 6, "T2", id="a high score raises"),
        pytest.param(0.135e9, 8, "T1", id="but by one step only"),
        pytest.param(22.2e9, 8, "T3", id="the highest tier stays"),
    ],
)
def test_a_probe_corrects_the_tier_that_the_size_gives(
    tmp_path: Path, parameters: float, passed: int, expected: str
) -> None:
    header = read_header(write_tiny_gguf(tmp_path / "tiny.gguf", layers=1))
    assert tier(replace(header, parameters=int(parameters)), cached=probed(passed)) == expected


def test_a_result_is_recalled_without_reading_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=1)
    assert recall(path) is None
    kept = remember(path, passed=["json"], failed=["order"])
    monkeypatch.setattr("hashlib.file_digest", None)
    assert recall(path) == kept


def test_a_changed_file_has_no_result(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=1)
    remember(path, passed=["json"], failed=[])
    write_tiny_gguf(path, layers=2)
    assert recall(path) is None


def test_a_damaged_result_counts_as_none(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf", layers=1)
    remember(path, passed=["json"], failed=[])
    (result,) = (tmp_path / "cache" / "probes").glob("*.json")
    result.write_bytes(b'{"edition": 2}')
    assert recall(path) is None
