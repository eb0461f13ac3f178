"""`toollama ask`: its options, and what they mean to the session."""

from typing import TYPE_CHECKING

import typer

from toollama.cli import options as opt
from toollama.cli import out, shape
from toollama.errors import ExitCode

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.session import Session

SHORT_HELP = """\
  toollama ask "how many miles are 42 km?"
  git diff | toollama ask "review this"
  toollama ask -f report.pdf "what does it conclude?"

toollama ask --help lists every option."""


def ask(
    prompt: opt.Prompt = None,
    *,
    files: opt.Files = None,
    json: opt.Json = False,
    jsonl: opt.Jsonl = False,
    output: opt.Output = None,
    extract: opt.Extract = False,
    extract_language: opt.ExtractLanguage = None,
    plan_only: opt.PlanOnly = False,
    from_plan: opt.FromPlan = None,
    direct: opt.Direct = False,
    no_tools: opt.NoTools = False,
    tools: opt.Tools = None,
    offline: opt.Offline = False,
    system: opt.System = None,
    depth: shape.DepthOption = shape.Depth.DETAILED,
    format_: shape.FormatOption = None,
    schema: shape.SchemaOption = None,
    template: shape.TemplateOption = None,
    parameters: shape.ParameterOption = None,
    models: opt.Models = None,
    profile: opt.Profile = None,
    vram: opt.Vram = None,
    cpu: opt.Cpu = False,
    wait: opt.Wait = False,
    yes: opt.Yes = None,
    budget: opt.Limits = None,
    timeout: opt.Timeout = None,
    max_tool_calls: opt.MaxToolCalls = None,
    max_tokens: opt.MaxTokens = None,
    strict: opt.Strict = False,
    go_on: opt.Continue = False,
    session_name: opt.SessionName = None,
    fork: opt.Fork = False,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    show: opt.Show = None,
    render: opt.RenderOption = opt.Render.AUTO,
    plain: opt.Plain = False,
    colour: opt.ColourOption = opt.Colour.AUTO,
    width: opt.Width = None,
    no_input: opt.NoInput = False,
    read_stdin: opt.Stdin = None,
    stdin_timeout: opt.StdinTimeout = None,
    max_stdin: opt.MaxStdin = "2MiB",
) -> None:
    """Ask once and print the answer.

    Text piped in becomes the request, or an attachment where words are given.
    """
    from toollama.cli import approval, asking, limits, running, threads, views
    from toollama.config import parse_bytes

    view = views.View(
        json=json or format_ is shape.Format.JSON,
        jsonl=jsonl,
        quiet=quiet,
        verbose=verbose,
        format=format_.value if format_ else "",
        document=schema is not None,
        output=output,
        extract=extract_language or ("" if extract else None),
        show=views.parts(show),
        look=views.look(render, plain=plain, width=width, colour=colour),
    )
    views.check(view)
    if not (prompt or files or template or from_plan) and _nobody_pipes():
        out.note(SHORT_HELP)
        raise typer.Exit(ExitCode.USAGE)

    def gather() -> "tuple[Session, AskOptions]":
        from toollama.session import AskOptions

        plan = None if from_plan is None else shape.plan(from_plan)
        said = asking.Said(
            words=prompt or ([plan.request] if plan and plan.request else []),
            files=files or [],
            template=template,
            parameters=parameters or [],
            read_stdin=read_stdin,
            stdin_timeout=stdin_timeout,
            max_stdin=max_stdin,
            offline=offline,
        )
        options = AskOptions(
            prompt="",
            models=asking.models_by_role(models or []),
            profile=profile,
            vram_bytes=None if vram is None else parse_bytes(vram),
            direct=direct,
            use_tools=not no_tools,
            tools=tuple(tools or ()),
            system=system or "",
            plan_only=plan_only,
            plan=plan,
            depth=depth.value,
            schema=shape.schema(schema),
            interactive=approval.can_ask(no_input=no_input),
            granted=frozenset(yes or []),
            use_gpu=not cpu,
            wait_for_gpu=wait,
            budget=limits.budget(
                budget or [],
                depth.value,
                timeout=timeout,
                max_tool_calls=max_tool_calls,
                max_tokens=max_tokens,
            ),
            strict=strict,
            thread=threads.thread(session_name, go_on=go_on, fork=fork),
        )
        return asking.gather(said, options)

    raise typer.Exit(running.serve(gather, view, said=" ".join(prompt or [])))


def _nobody_pipes() -> bool:
    import sys

    return out.is_terminal(sys.stdin)
