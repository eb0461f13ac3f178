"""A conversation line by line: lines are read and dispatched, and nothing is ever redrawn."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from toollama.cli import out, prompting
from toollama.cli.chat_commands import ChatCommands, Quit
from toollama.cli.turns import Turns
from toollama.cli.views import View
from toollama.commands import Ask, Line, Slash, ToolCall, parse
from toollama.errors import ExitCode, ToolLamaError
from toollama.host import mentions

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.session import Session

_PROMPT = "> "
_LEAVING = frozenset({ExitCode.HANGUP, ExitCode.TERMINATED, ExitCode.BROKEN_PIPE})


class Chat:
    """Reads lines until the person leaves."""

    def __init__(
        self,
        session: "Session",
        options: "AskOptions",
        view: View,
        *,
        read: Callable[[str], str],
        interactive: bool,
    ) -> None:
        """`options` are those of every request; `interactive` tells that a person types."""
        self._turns = Turns(session, options, view, interactive=interactive, do_now=self._do_now)
        self._commands = ChatCommands(self._turns, plain=view.look.plain)
        self._read = read
        self._interactive = interactive

    def loop(self) -> int:
        """Serve lines until the input ends or the person leaves; return the exit code."""
        interrupted = False
        try:
            while self._turns.code not in _LEAVING:
                try:
                    self._serve(self._next_line())
                    interrupted = False
                except KeyboardInterrupt:
                    if interrupted:
                        return ExitCode.INTERRUPTED
                    interrupted = True
                    out.note("Ctrl-C again leaves, and so does /quit")
        except (EOFError, Quit):
            pass
        finally:
            self._turns.close()
        code = self._turns.code
        return code if not self._interactive or code in _LEAVING else ExitCode.OK

    def _next_line(self) -> str:
        queue = self._turns.queue
        return queue.popleft() if queue else prompting.request(self._read, _PROMPT)

    def _serve(self, text: str) -> None:
        try:
            self._do(parse(text))
        except ToolLamaError as error:
            self._turns.code = int(error.exit_code)
            out.error(error.line())

    def _do(self, line: Line | None) -> None:
        match line:
            case Ask() as request:
                self._turns.ask(request)
            case ToolCall() as call:
                self._turns.call(call)
            case Slash(command, argument):
                self._commands.do(command.name, argument)

    def _do_now(self, text: str) -> bool:
        """Carry out a line beside the run that goes on; return False for one that must wait."""
        try:
            line = parse(text)
            if isinstance(line, Ask) and not mentions.present(line.files):
                return self._turns.amend(line.text)
            if not (isinstance(line, Slash) and line.command.meanwhile):
                return False
            self._do(line)
        except ToolLamaError as error:
            out.error(error.line())
        return True
