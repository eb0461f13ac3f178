"""What a chat template writes around messages, told apart from the messages. Pure.

A template is rendered with unguessable marks in the messages' places; what comes back between the
marks is the template's own. Messages never pass through a template, so nothing in them can become
markup, and a template that changes what it is given is noticed: a mark does not come back.
"""

import re
import secrets
from collections.abc import Sequence
from typing import NamedTuple

ChatFrame = tuple[str | int, ...]
"""The template's own text, and between it the positions of the messages, each of them once."""

_OPENED_REASONING = re.compile(r"<think>\s*\Z")


class Turn(NamedTuple):
    """What one role says: one message, or several that the template wants as one."""

    role: str
    positions: tuple[int, ...]


def new_marks(count: int) -> tuple[str, ...]:
    """Return as many texts that stand for messages and occur nowhere else."""
    nonce = secrets.token_hex(8)
    return tuple(f"m{nonce}n{number}e" for number in range(count))


def shapes(roles: Sequence[str]) -> tuple[tuple[Turn, ...], ...]:
    """Return the turns to try: as they are, then strictly alternating and without a system role.

    Gemma refuses the system role and Mistral two turns of one role in succession; the users of
    both put system text at the head of the user's turn.
    """
    plain = tuple(Turn(role, (position,)) for position, role in enumerate(roles))
    merged: list[Turn] = []
    for position, role in enumerate(roles):
        speaker = "user" if role == "system" else role
        if merged and merged[-1].role == speaker:
            merged[-1] = Turn(speaker, (*merged[-1].positions, position))
        else:
            merged.append(Turn(speaker, (position,)))
    return (plain,) if plain == tuple(merged) else (plain, tuple(merged))


def marked(turns: Sequence[Turn], marks: Sequence[str]) -> list[dict[str, str]]:
    """Return the conversation as templates take it, with marks for its contents."""
    return [
        {"role": turn.role, "content": "\n\n".join(marks[position] for position in turn.positions)}
        for turn in turns
    ]


def read_frame(rendered: str, marks: Sequence[str]) -> ChatFrame | None:
    """Return the frame around the marks; None unless every mark is there exactly once.

    A reasoning tag that the template opens at the very end is left to the model, which opens it
    itself where it wants to: a constrained answer must not begin inside of thoughts.
    """
    if any(rendered.count(mark) != 1 for mark in marks):
        return None
    positions = {mark: position for position, mark in enumerate(marks)}
    pattern = "|".join(map(re.escape, marks))
    pieces = re.split(f"({pattern})", _OPENED_REASONING.sub("", rendered))
    return tuple(positions.get(piece, piece) for piece in pieces if piece)
