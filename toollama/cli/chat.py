"""`toollama chat`: a conversation line by line, for terminals, scripts and screen readers."""

import sys

import typer

from toollama.cli import options as opt
from toollama.cli import out, shape


def chat(
    *,
    go_on: opt.Continue = False,
    session_name: opt.SessionName = None,
    fork: opt.Fork = False,
    system: opt.System = None,
    depth: shape.DepthOption = shape.Depth.DETAILED,
    direct: opt.Direct = False,
    no_tools: opt.NoTools = False,
    tools: opt.Tools = None,
    offline: opt.Offline = False,
    models: opt.Models = None,
    profile: opt.Profile = None,
    vram: opt.Vram = None,
    cpu: opt.Cpu = False,
    wait: opt.Wait = False,
    yes: opt.Yes = None,
    quiet: opt.Quiet = False,
    verbose: opt.Verbose = False,
    render: opt.RenderOption = opt.Render.AUTO,
    plain: opt.Plain = False,
    colour: opt.ColourOption = opt.Colour.AUTO,
    width: opt.Width = None,
    no_input: opt.NoInput = False,
) -> None:
    """Talk line by line; /help lists the commands, Ctrl-D leaves.

    Ctrl-C stops a request and keeps what there is. Nothing is ever redrawn with --plain.
    """
    from toollama.cli import approval, asking, chatting, prompting, running, threads, views
    from toollama.config import parse_bytes

    view = views.View(
        quiet=quiet,
        verbose=verbose,
        look=views.look(render, plain=plain, width=width, colour=colour),
    )
    interactive = approval.can_ask(no_input=no_input)
    thread = threads.thread(session_name, go_on=go_on, fork=fork)
    session = running.open_session(offline=offline)
    from toollama.session import AskOptions

    options = AskOptions(
        prompt="",
        models=asking.models_by_role(models or []),
        profile=profile,
        vram_bytes=None if vram is None else parse_bytes(vram),
        direct=direct,
        use_tools=not no_tools,
        tools=tuple(tools or ()),
        system=system or "",
        depth=depth.value,
        interactive=interactive,
        granted=frozenset(yes or []),
        use_gpu=not cpu,
        wait_for_gpu=wait,
        thread=thread,
    )
    editing = interactive and out.is_terminal(sys.stdout) and not view.look.plain
    if interactive and not quiet:
        out.note("toollama chat: /help lists the commands, Ctrl-D leaves")
    read = prompting.line_reader(editing=editing)
    code = chatting.Chat(session, options, view, read=read, interactive=interactive).loop()
    if editing:
        prompting.keep_history()
    raise typer.Exit(code)
