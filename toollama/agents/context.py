"""Fit texts into a model's context, counted with the model's own tokenizer.

Nothing is left out without saying how much.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from toollama.agents.messages import EvidenceRecord
from toollama.agents.run import Member, Run
from toollama.models.engine import Engine
from toollama.text import fence

_SAFETY_TOKENS = 64
_BYTES_PER_TOKEN_GUESS = 6


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What of the texts goes into the prompt."""

    text: str
    shown_fraction: float


async def excerpt(
    run: Run, member: Member, records: Sequence[EvidenceRecord], *, reserved_tokens: int
) -> Excerpt:
    """Return as much of the texts, from the start of each, as the context holds.

    `reserved_tokens` stay free for instructions and for the answer.
    """
    async with run.pool.turn(member.model, run.bus.child_span()) as engine:
        context_tokens = engine.context_tokens(member.model.id)
        room = context_tokens - reserved_tokens - _SAFETY_TOKENS
        share = max(room // max(len(records), 1), 0)
        parts: list[str] = []
        shown = 0
        for record in records:
            part = await _head(record.text, share, member.model.id, engine)
            shown += len(part)
            parts.append(fence(part, record.title or "text"))
    total = sum(len(record.text) for record in records)
    return Excerpt("\n\n".join(parts), shown / total if total else 1.0)


async def _head(text: str, room_tokens: int, model: str, engine: Engine) -> str:
    """Return the longest head of the text, cut at a line or word end, within `room_tokens`."""
    head = text[: room_tokens * _BYTES_PER_TOKEN_GUESS]
    while head:
        counted = await engine.count_tokens(model, head)
        if counted <= room_tokens:
            return head
        keep = int(len(head) * room_tokens / counted * 0.98)
        cut = max(head.rfind("\n", 0, keep), head.rfind(" ", 0, keep))
        head = head[: cut if cut > keep // 2 else keep]
    return ""
