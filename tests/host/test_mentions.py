"""`host.mentions`: what stands behind @ is a file, or a word."""

from pathlib import Path

import pytest

from toollama.errors import InputError
from toollama.host.mentions import present


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").write_text("x")


def test_files_folders_patterns_and_addresses_are_present() -> None:
    names = ["notes", ".", "*.md", "https://example.org/page"]
    assert present(names) == names


@pytest.mark.parametrize("name", ["someone", "me@example.org", "...", "x" * 5000])
def test_a_name_of_nothing_that_is_no_path_stays_a_word(name: str) -> None:
    assert present([name, "notes"]) == ["notes"]


@pytest.mark.parametrize("name", ["gone.md", "src/gone", "~nobody/gone"])
def test_a_path_that_leads_nowhere_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is not there"):
        present([name])
