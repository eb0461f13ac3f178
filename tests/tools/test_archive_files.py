import zipfile
from pathlib import Path

import pytest

from tests.tools.answering import OFFLINE, best, refused
from toollama.policy import Effect
from toollama.tools.base import ToolFailure
from toollama.tools.builtin.archive_files import TOOL
from toollama.tools.reading.archives import pack


def names_in(directory: Path) -> list[str]:
    return [path.name for path in directory.iterdir()]


def test_an_archive_holds_every_file_under_its_bare_name(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "n.txt", tmp_path / "b" / "n.txt"
    for path, text in ((first, "one"), (second, "two")):
        path.parent.mkdir()
        path.write_text(text)
    archive = tmp_path / "out" / "all.zip"
    assert pack([first, second], archive) == archive.stat().st_size
    with zipfile.ZipFile(archive) as packed:
        read = {name: packed.read(name) for name in packed.namelist()}
    assert read == {"n.txt": b"one", "n-2.txt": b"two"}


def test_an_archive_that_exists_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "n.txt").write_text("one")
    (tmp_path / "all.zip").write_text("mine")
    with pytest.raises(ToolFailure, match="already exists"):
        pack([tmp_path / "n.txt"], tmp_path / "all.zip")
    assert (tmp_path / "all.zip").read_text() == "mine"


async def test_a_file_that_is_missing_leaves_no_archive(tmp_path: Path) -> None:
    arguments = {"files": [str(tmp_path / "none.txt")]}
    assert (await refused(TOOL, arguments, output=tmp_path)).kind == "not_found"
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("name", ["../up.zip", "a/b.zip", "notes.tar"])
async def test_an_archive_is_a_zip_in_the_output_directory(name: str, tmp_path: Path) -> None:
    failure = await refused(TOOL, {"files": ["a"], "archive": name}, output=tmp_path)
    assert failure.kind == "invalid_input"


def test_what_is_read_and_written_is_named_for_the_policy() -> None:
    args = TOOL.spec.parameters.model_validate({"files": ["a.txt"], "archive": "x.zip"})
    read, written = TOOL.touches(args, OFFLINE)
    assert [path.name for path in (*read, *written)] == ["a.txt", "x.zip"]
    assert TOOL.spec.effects == {Effect.READ_PRIVATE, Effect.WRITE_LOCAL}


def test_a_request_names_files_and_archive() -> None:
    found = best(TOOL, "pack notes.md and plan.md into bundle.zip")
    assert found == {"files": ("notes.md", "plan.md"), "archive": "bundle.zip"}
