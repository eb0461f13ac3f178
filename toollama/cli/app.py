"""The command tree: which commands exist and what `toollama` itself answers."""

import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from toollama._version import __version__
from toollama.cli import (
    agents,
    ask,
    chat,
    completion,
    doctor,
    evaluate,
    manual,
    models,
    out,
    replaying,
    resume,
    runs,
    sessions,
    settings,
    templates,
    tools,
)
from toollama.errors import ExitCode, InputError

SHORT_HELP = """\
One GPU as a crew of local models that plan, use tools and answer together.

  toollama ask "how many miles are 42 km?"
  git diff | toollama ask "review this"
  toollama ask -f report.pdf "what does it conclude?"
  toollama doctor

toollama --help lists every command.
"""
_SHELL_ACTIVE = frozenset('"$`\\!')


class _Group(TyperGroup):
    """A group whose commands show their help without importing pydantic."""

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            # Typer imports pydantic to coerce the None of a group's own absent --help.
            option.default = False
        return option


class _Commands(_Group):
    """The root group: it answers a bare question with the command that takes it."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        known = name in self.commands or get_close_matches(name, self.commands)
        if not known and not name.startswith("-"):
            question = " ".join(args)
            raise InputError(
                f"{name} is not a command; did you mean: toollama ask {_quoted(question)}",
                fix="toollama --help",
            )
        return super().resolve_command(ctx, args)


def _quoted(text: str) -> str:
    """Return the text as one word of a shell command."""
    if _SHELL_ACTIVE.isdisjoint(text):
        return f'"{text}"'
    import shlex

    return shlex.quote(text)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - Typer calls it with the flag's value
    if wanted:
        out.data(f"toollama {__version__}\n")
        raise typer.Exit


def _root(
    context: typer.Context,
    *,
    _version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    _verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show the traceback of an internal error.")
    ] = False,
) -> None:
    """One GPU as a crew of local models that plan, use tools and answer together."""
    if context.invoked_subcommand is not None:
        return
    if out.is_terminal(sys.stdin) and out.is_terminal(sys.stdout) and (code := _dashboard()) >= 0:
        raise typer.Exit(code)
    out.note(SHORT_HELP.rstrip())
    raise typer.Exit(ExitCode.USAGE)


def _dashboard() -> int:
    """Run the dashboard and return its exit code; -1 where it is not installed."""
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec("toollama.tui") is None:
        return -1
    return int(import_module("toollama.tui").run() or 0)


def build_app() -> typer.Typer:
    """Return the command tree. Help is drawn with Rich on a terminal only."""
    app = typer.Typer(
        cls=_Commands,
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich" if out.is_terminal(sys.stdout) else None,
        pretty_exceptions_enable=False,
    )
    app.callback(invoke_without_command=True)(_root)
    app.command()(ask.ask)
    app.command()(chat.chat)
    app.command()(resume.resume)
    app.command()(replaying.replay)
    for name, summary, commands in (
        ("agents", "The crew: who does what, and each role by itself.", agents.COMMANDS),
        ("models", "The models this machine can use.", models.COMMANDS),
        ("tools", "The tools, usable without a model.", tools.COMMANDS),
        ("runs", "What was asked before.", runs.COMMANDS),
        ("sessions", "The conversations that runs form.", sessions.COMMANDS),
        ("templates", "The prompts that ask -t fills in.", templates.COMMANDS),
        ("config", "The settings.", settings.COMMANDS),
    ):
        app.add_typer(_group(commands), name=name, help=summary)
    app.command()(doctor.doctor)
    app.command("eval")(evaluate.evaluate)
    app.command()(completion.completion)
    app.command()(manual.man)
    app.command()(manual.spec)
    return app


def _group(commands: Mapping[str, Callable[..., None]]) -> typer.Typer:
    group = typer.Typer(cls=_Group, pretty_exceptions_enable=False)
    for name, function in commands.items():
        group.command(name)(function)
    return group
