"""The command tree: which commands exist and what `toollama` itself answers."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from toollama._version import __version__
from toollama.cli import out
from toollama.errors import ExitCode, InputError

SHORT_HELP = """\
One GPU as a crew of local models that plan, use tools and answer together.

  toollama ask "how many miles are 42 km?"
  git diff | toollama ask "review this"
  toollama ask -f report.pdf "what does it conclude?"
  toollama doctor

toollama --help lists every command.
"""
_MISTYPED = 0.8
"""Likeness from which a word is a mistyped command: `modles`, but not the `what` of a question."""
_SHELL_ACTIVE = frozenset('"$`\\!')


class _Group(TyperGroup):
    """A group that lists where nothing else is asked of it.

    Its commands show their help without importing pydantic.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args in ([], ["--json"]) and "list" in self.commands:
            args = ["list", *args]
        return super().parse_args(ctx, args)

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            # Typer imports pydantic to coerce the None of a group's own absent --help.
            option.default = False
        return option


class _Commands(_Group):
    """The root group: a command's module is imported when the command is needed.

    It answers a bare question with the command that takes it.
    """

    _listing = False

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        found = super().get_command(ctx, cmd_name)
        if self._listing or not isinstance(found, _Unloaded):
            return found
        self.commands[cmd_name] = found.load()
        return self.commands[cmd_name]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name = args[0]
        if name not in self.commands and not name.startswith("-") and not _is_mistyped(name, self):
            question = " ".join(args)
            raise InputError(
                f"{name} is not a command; did you mean: toollama ask {_quoted(question)}",
                fix="toollama --help",
            )
        return super().resolve_command(ctx, args)


class _Command(TyperCommand):
    """A command of a group; without arguments it starts without pydantic."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Typer imports pydantic to coerce any default that is not a flag's.
        given = [param for param in self.get_params(ctx) if param.expose_value]
        if args or any(param.required or param.envvar or param.callback for param in given):
            return super().parse_args(ctx, args)
        ctx.params |= {param.name: param.get_default(ctx) for param in given}
        return args


class _Unloaded(TyperCommand):
    """A command, or a group, of which only the name and the summary are known yet."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        """`place` is `module:attribute` below `toollama.cli`; a mapping makes a group."""
        super().__init__(name=name, help=summary)
        self._place, self._summary = place, summary

    def load(self) -> Any:
        """Return the command itself."""
        from importlib import import_module

        module, _, attribute = self._place.partition(":")
        found = getattr(import_module(f"toollama.cli.{module}"), attribute)
        app = _typer(cls=_Group, help=self._summary if isinstance(found, Mapping) else None)
        if isinstance(found, Mapping):
            for name, function in found.items():
                app.command(name, cls=_Command)(function)
        else:
            app.command(self.name)(found)
        command = get_command(app)
        command.name = self.name
        return command


def _is_mistyped(name: str, group: TyperGroup) -> bool:
    from difflib import get_close_matches

    return bool(get_close_matches(name, group.commands, cutoff=_MISTYPED))


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
        _silence_logs()
        return
    if all(map(out.is_terminal, (sys.stdin, sys.stdout, sys.stderr))):
        from toollama.cli.tui import tui

        tui()
    out.note(SHORT_HELP.rstrip())
    raise typer.Exit(ExitCode.USAGE)


def _silence_logs() -> None:
    """Keep libraries' log lines, which are untrusted text, off stderr."""
    import logging

    logging.getLogger().addHandler(logging.NullHandler())


_COMMANDS = (
    ("ask", "ask:ask", "Ask once and print the answer."),
    ("tui", "tui:tui", "Open the full screen: plan, answer, trace, Observer and models."),
    ("chat", "chat:chat", "Talk line by line; /help lists the commands, Ctrl-D leaves."),
    ("resume", "resume:resume", "Go on with a run that was cut short, and print its answer."),
    ("replay", "replaying:replay", "Tell a run again, without any model."),
    ("agents", "agents:COMMANDS", "The crew: who does what, and each role by itself."),
    ("models", "models:COMMANDS", "The models this machine can use."),
    ("tools", "tools:COMMANDS", "The tools, usable without a model."),
    ("keys", "keys:COMMANDS", "The keys of services, each for its own hosts only."),
    ("runs", "runs:COMMANDS", "What was asked before."),
    ("sessions", "sessions:COMMANDS", "The conversations that runs form."),
    ("templates", "templates:COMMANDS", "The prompts that ask -t fills in."),
    ("config", "settings:COMMANDS", "The settings."),
    ("serve", "serve:serve", "Serve the full screen to a browser on this machine."),
    ("doctor", "doctor:doctor", "Check this installation and say what mends it."),
    ("eval", "evaluate:evaluate", "Run a task set and print the share of right calls."),
    ("completion", "completion:completion", "Print the completion script of a shell."),
    ("man", "manual:man", "Print the manual page."),
    ("spec", "manual:spec", "Print every command, option and exit code as JSON."),
)
"""Name, place and summary of every command, in the order of the help."""


def build_command() -> Any:
    """Return the command tree; a command is imported when it is looked up."""
    app = _typer(cls=_Commands)
    app.callback(invoke_without_command=True)(_root)
    root = get_command(app)
    assert isinstance(root, _Commands)
    for name, place, summary in _COMMANDS:
        root.add_command(_Unloaded(name, place, summary))
    return root


def _typer(**settings: Any) -> typer.Typer:
    """Return an empty Typer app. Help is drawn with Rich on a terminal only."""
    return typer.Typer(
        add_completion=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        rich_markup_mode="rich" if out.is_terminal(sys.stdout) else None,
        pretty_exceptions_enable=False,
        **settings,
    )
