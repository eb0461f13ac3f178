"""The baselines that a Drummer is compared with, on the same file: raw prompting and the handler.

An arm makes the calls for one task. What it cannot make is no error: it counts as wrong.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from pydantic_core import from_json

from toollama.errors import InputTooLong
from toollama.evaluation import python_calls
from toollama.evaluation.marking import Call
from toollama.evaluation.tasks import Task
from toollama.events.payloads import Usage
from toollama.models.engine import Engine, GenerationRequest, Message, Sampling
from toollama.tools.foreign.schema import json_schema

if TYPE_CHECKING:
    from toollama.models.llama.chat_handler import ChatHandler, HandlerReply

MAX_CALL_TOKENS = 256
CONTEXT_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Attempt:
    """The calls that an arm made for one task, and what they cost."""

    calls: tuple[Call, ...]
    input_tokens: int = 0
    output_tokens: int = 0
    refused: str = ""
    """Why there is no call that could be made, in a few words."""


class Arm(Protocol):
    """One way to make calls."""

    name: str

    async def attempt(self, task: Task) -> Attempt:
        """Make the calls for a task."""
        ...

    async def close(self) -> None:
        """Free what the arm alone holds."""
        ...


# BFCL's default prompt for models without function calling of their own
# (`bfcl_eval/constants/default_prompts.py`), for single turns.
_RAW_PROMPT = """\
You are an expert in composing functions. You are given a question and a set of possible functions.\
 Based on the question, you will need to make one or more function/tool calls to achieve the\
 purpose.
If none of the functions can be used, point it out. If the given question lacks the parameters\
 required by the function, also point it out.
You should only return the function calls in your response.

If you decide to invoke any of the function(s), you MUST put it in the format of\
 [func_name1(params_name1=params_value1, params_name2=params_value2...), func_name2(params)]
You SHOULD NOT include any other text in the response.

Here is a list of functions in JSON format that you can invoke.
"""


class RawPrompt:
    """BFCL's default prompt; the answer is read as Python calls."""

    name = "raw"

    def __init__(self, engine: Engine, model: str) -> None:
        self._engine = engine
        self._model = model

    async def attempt(self, task: Task) -> Attempt:
        """Let the model write what it likes and read it as BFCL does."""
        functions = json.dumps(task.functions, ensure_ascii=False, default=str)
        system = [turn.content for turn in task.turns if turn.role == "system"]
        request = GenerationRequest(
            model=self._model,
            messages=[
                Message("system", "\n\n".join([_RAW_PROMPT + functions, *system])),
                *(Message("user", turn.content) for turn in task.turns if turn.role == "user"),
            ],
            purpose="raw call",
            max_tokens=MAX_CALL_TOKENS,
            sampling=Sampling(repeat_penalty=1.0),
        )
        text, usage = "", Usage()
        try:
            async for delta in self._engine.generate(request):
                text += delta.text if delta.kind == "content" else ""
                usage = delta.usage or usage
            calls = tuple(python_calls.parse(text))
        except (ValueError, InputTooLong) as error:
            return Attempt((), usage.input_tokens, usage.output_tokens, refused=str(error))
        return Attempt(calls, usage.input_tokens, usage.output_tokens)

    async def close(self) -> None:
        """Leave the engine to its owner."""


class Handler:
    """llama-cpp-python's `chatml-function-calling`, on a copy of the model of its own."""

    name = "handler"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handler: ChatHandler | None = None

    async def attempt(self, task: Task) -> Attempt:
        """Let the handler make one call under its own grammar."""
        try:
            reply = await asyncio.to_thread(self._call, task)
        except ValueError as error:
            return Attempt((), refused=str(error))
        used = (reply.input_tokens, reply.output_tokens)
        try:
            arguments = from_json(reply.arguments)
        except ValueError:
            return Attempt((), *used, refused="not JSON")
        if not isinstance(arguments, Mapping):
            return Attempt((), *used, refused="no object")
        return Attempt((Call(reply.function, arguments),), *used)

    def _call(self, task: Task) -> "HandlerReply":
        from toollama.models.llama.chat_handler import ChatHandler

        if self._handler is None:
            self._handler = ChatHandler(self._path, context_tokens=CONTEXT_TOKENS)
        turns = [{"role": turn.role, "content": turn.content} for turn in task.turns]
        return self._handler.call(turns, _mapped(task), max_tokens=MAX_CALL_TOKENS)

    async def close(self) -> None:
        """Free the copy."""
        if self._handler is not None:
            self._handler.close()


def _mapped(task: Task) -> list[dict[str, Any]]:
    return [
        {**function, "parameters": json_schema(function["parameters"])}
        for function in task.functions
    ]
