"""`python -m toollama.tools.declared FILE.yaml…`: check documents, and run their examples here."""

import asyncio
import sys
from pathlib import Path

from toollama.clock import SystemClock
from toollama.errors import ToolLamaError
from toollama.text import visible
from toollama.tools.base import NoNetwork, ToolContext, ToolFailure
from toollama.tools.declared.catalogue import load
from toollama.tools.declared.rehearsal import rehearse, unread
from toollama.tools.declared.tool import DeclaredTool


def main(names: list[str]) -> int:
    """Print what each document's examples give; return 1 where a document or example fails."""
    failed = False
    for name in names:
        try:
            tools = load(Path(name))
        except ToolLamaError as error:
            _print(f"error: {error.message}")
            failed = True
            continue
        for tool in tools:
            failed |= not asyncio.run(_shown(tool))
    return int(failed)


async def _shown(tool: DeclaredTool) -> bool:
    spec = tool.spec
    _print(f"{spec.name}: {spec.summary}")
    context = ToolContext(clock=SystemClock(), http=NoNetwork())
    for text in unread(tool, context):
        _print(f"  not read by code alone: {text}")
    for example in tool.terms.examples:
        try:
            rehearsed = await rehearse(tool, example)
        except ToolFailure as failure:
            _print(f"  failed on {dict(example.arguments)}: {failure.message}")
            return False
        result = rehearsed.result
        for request in rehearsed.requests:
            _print(f"  > {request}")
        for statement in result.statements:
            _print(f"  {'∅' if result.status == 'empty' else '<'} {statement}")
        if result.answer:
            _print(f"  = {result.answer}")
        for source in result.sources:
            _print(f"  @ {source.title} — {source.locator}")
    return True


def _print(text: str) -> None:
    sys.stdout.write(f"{visible(' '.join(text.split(chr(10))))}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
