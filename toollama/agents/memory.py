"""What a conversation remembers: folded from the logs of its runs, compacted by rules. Pure.

A summary is never written by a model: what is dropped is dropped by age, what is kept is verbatim.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence

from toollama.agents.messages import Attached, EvidenceRecord, Memory, Request, SourceLine, Turn
from toollama.events import Event
from toollama.events.payloads import (
    AmendmentSettled,
    Checkpoint,
    EvidenceAdded,
    FollowUpResolved,
    RunCompleted,
    RunStarted,
    SlotFilled,
)
from toollama.policy import Taint
from toollama.text import one_line

VERBATIM_TURNS = 2
_OLD_TURN_CHARACTERS = 160
_VERBATIM_CHARACTERS = 4000
_MAX_PINNED_CHARACTERS = 200

_LASTING = r"(?:always|never|from now on|in (?:this|our) (?:session|conversation|chat))"
_SENTENCE = re.compile(r"[^.!?\n;]+")
_PINNED = re.compile(
    rf"^\s*(?:please[, ]+)?(?:{_LASTING}\b.*"
    r"|(?:answer|reply|respond|write|speak|use|give (?:me )?(?:all )?answers?)\b"
    rf"[^?]*\b{_LASTING}\b.*"
    r"|(?:answer|reply|respond)(?: me)? (?:only )?(?:in|with|using)\b[^:]*"
    r"|use (?:only )?(?:metric|imperial|si)\b[^:]*"
    r"|keep (?:your|the) answers? \w+[^:]*)$",
    re.IGNORECASE,
)

Count = Callable[[str], Awaitable[int]]


def turn(events: Iterable[Event]) -> Turn | None:
    """Return the turn that one answered run was, or None where its log has no answer."""
    said = meant = answer = value = run_id = ""
    values: dict[str, str] = {}
    sources: list[SourceLine] = []
    untrusted = answered = False
    for event in events:
        match event.known_payload():
            case RunStarted(prompt=prompt):
                said, meant, run_id = prompt, prompt, event.run_id
            case FollowUpResolved() as payload:
                meant = payload.meant
            case AmendmentSettled(outcome="taken") as payload:
                said, meant = f"{said}\n{payload.text}", payload.meant
            case SlotFilled(source="words") as payload:
                values[payload.parameter] = str(payload.value)
            case Checkpoint(step="tool_result", value=kept):
                value = str(kept["result"].get("answer", ""))
            case EvidenceAdded() as payload:
                line = SourceLine(
                    id=payload.evidence_id, title=payload.title, locator=payload.locator
                )
                sources.append(line)
                untrusted = untrusted or payload.untrusted
            case RunCompleted() as payload:
                answer, answered = payload.answer, True
    if not answered:
        return None
    return Turn(
        run_id=run_id,
        said=said,
        meant=meant,
        answer=answer,
        value=value,
        values=values,
        sources=tuple(sources),
        untrusted=untrusted,
    )


def remember(turns: Sequence[Turn], request: str) -> Memory:
    """Return what is known when `request` is said after these turns, oldest first."""
    said = [*(turn.said for turn in turns), request]
    pinned = dict.fromkeys(line for text in said for line in constraints(text))
    return Memory(pinned=tuple(pinned), turns=tuple(turns))


def constraints(text: str) -> tuple[str, ...]:
    """Return the sentences of a request that ask something of every answer."""
    found = (sentence.strip() for sentence in _SENTENCE.findall(text))
    return tuple(
        str(one_line(sentence, _MAX_PINNED_CHARACTERS))
        for sentence in found
        if _PINNED.match(sentence)
    )


def entities(memory: Memory) -> dict[str, str]:
    """Return by parameter what was last spoken of: `{"city": "Paris"}`."""
    known: dict[str, str] = {}
    for each in memory.turns:
        known |= each.values
    return known


def next_evidence_no(memory: Memory) -> int:
    """Return the first evidence number that no earlier turn has given out."""
    numbers = [int(line.id[1:]) for turn in memory.turns for line in turn.sources]
    return max(numbers, default=0) + 1


def given(memory: Memory, attachments: Iterable[Attached]) -> list[EvidenceRecord]:
    """Return the texts that come with a request, numbered after those of earlier turns."""
    texts = [(each, each.text) for each in attachments if each.text is not None]
    return [
        EvidenceRecord(
            id=f"E{number}",
            title=each.name,
            locator=each.name,
            text=text,
            untrusted=each.untrusted,
            private=not each.untrusted,
        )
        for number, (each, text) in enumerate(texts, start=next_evidence_no(memory))
    ]


def taint(memory: Memory) -> frozenset[Taint]:
    """Return what the conversation has read; its answers are part of what follows."""
    untrusted = any(turn.untrusted for turn in memory.turns)
    return frozenset({Taint.UNTRUSTED}) if untrusted else frozenset()


def notes(request: Request, *, heeded: bool) -> tuple[str, ...]:
    """Return what a careful reader must know of how the conversation was taken."""
    pinned = () if heeded else request.memory.pinned
    return tuple(
        f"not applied, the tools' own words are given: {one_line(line)}" for line in pinned
    )


async def compact(memory: Memory, *, room_tokens: int, count: Count) -> str:
    """Return what of the memory goes into a prompt of at most `room_tokens`.

    Constraints stay whatever the room. Then, as long as they fit: the last turns verbatim, newest
    first; the entity table; a line per older turn and per source, newest first.
    """
    kept: dict[int, str] = {}
    pinned = "\n".join(f"The user asked: {line}" for line in memory.pinned)
    for place, part in _by_worth(memory):
        kept[place] = part
        if await count(_joined(pinned, kept)) > room_tokens:
            del kept[place]
            break
    return _joined(pinned, kept)


def _by_worth(memory: Memory) -> list[tuple[int, str]]:
    """Return the parts with their place in the text, the most worth keeping first."""
    newest_first = list(reversed(memory.turns))
    last = newest_first[:VERBATIM_TURNS]
    verbatim = [(-at, _verbatim(each)) for at, each in enumerate(last)]
    known = "; ".join(f"{name} = {value}" for name, value in entities(memory).items())
    table = [(-1000, f"Spoken of: {known}")] if known else []
    older = [
        (-VERBATIM_TURNS - at, _line(each)) for at, each in enumerate(newest_first[VERBATIM_TURNS:])
    ]
    lines = [source for each in newest_first for source in reversed(each.sources)]
    sources = [
        (-2000 - at, f"{line.id}: {line.title} ({line.locator})") for at, line in enumerate(lines)
    ]
    return [*verbatim, *table, *older, *sources]


def _verbatim(turn: Turn) -> str:
    return f"User: {turn.meant}\nAnswer: {turn.answer[:_VERBATIM_CHARACTERS]}"


def _line(turn: Turn) -> str:
    return str(one_line(f"Earlier: {turn.meant} → {turn.answer}", _OLD_TURN_CHARACTERS))


def _joined(pinned: str, kept: dict[int, str]) -> str:
    return "\n".join(filter(None, [pinned, *(part for _, part in sorted(kept.items()))]))
