"""The command tree: which commands exist and what `toollama` itself answers."""

import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from toollama._version import __version__
from toollama.cli import out, overall
from toollama.cli.examples import EXAMPLES
from toollama.errors import ExitCode, InputError

SHORT_HELP = "\n".join(
    [
        "One GPU as a crew of local models that plan, use tools and answer together.\n",
        *(f"  {line}" for line in EXAMPLES["toollama"]),
        "\ntoollama --help lists every command.",
    ]
)
_MISTYPED = 0.8
"""Likeness from which a word is a mistyped command: `modles`, but not the `what` of a question."""
_SHELL_ACTIVE = frozenset('"$`\\!')


class _Example:
    """A command whose help begins with examples."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        if lines := EXAMPLES.get(ctx.command_path):
            shown = "".join(f"  {line}\n" for line in ["Examples:", *lines]).replace("  ", "", 1)
            # Rich draws its help on stdout by itself; elsewhere the formatter collects it.
            on_terminal = self.rich_markup_mode is not None  # type: ignore[attr-defined]
            (out.data if on_terminal else formatter.write)(f"{shown}\n")
        super().format_help(ctx, formatter)  # type: ignore[misc]


class _Single(_Example, TyperCommand):
    """A command that belongs to no group."""


class _Group(_Example, TyperGroup):
    """A group that lists where nothing else is asked of it.

    Its commands show their help without importing pydantic.
    """

    implied = ""
    """The command that takes the words where the first of them names none."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args in ([], ["--json"]) and "list" in self.commands:
            args = ["list", *args]
        elif self.implied and not {*args[:1]} & {*self.commands, "-h", "--help"}:
            args = [self.implied, *args]
        return super().parse_args(ctx, args)

    def get_help_option(self, ctx: Any) -> Any:
        return _without_pydantic(super().get_help_option(ctx))


class _Commands(_Group):
    """The root group: a command's module is imported when the command is needed.

    It answers a bare question with the command that takes it.
    """

    _listing = False

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args or args[0].startswith("-"):
            return super().parse_args(ctx, args)
        # No option stands before the command, and Typer imports pydantic to coerce absent ones.
        absent, self.params = self.params, []
        try:
            rest = super().parse_args(ctx, args)
        finally:
            self.params = absent
        ctx.params |= {param.name: param.get_default(ctx) for param in absent}
        return rest

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
        question = " ".join(args).strip()
        if question and not (
            name in self.commands or name.startswith("-") or _is_mistyped(name, self)
        ):
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

    def get_help_option(self, ctx: Any) -> Any:
        return _without_pydantic(super().get_help_option(ctx))


class _Verbatim:
    """Takes a word as it is: Typer imports pydantic to find that a text is a text."""

    def coerce(self, value: Any, **_context: Any) -> Any:
        return value


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
            app.command(self.name, cls=_Single)(found)
        command = get_command(app)
        command.name = self.name
        if isinstance(command, _Group):
            command.implied = _IMPLIED.get(self.name or "", "")
        for each in getattr(command, "commands", {"": command}).values():
            _take_words_verbatim(each)
        if not isinstance(found, Mapping):
            overall.mirror(command)
        return command


def _without_pydantic(help_option: Any) -> Any:
    """Return the option with a default that Typer need not import pydantic to coerce."""
    if help_option is not None:
        help_option.default = False
    return help_option


def _take_words_verbatim(command: Any) -> None:
    verbatim = _Verbatim()
    for parameter in command.params:
        if parameter.type_descriptor.annotation is str:
            parameter.get_runtime_param = lambda: verbatim


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
    config: overall.ConfigFile = None,
    profile: overall.Profile = None,
    data_dir: overall.DataDir = None,
    no_input: overall.NoInput = False,
    log_file: overall.LogFile = None,
    log_level: overall.LogLevel = overall.Level.WARNING,
) -> None:
    """One GPU as a crew of local models that plan, use tools and answer together."""
    overall.hold(
        command=context.invoked_subcommand or "",
        config=config,
        profile=profile,
        data_dir=data_dir,
        no_input=no_input,
    )
    overall.log_to(log_file, log_level)
    if context.invoked_subcommand is not None:
        return
    if all(map(out.is_terminal, (sys.stdin, sys.stdout, sys.stderr))):
        from toollama.cli.tui import tui

        tui()
    out.note(SHORT_HELP)
    raise typer.Exit(ExitCode.USAGE)


_COMMANDS = (
    ("ask", "ask:ask", "Ask once and print the answer."),
    ("tui", "tui:tui", "Open the full screen: plan, answer, trace, Observer and models."),
    ("chat", "chat:chat", "Talk line by line; /help lists the commands, Ctrl-D leaves."),
    ("resume", "resume:resume", "Go on with a run that was cut short, and print its answer."),
    ("replay", "replaying:replay", "Tell a run again, without any model."),
    ("observe", "observe:COMMANDS", "What the Observer saw in a run, and runs compared."),
    ("agents", "agents:COMMANDS", "The crew: who does what, and each role by itself."),
    ("models", "models:COMMANDS", "The models this machine can use."),
    ("tools", "tools:COMMANDS", "The tools, usable without a model."),
    ("keys", "keys:COMMANDS", "The keys of services, each for its own hosts only."),
    ("runs", "runs:COMMANDS", "What was asked before."),
    ("sessions", "sessions:COMMANDS", "The conversations that runs form."),
    ("templates", "templates:COMMANDS", "The prompts that ask -t fills in."),
    ("schemas", "schemas:COMMANDS", "The JSON Schemas that ask --schema answers under."),
    ("config", "settings:COMMANDS", "The settings."),
    ("serve", "serve:serve", "Serve the full screen to a browser, or an editor on stdin."),
    ("doctor", "doctor:doctor", "Check this installation and say what mends it."),
    ("eval", "evaluate:evaluate", "Run a task set and print the share of right calls."),
    ("completion", "completion:completion", "Print the completion script of a shell."),
    ("man", "manual:man", "Print the manual page."),
    ("spec", "manual:spec", "Print every command, option and exit code as JSON."),
)
"""Name, place and summary of every command, in the order of the help."""
_IMPLIED = {"observe": "show"}
"""The groups whose words need not begin with a command, and the one that is meant."""


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
