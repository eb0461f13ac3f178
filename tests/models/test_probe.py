from dataclasses import replace
from pathlib import Path

import pytest

from tests.tiny_gguf import write_tiny_gguf
from toollama.models.gguf import read_header
from toollama.models.probe import tier


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
