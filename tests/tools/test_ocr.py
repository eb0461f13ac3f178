import os
import stat
from pathlib import Path

import pytest

from tests.tools.answering import answered, best, refused
from toollama.tools.builtin.code_runner import TOOL as CODE_RUNNER
from toollama.tools.builtin.image_describe import TOOL as IMAGE_DESCRIBE
from toollama.tools.builtin.ocr import TOOL
from toollama.tools.run import AnyTool


@pytest.fixture
def tesseract(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program called tesseract on the path that prints its arguments and its input."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\n[ "$4" = xxx ] && echo "no xxx" >&2 && exit 1\necho "$@"; cat\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.mark.usefixtures("tesseract")
async def test_the_picture_goes_in_by_standard_input(tmp_path: Path) -> None:
    picture = tmp_path / "-scan.png"
    picture.write_bytes(b"TOTAL 4.20")
    result = await answered(TOOL, {"path": str(picture)}, output=tmp_path)
    assert result.statements == ("-scan.png reads: stdin stdout -l eng TOTAL 4.20",)
    assert result.sources[0].private


@pytest.mark.usefixtures("tesseract")
async def test_what_tesseract_cannot_read_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "scan.png").write_bytes(b"x")
    arguments = {"path": str(tmp_path / "scan.png"), "language": "xxx"}
    assert "no xxx" in (await refused(TOOL, arguments, output=tmp_path)).message


async def test_without_tesseract_the_failure_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    failure = await refused(TOOL, {"path": "scan.png"}, output=tmp_path)
    assert failure.kind == "unavailable"
    assert "apt install tesseract-ocr" in failure.fix


async def test_a_language_is_letters_alone(tmp_path: Path) -> None:
    failure = await refused(TOOL, {"path": "a.png", "language": "--help"}, output=tmp_path)
    assert failure.kind == "invalid_input"


def test_a_request_names_the_picture() -> None:
    assert best(TOOL, "read the text in scan.png") == {"path": "scan.png"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [(IMAGE_DESCRIBE, {"path": "a.png"}), (CODE_RUNNER, {"code": "print(1)"})],
)
async def test_a_tool_that_is_off_says_why_and_does_nothing(
    tool: AnyTool, arguments: dict[str, str], tmp_path: Path
) -> None:
    failure = await refused(tool, arguments, output=tmp_path)
    assert tool.spec.off
    assert tool.spec.off in failure.message
