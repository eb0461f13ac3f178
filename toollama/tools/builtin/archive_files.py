"""The tool `archive_files`: some files become one ZIP archive in the output directory."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.language.sentences import fit
from toollama.tools.reading.archives import pack
from toollama.tools.reading.files import locate, resolved

_FILE = re.compile(r"(?<!\S)[\"'`]?([^\s\"'`,;:]+\.[A-Za-z0-9]{1,5})[\"'`]?(?=[\s,;.?!]|$)")


class ArchiveArguments(Arguments):
    """Which files, and the archive's name."""

    files: tuple[str, ...] = Field(min_length=1, max_length=100, description="the files to pack")
    archive: str = Field(
        default="archive.zip", pattern=r"^[\w. -]{1,100}\.zip$", description="name ending in .zip"
    )


@dataclass(frozen=True, slots=True)
class Packed:
    """An archive that is safely on disk."""

    path: Path
    size_bytes: int


class ArchiveFiles(Tool[ArchiveArguments, Packed]):
    """Packs files."""

    spec = ToolSpec(
        name="archive_files",
        summary="Pack files into a new ZIP archive.",
        utterances=(
            "zip notes.md and plan.md",
            "make a zip archive of report.docx",
            "pack these files into bundle.zip",
            "compress data.csv",
            "archive the files a.txt and b.txt",
            "put everything into one zip",
            "create docs.zip from readme.md and guide.md",
            "i need a zip of the attached files",
            "bundle photo1.jpg photo2.jpg",
            "zip it up",
            "compress the report for mailing",
            "archive summary.md as backup.zip",
            "turn these documents into an archive",
            "zip file please",
            "pack my csv files",
            "make backup.zip out of notes.txt",
            "zpi report.pdf",
            "collect the files in an archive",
            "shrink log.txt into a zip",
            "one archive with all three files",
        ),
        parameters=ArchiveArguments,
        packs=("drummer.content", "belter.document"),
        effects=frozenset({Effect.READ_PRIVATE, Effect.WRITE_LOCAL}),
        verified_live="local",
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        """Offer the files that are named, else those attached, and the name of an archive."""
        names = list(dict.fromkeys(_FILE.findall(text)))
        files = tuple(name for name in names if not name.lower().endswith(".zip"))
        files = files or tuple(given.name for given in context.attachments if given.path)
        found: dict[str, list[Candidate]] = {}
        if files:
            found["files"] = [Candidate(files, "words", certain=True)]
        archives = [name for name in names if name.lower().endswith(".zip")]
        if archives:
            found["archive"] = [Candidate(archives[0], "words", certain=len(archives) == 1)]
        return found

    def touches(
        self, args: ArchiveArguments, context: ToolContext
    ) -> tuple[list[Path], list[Path]]:
        """Return the files that are read and the archive that is written."""
        return [locate(name, context) for name in args.files], [_target(args, context)]

    async def execute(self, args: ArchiveArguments, context: ToolContext) -> Packed:
        """Pack the files. Raises `ToolFailure`."""
        target = _target(args, context)
        files = [locate(name, context) for name in args.files]
        return Packed(target, await asyncio.to_thread(pack, files, target))

    def format(self, args: ArchiveArguments, raw: Packed, context: ToolContext) -> ToolResult:
        """Return where the archive is."""
        one = len(args.files) == 1
        count = "1 file is" if one else f"{len(args.files)} files are"
        return ToolResult(
            (fit(f"{count} packed in {raw.path} ({raw.size_bytes:,} bytes)."),),
            answer=str(raw.path),
            data={"path": str(raw.path), "bytes": raw.size_bytes, "files": list(args.files)},
            sources=(Source(title=raw.path.name, locator=str(raw.path), private=True),),
        )


def _target(args: ArchiveArguments, context: ToolContext) -> Path:
    return resolved(args.archive, place=context.output_dir)


TOOL = ArchiveFiles()
