"""What completes a file's name behind `@`."""

from pathlib import Path

import pytest

from toollama.host import file_names
from toollama.host.file_names import rest_of_mention


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("orders.csv", "organs.txt", "my notes.md", ".hidden", "bad\x1b[2Jname", "two\nl"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "deep.txt").touch()
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("@ord", "ers.csv"),
        ("what is in @or", "ders.csv"),
        ("@orders.csv", ""),
        ("@su", "b/"),
        ("@sub/", "deep.txt"),
        ('@"my', ' notes.md"'),
        ("@my", ""),
        ("@.h", "idden"),
        ("@bad", ""),
        ("@two", ""),
        ("@none/", ""),
        ("@nu\0l", ""),
        ("mail me@or", ""),
        ("@orders.csv and", ""),
        ("", ""),
    ],
)
def test_the_first_name_that_can_be_typed_completes_a_mention(text: str, rest: str) -> None:
    assert rest_of_mention(text) == rest


def test_a_huge_folder_is_looked_at_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_names, "MOST_ENTRIES", 0)
    assert rest_of_mention("@ord") == ""
