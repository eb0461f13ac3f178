"""`toollama chat`: a conversation line by line, for terminals, scripts and screen readers."""

import sys

import typer

from toollama.cli import groups, out
from toollama.cli import options as opt


@groups.spread
def chat(
    *,
    conversation: groups.Conversation,
    direct: opt.Direct = False,
    serving: groups.Serving,
    shown: groups.Shown,
) -> None:
    """Talk line by line; /help lists the commands, Ctrl-D leaves.

    Ctrl-C stops a request and keeps what there is. Nothing is ever redrawn with --plain.
    """
    from toollama.cli import chatting, prompting, running

    view = shown.view()
    thread = conversation.thread()
    session = running.open_session(offline=serving.offline)
    options = serving.ask_options(direct=direct, thread=thread)
    interactive = options.interactive
    editing = interactive and out.is_terminal(sys.stdout) and not view.look.plain
    if interactive and not view.quiet:
        out.note("toollama chat: /help lists the commands, Ctrl-D leaves")
    read = prompting.line_reader(editing=editing)
    code = chatting.Chat(session, options, view, read=read, interactive=interactive).loop()
    if editing:
        prompting.keep_history()
    raise typer.Exit(code)
