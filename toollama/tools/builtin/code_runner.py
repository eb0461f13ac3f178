"""The tool `code_runner`: switched off, because the program ships no sandbox to run code in.

Running what a model wrote without one would put every file of the user at its mercy.
"""

from pydantic import Field

from toollama.policy import Effect
from toollama.tools.base import Arguments, Tool, ToolContext, ToolFailure, ToolResult, ToolSpec

_REASON = "no sandbox is shipped, and code of a model is not run without one"


class CodeArguments(Arguments):
    """What to run."""

    code: str = Field(min_length=1, max_length=20_000, description="Python source")


class CodeRunner(Tool[CodeArguments, None]):
    """Would run code."""

    spec = ToolSpec(
        name="code_runner",
        summary="Run a Python program and show what it prints (needs a sandbox).",
        utterances=(
            "run this python code",
            "execute the script",
            "what does print(2**64) output when you run it",
            "run my program",
            "try this snippet",
            "execute python: sum(range(10))",
            "can you run code for me",
            "test whether this function works",
            "run the following lines",
            "start the python script below",
            "evaluate this program",
            "code runner",
            "run it and show the output",
            "please execute the code above",
            "does this code crash",
            "compile and run it",
            "run a quick python test",
            "exeucte this snippet",
            "let python compute it with a script",
            "launch the code",
        ),
        parameters=CodeArguments,
        packs=("drummer.analysis",),
        effects=frozenset({Effect.WRITE_LOCAL, Effect.READ_PRIVATE}),
        off=_REASON,
        verified_live="local",
    )

    async def execute(self, args: CodeArguments, context: ToolContext) -> None:
        """Refuse. Raises `ToolFailure`."""
        raise ToolFailure(
            f"code_runner is switched off: {_REASON}",
            kind="unavailable",
            fix="compute with the tool calculator, or run the code yourself",
            lasting=True,
        )

    def format(self, args: CodeArguments, raw: None, context: ToolContext) -> ToolResult:
        """Return nothing: `execute` never gives anything to tell."""
        return ToolResult((), status="empty")


TOOL = CodeRunner()
