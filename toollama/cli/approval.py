"""Asking a person: whether a call may run, and for a value that only they know.

That there is something to ask has been decided already.
"""

import os
import sys
from typing import TYPE_CHECKING

from toollama.cli import out
from toollama.errors import ApprovalNeeded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from toollama.agents.messages import Question
    from toollama.host.rules import Verdict
    from toollama.session import ApprovalRequest

    ReadLine = Callable[[], Awaitable[str]]


def can_ask(*, no_input: bool = False) -> bool:
    """Return whether a person can read a question and type an answer."""
    refused = no_input or os.environ.get("TOOLLAMA_NO_INPUT", "0") not in {"", "0"}
    return not refused and out.is_terminal(sys.stdin) and out.is_terminal(sys.stderr)


def agreed(doing: str, *, yes: bool) -> bool:
    """Return whether something that cannot be undone may be done.

    Raises `ApprovalNeeded` where nobody can be asked and `--yes` is not given.
    """
    if yes:
        return True
    if not can_ask():
        raise ApprovalNeeded(f"this will {doing}", fix="add --yes")
    out.ask(f"{doing}? y/N")
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


async def approve(request: "ApprovalRequest", *, read: "ReadLine | None" = None) -> bool:
    """Show the call on stderr and return whether the person typed yes; anything else is no."""
    _show(request)
    out.ask(f"allow it ({', '.join(sorted(request.effects))})? y/N")
    return (await (read or _line)()).strip().lower() in {"y", "yes"}


class SessionApproval:
    """Asks about a call: once, for the session, or no; what the session allows is not asked."""

    def __init__(self, read: "ReadLine") -> None:
        from toollama.host.rules import SessionRules

        self._read = read
        self._rules = SessionRules()

    async def __call__(self, request: "ApprovalRequest") -> bool:
        """Return whether the call may run."""
        from toollama.host.rules import Rule

        effects = frozenset(str(effect) for effect in request.effects)
        rule = Rule.of(request.tool, request.arguments, effects)

        async def ask() -> "Verdict":
            _show(request)
            out.note(f"y allows it once, s for the session: {rule.words()}")
            out.ask(f"allow it ({', '.join(sorted(effects))})? y/s/N")
            return _VERDICTS.get((await self._read()).strip().lower(), "no")

        return await self._rules.decide(rule, ask)


_VERDICTS: "dict[str, Verdict]" = {
    "y": "once",
    "yes": "once",
    "s": "session",
    "session": "session",
}


def _show(request: "ApprovalRequest") -> None:
    from pydantic_core import to_json

    arguments = to_json(request.arguments, fallback=str).decode()
    out.warn(f"{request.tool} {arguments} needs your approval: {request.reason}")


async def clarify(question: "Question", *, read: "ReadLine | None" = None) -> str:
    """Show a question on stderr and return what the person typed; the number of an option is it."""
    out.warn(question.text)
    for number, option in enumerate(question.options, start=1):
        out.note(f"  {number}  {option}")
    out.ask(question.parameter)
    typed = (await (read or _line)()).strip()
    chosen = typed.isdecimal() and 1 <= int(typed) <= len(question.options)
    return question.options[int(typed) - 1] if chosen else typed


async def _line() -> str:
    """Return the next line of stdin; unlike a thread, the wait can be cancelled."""
    import asyncio

    typed = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), typed.set)
    try:
        await typed.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline()
