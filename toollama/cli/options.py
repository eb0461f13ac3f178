"""Options that several commands share, so that they read the same everywhere."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from toollama.policy import Effect

_MAX_SEED = (1 << 31) - 1
"""A later attempt counts on from the seed, and llama.cpp takes 2³² - 1 to mean a random one."""


class Render(StrEnum):
    """Whether Markdown is drawn."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Colour(StrEnum):
    """Whether colour is used."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Print every event as a line of JSON.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Never ask; deny what needs approval.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer and nothing else.")]
Verbose = Annotated[
    int,
    typer.Option(
        "--verbose",
        "-v",
        count=True,
        show_default=False,
        help="Print every event to stderr; -vv with all of its data.",
    ),
]

Prompt = Annotated[
    list[str] | None, typer.Argument(metavar="PROMPT", help="What you want to know or have done.")
]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "--file",
        "-f",
        "--attach",
        "-a",
        metavar="PATH",
        help="Attach a file (text, table, PDF, docx; a picture, for tools that read one), a "
        "directory, 'src/**/*.py', a URL, - for stdin, or @last.",
    ),
]
Stdin = Annotated[
    bool | None, typer.Option("--stdin/--no-stdin", help="Read stdin always, or never.")
]
StdinTimeout = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Give up (exit 2) when stdin stays silent so long: 10s."),
]
MaxStdin = Annotated[
    str, typer.Option(metavar="SIZE", help="Refuse more than this on stdin: 2MiB.")
]

FromPlan = Annotated[
    str | None,
    typer.Option("--from-plan", metavar="FILE", help="Run a plan that --plan-only printed."),
]
PlanOnly = Annotated[bool, typer.Option("--plan-only", help="Print the plan and run nothing.")]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Show route, tools, crew, memory and swaps; load no model, call no tool.",
    ),
]
Direct = Annotated[bool, typer.Option("--direct", help="Ask one model with all tools: no plan.")]
NoTools = Annotated[bool, typer.Option("--no-tools", help="Answer without calling any tool.")]
Tools = Annotated[
    list[str] | None,
    typer.Option("--tool", "-T", metavar="GLOB", help="Only tools of this name: 'date_*'."),
]
Offline = Annotated[bool, typer.Option("--offline", help="Reach nothing over the network.")]
System = Annotated[
    str | None,
    typer.Option("--system", "-S", metavar="TEXT", help="What the answer must heed."),
]

Models = Annotated[
    list[str] | None,
    typer.Option("--model", "-m", metavar="ROLE=MODEL", help="Give a role another model."),
]
Profile = Annotated[
    str | None, typer.Option(metavar="NAME", help="The crew to use, from models.toml.")
]
Vram = Annotated[
    str | None, typer.Option(metavar="SIZE", help="Memory budget for models, such as 8GiB.")
]
Cpu = Annotated[bool, typer.Option("--cpu", help="Use the processor only, not the GPU.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait until the GPU is free of another toollama.")
]

Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=_MAX_SEED,
        metavar="N",
        help="Draw by this seed; a model of temperature 0 draws the same by any.",
    ),
]

Yes = Annotated[
    list[Effect] | None,
    typer.Option(
        "--yes",
        "-y",
        metavar="EFFECT",
        help=f"Allow an effect without asking: {', '.join(Effect)}.",
    ),
]
Limits = Annotated[
    list[str] | None,
    typer.Option(
        "--budget",
        metavar="TIME|UNIT=N,…",
        help="What the run may spend: 90s, or calls, tokens (written), swaps, seconds; "
        "none lifts a limit.",
    ),
]
Timeout = Annotated[
    str | None, typer.Option(metavar="TIME", help="Answer with what there is by then: 90s.")
]
MaxToolCalls = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="At most so many calls of tools.")
]
MaxTokens = Annotated[
    int | None, typer.Option(min=0, metavar="N", help="At most so many tokens written.")
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Leave out words without support; exit 8 if parts are missing."),
]

Continue = Annotated[
    bool, typer.Option("--continue", "-c", help="Go on from the last answer on this terminal.")
]
SessionName = Annotated[
    str | None,
    typer.Option("--session", "-s", metavar="NAME", help="Begin or go on with a conversation."),
]
Fork = Annotated[
    bool, typer.Option("--fork", help="With -c or -s: go on in a conversation of its own.")
]

NoSave = Annotated[
    bool, typer.Option("--no-save", help="Keep nothing of the run in the log; -c passes it over.")
]

Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write the answer to a file, whole."),
]
Extract = Annotated[
    bool, typer.Option("--extract", "-x", help="Print only the first code block of the answer.")
]
ExtractLanguage = Annotated[
    str | None,
    typer.Option(metavar="LANG", help="Like -x, for the first block marked with a language."),
]
Show = Annotated[
    str | None,
    typer.Option(
        metavar="WHAT,…", help="Tell on stderr too: plan, trace, usage, reasoning; -q sources."
    ),
]
RenderOption = Annotated[
    Render, typer.Option("--render", help="Draw Markdown: auto does on a terminal only.")
]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain", help="No colour, nothing redrawn: for screen readers, as ACCESSIBLE=1 does."
    ),
]
ColourOption = Annotated[
    Colour, typer.Option("--color", help="auto heeds NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE.")
]
Width = Annotated[
    int | None, typer.Option(min=20, max=400, help="Columns of drawn Markdown; else up to 100.")
]
