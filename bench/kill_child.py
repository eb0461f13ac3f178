"""Kill a run after each of its events, resume it, and print what came of it as JSON.

`python -m bench.kill_child DIRECTORY rename|append STEP`. Every run and every resumption is a
process of its own that dies by SIGKILL or ends by itself; models are scripted, tools are real.
"""

import asyncio
import json
import os
import signal
import sys
from functools import cache
from pathlib import Path

from toollama.agents.messages import Answer, Thread
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.errors import ToolLamaError
from toollama.events import Event
from toollama.events.payloads import UNSTORED_TYPES
from toollama.models.catalog import load_catalog
from toollama.models.engine import GenerationRequest
from toollama.models.scripted import ScriptedEngine
from toollama.session import AskOptions, Session
from toollama.store import Store
from toollama.tools.base import Tool, ToolContext
from toollama.tools.builtin.write_file import WriteArguments, WriteFile, Written
from toollama.tools.registry import Registry
from toollama.tools.run import AnyTool

REQUEST = (
    "Which region has the highest total revenue in sales.csv? How many words are in notes.txt? "
    "Then write 'buy milk and bread' to list.txt"
)
_CREW = """
[models.small]
file = "small.gguf"
tier = "T1"
[profiles.small]
summary = "one small model"
roles = { all = "small" }
"""
_IN_THE_TOOL = -1  # the moment after the effect and before anything is logged of it


class Renaming(WriteFile):
    """The shipped tool: it can tell what an earlier call has done."""

    dies = False

    async def execute(self, args: WriteArguments, context: ToolContext) -> Written:
        """Write the file, and die where that is the moment."""
        written = await super().execute(args, context)
        _die_if(self.dies)
        return written


class Appending(Renaming):
    """A write that shows when it is repeated, and cannot tell what an earlier call has done."""

    async def execute(self, args: WriteArguments, context: ToolContext) -> Written:
        """Append a line to the file, and die where that is the moment."""
        target = context.output_dir / args.path
        target.parent.mkdir(exist_ok=True)
        with target.open("a") as file:
            file.write(f"{args.text}\n")
        _die_if(self.dies)
        return Written(target, len(args.text), replaced=False)

    recover = Tool.recover


TOOLS = {"rename": Renaming, "append": Appending}


def _die_if(wanted: bool) -> None:  # noqa: FBT001 - it reads as a sentence
    if wanted:
        os.kill(os.getpid(), signal.SIGKILL)


@cache
def _shipped() -> tuple[AnyTool, ...]:
    """Return every tool that ships but the one that writes."""
    tools = Registry.builtin()
    return tuple(tools.get(spec.name) for spec in tools.specs() if spec.name != "write_file")


def _session(directory: Path, tool: type[Renaming]) -> Session:
    clock = SystemClock()
    return Session(
        settings=Settings(timezone="UTC", offline=True, output_dir=directory / "out"),
        catalog=load_catalog(directory.parent / "models.toml"),
        store=Store.open(directory / "runs.db", clock),
        clock=clock,
        registry=Registry([*_shipped(), tool()]),
        engine=ScriptedEngine([_write] * 20),
    )


def _write(request: GenerationRequest) -> str:
    """Write nothing that holds, except the name of a tool."""
    return "write_file" if request.purpose == "tool choice" else ""


async def _ask(directory: Path, tool: type[Renaming], *, die_at: int) -> list[int]:
    """Ask, and die after the event of that number; return the numbers of the stored events."""
    seqs: list[int] = []

    def note(event: Event) -> None:
        _die_if(event.seq == die_at)
        if event.type not in UNSTORED_TYPES:
            seqs.append(event.seq)

    tool.dies = die_at == _IN_THE_TOOL
    session = _session(directory, tool)
    options = AskOptions(prompt=REQUEST, profile="small", thread=Thread(terminal="bench"))
    answer = await session.ask(options, subscribers=[note])
    _report(directory, answer)
    await session.close()
    return seqs


async def _resume(directory: Path, tool: type[Renaming]) -> None:
    session = _session(directory, tool)
    calls: list[str] = []

    def note(event: Event) -> None:
        if event.type == "tool.call.requested":
            calls.append(str(event.data["tool"]))

    try:
        answer = await session.resume("last", subscribers=[note])
        _report(directory, answer, calls=calls)
    except ToolLamaError as error:
        (directory / "answer.json").write_text(json.dumps({"error": error.line()}))
    await session.close()


def _report(directory: Path, answer: Answer, *, calls: list[str] | None = None) -> None:
    told = {
        "text": answer.text.replace(str(directory), "."),
        "status": answer.status,
        "limits": list(answer.limits),
        "sources": [source.title for source in answer.sources],
        "calls": calls or [],
    }
    (directory / "answer.json").write_text(json.dumps(told))


def _in_child(directory: Path, tool: type[Renaming], *, die_at: int | None) -> int:
    """Run, or with None resume, in a forked process; return the signal that ended it, or 0."""
    child = os.fork()
    if child == 0:
        work = _resume(directory, tool) if die_at is None else _ask(directory, tool, die_at=die_at)
        asyncio.run(work)
        os._exit(0)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def _effects(directory: Path) -> list[str]:
    target = directory / "out" / "list.txt"
    return target.read_text().splitlines() if target.exists() else []


def _trial(directory: Path, tool: type[Renaming], *, die_at: int) -> dict[str, object]:
    directory.mkdir()
    died_by = _in_child(directory, tool, die_at=die_at)
    before = _effects(directory)
    if died_by:
        _in_child(directory, tool, die_at=None)
    told = json.loads((directory / "answer.json").read_text())
    effects = {"written_before": before, "written": _effects(directory)}
    return {"died_at": die_at, "died_by": died_by, **effects, **told}


def main() -> None:
    """Print the unbroken run and then one trial per moment of death."""
    root, tool, step = Path(sys.argv[1]).resolve(), TOOLS[sys.argv[2]], int(sys.argv[3])
    os.chdir(root)
    (root / "models.toml").write_text(_CREW)
    (root / "sales.csv").write_text("region,revenue\nNorth,1300\nSouth,1200\nNorth,2000\n")
    (root / "notes.txt").write_text("The meeting is on Friday. Bring the plans.\n")
    _shipped()  # imported once, for every process that is forked
    unbroken = _trial(root / "unbroken", tool, die_at=0)
    store = Store.open(root / "unbroken" / "runs.db", SystemClock())
    seqs = [event.seq for event in store.events(store.find_run("last").run_id)]
    store.close()
    moments = [*seqs[::step], seqs[-1], _IN_THE_TOOL]
    trials = [
        _trial(root / f"at{moment}", tool, die_at=moment) for moment in dict.fromkeys(moments)
    ]
    print(json.dumps([unbroken, *trials]))


if __name__ == "__main__":
    main()
