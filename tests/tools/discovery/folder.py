"""Tools of the user's own, as files in their folder."""

from pathlib import Path

from toollama.tools.discovery import sources

CODE = """
from toollama.tools.base import Arguments, Rate, Source, Tool, ToolResult, ToolSpec


class Word(Arguments):
    word: str


class Echo(Tool[Word, None]):
    spec = ToolSpec(
        name="{name}",
        summary="Say a word back.",
        utterances=("echo petrichor",),
        parameters=Word,
        packs=("{pack}",),
        egress={egress},
        hosts=("api.example.org",) if {egress} else (),
        rates=(Rate(5, 60.0),) if {egress} else (),
        credentials={credentials},
        off="{off}",
    )

    async def execute(self, args, context):
        return None

    def format(self, args, raw, context):
        return ToolResult((args.word,), sources=(Source("echo", "local"),))


TOOL = Echo()
"""


def write_tool(
    name: str = "echo",
    *,
    file: str = "mine.py",
    pack: str = "drummer.api",
    egress: bool = False,
    credentials: tuple[str, ...] = (),
    off: str = "",
) -> Path:
    """Write a file that brings one tool; it is not trusted yet."""
    path = sources.user_folder() / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        CODE.format(name=name, pack=pack, egress=egress, credentials=credentials, off=off)
    )
    return path
