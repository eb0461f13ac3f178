"""llama-cpp-python's own `chatml-function-calling` handler, as a baseline for evaluations.

It gets what it needs to do its best: a system message, without which it shows no tools; names
without dots; the one function that is offered as `tool_choice`, so that it cannot stay silent; and
a limit on tokens, without which a weak model writes to the end of the context. Blocking.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from toollama.models.llama.model import default_threads

_SYSTEM = "You are a function calling assistant. Call the function that serves the user's request."


@dataclass(frozen=True, slots=True)
class HandlerReply:
    """What the handler wrote. `arguments` is text that should be JSON."""

    function: str
    arguments: str
    input_tokens: int
    output_tokens: int


class ChatHandler:
    """One model under the high-level `Llama` class."""

    def __init__(self, path: Path, *, context_tokens: int) -> None:
        from llama_cpp import Llama

        import_module("toollama.models.llama.binding")  # it quiets llama.cpp's own log

        threads = default_threads()
        self._llama = Llama(
            str(path),
            n_ctx=context_tokens,
            n_threads=threads,
            n_threads_batch=threads,
            chat_format="chatml-function-calling",
            verbose=False,
        )

    def call(
        self,
        turns: Sequence[Mapping[str, str]],
        functions: Sequence[Mapping[str, Any]],
        *,
        max_tokens: int,
    ) -> HandlerReply:
        """Return the first call. Raises `ValueError` where the prompt exceeds the context."""
        tools: list[Any] = [
            {"type": "function", "function": {**function, "name": _plain(function["name"])}}
            for function in functions
        ]
        only = {"type": "function", "function": {"name": tools[0]["function"]["name"]}}
        system = "\n".join([_SYSTEM, *(turn["content"] for turn in turns if _is_system(turn))])
        messages: list[Any] = [{"role": "system", "content": system}]
        reply: Any = self._llama.create_chat_completion(
            messages=[*messages, *(turn for turn in turns if not _is_system(turn))],
            tools=tools,
            tool_choice=only if len(tools) == 1 else "auto",
            temperature=0,
            max_tokens=max_tokens,
        )
        calls = reply["choices"][0]["message"].get("tool_calls") or []
        if not calls:
            return HandlerReply("", "", *_tokens(reply))
        function = calls[0]["function"]
        return HandlerReply(function["name"], function["arguments"], *_tokens(reply))

    def close(self) -> None:
        """Free the model."""
        self._llama.close()


def _plain(name: str) -> str:
    return name.replace(".", "_")


def _is_system(turn: Mapping[str, str]) -> bool:
    return turn["role"] == "system"


def _tokens(reply: Mapping[str, Any]) -> tuple[int, int]:
    usage = reply.get("usage", {})
    return int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))
