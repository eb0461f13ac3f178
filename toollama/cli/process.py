"""The process boundary: arguments in, exit code out, and no traceback that nobody asked for.

What shells ask for is answered before Typer and pydantic are imported. Everything that can go wrong
below becomes one line on stderr and a documented exit code here; commands never catch what they
cannot mend.
"""

import os
import sys
import warnings
from collections.abc import Sequence

from toollama.cli import out
from toollama.cli.shell_scripts import SCRIPTS
from toollama.errors import Cancelled, ExitCode, InputError, RunFailed, ToolLamaError


def main() -> int:
    """Run the process's command line and return its exit code."""
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # libraries address them to developers
    out.prepare()
    try:
        code = run(sys.argv[1:])
    except out.BrokenPipe:
        code = ExitCode.BROKEN_PIPE
    return int(code) if out.settle() else int(code or ExitCode.BROKEN_PIPE)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; a failure is one line on stderr.

    Raises `out.BrokenPipe`.
    """
    debug = _wants_traceback(arguments)
    try:
        return _dispatch(arguments)
    except out.BrokenPipe:
        raise
    except KeyboardInterrupt:
        if "--jsonl" not in arguments:
            return ExitCode.INTERRUPTED
        return _report(Cancelled("stopped before it began", fix="ask again"), arguments)
    except ToolLamaError as error:
        return _report(error, arguments)
    except Exception as error:  # noqa: BLE001 - the last line of defence of the process
        return _report(_unforeseen(error, debug=debug), arguments)


def _dispatch(arguments: Sequence[str]) -> int:
    # Past Typer, which imports pydantic to run a command: shells wait for these, and people for
    # the first screen.
    if list(arguments[:1]) == ["__complete"]:
        from toollama.cli import completion

        return completion.complete(arguments[1:])
    if list(arguments[:-1]) == ["completion"] and arguments[-1] in SCRIPTS:
        out.data(SCRIPTS[arguments[-1]])
        return ExitCode.OK
    if not arguments and _draws():
        from toollama.cli import terminal
        from toollama.tui import launch

        return launch.run(launch.Options(terminal=terminal.terminal_id()))
    import typer

    from toollama.cli.app import build_command

    command = build_command()
    try:
        code = command.main(list(arguments), prog_name="toollama", standalone_mode=False)
    except typer.TyperException as error:
        # Only usage errors carry the context that names their command.
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "toollama"
        problem = error.format_message().rstrip(".").replace(": Value error, ", ": ")
        usage = InputError(problem, fix=f"{path} --help", code="usage")
        return _report(usage, arguments)
    except SystemExit as stop:
        # Typer answers a closed pipe with exit 1 where it prints help itself.
        if isinstance(stop.__context__, BrokenPipeError):
            raise out.BrokenPipe from stop
        raise
    return int(code or ExitCode.OK)


def _draws() -> bool:
    """Return whether the full screen can be drawn here."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(map(out.is_terminal, streams)) and not out.is_dumb(os.environ)


def _report(error: ToolLamaError, arguments: Sequence[str]) -> int:
    """Show a failure, as data too where that was asked for; return its exit code."""
    document = None
    if "--json" in arguments:
        document = {
            "status": "failed",
            "error": {"code": error.code, "message": error.message, "fix": error.fix},
            "waiting": error.waiting,
            "exit_code": int(error.exit_code),
        }
    elif "--jsonl" in arguments:
        from toollama.cli import running

        running.print_refusal(error)
    out.failure(error.line(), document=document)
    return error.exit_code


def _wants_traceback(arguments: Sequence[str]) -> bool:
    return bool(os.environ.get("TOOLLAMA_DEBUG")) or not {"-v", "-vv", "--verbose"}.isdisjoint(
        arguments
    )


def _unforeseen(error: Exception, *, debug: bool) -> ToolLamaError:
    """Return what a person is told of an error that no command explained."""
    if debug:
        import traceback

        out.note("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, FileNotFoundError) and error.filename is None:  # os.getcwd()'s
        return InputError("the directory that this was started in is gone", fix="cd to another")
    if isinstance(error, OSError) and error.strerror:
        refused = ": ".join(str(part) for part in (error.filename, error.strerror) if part)
        fix = "check the path, who may use it, and the space there"
        return RunFailed(refused, fix=fix, code="system.refused")
    fix = "toollama doctor; run again with -v for the traceback"
    return RunFailed(f"{type(error).__name__}: {error}", fix=fix, code="internal")
