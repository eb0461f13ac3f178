"""`toollama ask`: its options, and what they mean to the session."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import shape
from toollama.cli.options import Json, NoInput
from toollama.errors import InputError
from toollama.policy import Effect

if TYPE_CHECKING:
    from toollama.agents.messages import Thread
    from toollama.agents.plan_file import PlanFile

_SESSION_NAME = re.compile(r"\w[\w.-]{0,59}")

Prompt = Annotated[
    list[str] | None, typer.Argument(metavar="PROMPT", help="What you want to know or have done.")
]
Files = Annotated[
    list[str] | None,
    typer.Option("--file", "-f", metavar="PATH", help="Attach a file; - attaches stdin."),
]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="Print every event as a line of JSON.")]
FromPlan = Annotated[
    str | None,
    typer.Option("--from-plan", metavar="FILE", help="Run a plan that --plan-only --json made."),
]
PlanOnly = Annotated[bool, typer.Option("--plan-only", help="Print the plan and run nothing.")]
Direct = Annotated[bool, typer.Option("--direct", help="Ask one model with all tools: no plan.")]
NoTools = Annotated[bool, typer.Option("--no-tools", help="Answer without calling any tool.")]
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
        metavar="UNIT=N,…",
        help="What the run may spend: calls, tokens (written), swaps, seconds; none lifts a limit.",
    ),
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
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the answer and nothing else.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Print every event to stderr.")]
Stdin = Annotated[
    bool | None, typer.Option("--stdin/--no-stdin", help="Read stdin always, or never.")
]


def ask(
    prompt: Prompt = None,
    *,
    files: Files = None,
    json: Json = False,
    jsonl: Jsonl = False,
    plan_only: PlanOnly = False,
    from_plan: FromPlan = None,
    direct: Direct = False,
    no_tools: NoTools = False,
    depth: shape.DepthOption = shape.Depth.DETAILED,
    format_: shape.FormatOption = None,
    schema: shape.SchemaOption = None,
    template: shape.TemplateOption = None,
    parameters: shape.ParameterOption = None,
    models: Models = None,
    profile: Profile = None,
    vram: Vram = None,
    cpu: Cpu = False,
    wait: Wait = False,
    yes: Yes = None,
    budget: Limits = None,
    strict: Strict = False,
    go_on: Continue = False,
    session_name: SessionName = None,
    fork: Fork = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
    no_input: NoInput = False,
    read_stdin: Stdin = None,
) -> None:
    """Ask once and print the answer.

    Text piped in becomes the request, or an attachment where words are given.
    """
    if json and jsonl:
        raise InputError("--json and --jsonl exclude each other", fix="give one of them")
    import asyncio

    from toollama.cli import approval, running
    from toollama.config import parse_bytes
    from toollama.errors import ToolLamaError

    view = running.View(
        json=json or format_ is shape.Format.JSON,
        jsonl=jsonl,
        quiet=quiet,
        verbose=verbose,
        format=format_.value if format_ else "",
        document=schema is not None,
    )
    try:
        overrides = models_by_role(models or [])
        vram_bytes = None if vram is None else parse_bytes(vram)
        thread = _thread(session_name, go_on=go_on, fork=fork)
        plan = None if from_plan is None else _plan(from_plan)
        text, attachments = shape.prompt(
            prompt or ([plan.request] if plan and plan.request else []),
            files or [],
            wanted_stdin=read_stdin,
            template=template,
            parameters=parameters or [],
        )
        from toollama.agents import budget as limits
        from toollama.session import AskOptions

        options = AskOptions(
            prompt=text,
            attachments=attachments,
            models=overrides,
            profile=profile,
            vram_bytes=vram_bytes,
            direct=direct,
            use_tools=not no_tools,
            plan_only=plan_only,
            plan=plan,
            depth=depth.value,
            schema=shape.schema(schema),
            interactive=approval.can_ask(no_input=no_input),
            granted=frozenset(yes or []),
            use_gpu=not cpu,
            wait_for_gpu=wait,
            budget=limits.parse(budget or [], limits.DEPTH_BUDGETS[depth.value]),
            strict=strict,
            thread=thread,
        )
        session = running.open_session()
    except ToolLamaError as error:
        raise typer.Exit(running.refuse(" ".join(prompt or []), error, view)) from error
    raise typer.Exit(asyncio.run(running.run(session, options, view)))


def _plan(file: str) -> "PlanFile":
    from toollama.agents import plan_file

    try:
        return plan_file.parse(Path(file).read_bytes(), name=file)
    except OSError as error:
        raise InputError(
            f"{file}: cannot be read: {error.strerror}", fix="check the path of the plan"
        ) from error


def _thread(name: str | None, *, go_on: bool, fork: bool) -> "Thread":
    from toollama.agents.messages import Thread
    from toollama.cli import terminal

    if go_on and name is not None:
        raise InputError("-c and -s exclude each other", fix="give one of them")
    if fork and not (go_on or name):
        raise InputError("--fork needs to know what to fork", fix="add -c, or -s NAME")
    if name is not None and not _SESSION_NAME.fullmatch(name):
        raise InputError(
            "-s takes letters, digits, . _ and -, at most 60", fix="toollama ask -s kitchen …"
        )
    return Thread(terminal=terminal.terminal_id(), name=name or "", continues=go_on, fork=fork)


def models_by_role(pairs: Sequence[str]) -> dict[str, str]:
    """Return `ROLE=MODEL` pairs. Raises `InputError`."""
    models = {}
    for pair in pairs:
        role, separator, model = pair.partition("=")
        if not (role and separator and model):
            raise InputError(f"-m {pair} is not ROLE=MODEL", fix="write it as -m camina=MODEL")
        models[role] = model
    return models
