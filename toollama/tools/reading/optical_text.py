"""Read the text in a picture with the program tesseract, where the user has installed it."""

import asyncio
import shutil
from pathlib import Path

from toollama.text import one_line
from toollama.tools.base import ToolFailure
from toollama.tools.reading.files import read_bytes
from toollama.tools.refusal import refusal

INSTALL = "install it first: apt install tesseract-ocr, or brew install tesseract"


def is_installed() -> bool:
    """Return whether the program tesseract is there."""
    return shutil.which("tesseract") is not None


async def text_in_picture(path: Path, *, language: str) -> str:
    """Return the text in a picture file; `language` is tesseract's code, such as `eng`.

    The picture goes in by standard input, so its name can be no option. Raises `ToolFailure`.
    """
    program = shutil.which("tesseract")
    if program is None:
        raise ToolFailure("tesseract is not installed", kind="unavailable", fix=INSTALL)
    body = await asyncio.to_thread(read_bytes, path)
    process = await asyncio.create_subprocess_exec(
        program, "stdin", "stdout", "-l", language,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        out, err = await process.communicate(body)
    except BaseException:
        if process.returncode is None:
            process.kill()
            await process.wait()
        raise
    if process.returncode:
        reason = one_line(err.decode("utf-8", "replace"), 120)
        raise refusal(
            f"tesseract could not read {path.name}: {reason}",
            fix="give a PNG, JPEG or TIFF picture, and a language that tesseract has",
        )
    return out.decode("utf-8", "replace").strip()
