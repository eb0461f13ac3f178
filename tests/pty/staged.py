"""`toollama` on an engine that a scene plays: everything but the model is the real program.

The environment variable SCENE names what the engine does with each request in turn; the last one
goes on for the rest.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

from toollama.agents.messages import Answer
from toollama.models.engine import Delta, GenerationRequest
from toollama.models.scripted import ScriptedEngine

PARIS = "The capital of France is Paris.\n"
PIECE_EVERY_S = 0.05


class StagedEngine(ScriptedEngine):
    """Answers, dies, or writes without end."""

    def __init__(self, scene: list[str]) -> None:
        super().__init__()
        self._scene = scene

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        turn = self._scene.pop(0) if len(self._scene) > 1 else self._scene[0]
        if turn == "dies":
            raise RuntimeError("the engine thread is gone")
        if turn == "memory":
            raise MemoryError
        if turn == "endless":
            number = 0
            while True:
                yield Delta(f"- item {number}\n")
                number += 1
                await asyncio.sleep(PIECE_EVERY_S)
        yield Delta(PARIS)
        yield Delta("", finish_reason="stop")


def stage(scene: str) -> None:
    """Let every session of this process use the engine of the scene."""
    from toollama.session import AskOptions, Session

    engine = StagedEngine(scene.split())
    opened, asked = Session.open, Session.ask

    def open_staged() -> Session:
        session = opened()
        session._engine = engine
        return session

    async def ask_directly(session: Session, options: AskOptions, **readers: Any) -> Answer:
        return await asked(session, replace(options, direct=True), **readers)

    Session.open = staticmethod(open_staged)  # type: ignore[method-assign]
    Session.ask = ask_directly  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    from toollama.cli.entry import main

    stage(os.environ["SCENE"])
    sys.exit(main())
