"""Eight short items that tell how much can be asked of a model. Scored by code, never by a model.

Owns the items and their marking. What a score means is `models.probe`; the items follow the
design's list: JSON, enum, number, span, restraint, order, reading, language.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic_core import from_json

from toollama.models.engine import (
    Constraint,
    Engine,
    GenerationRequest,
    JsonSchema,
    Message,
    Sampling,
)

Marks = Callable[[str], bool]
_TOOLS = ["weather", "calculator", "dictionary", "none"]
_STEPS = [
    "translate, mail, read",
    "mail, read, translate",
    "read, translate, mail",
    "translate, read, mail",
]
_GREEDY = Sampling(repeat_penalty=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One question with the rule that marks its answer."""

    name: str
    prompt: str
    marks: Marks
    constraint: Constraint | None = None
    max_tokens: int = 40


@dataclass(frozen=True, slots=True)
class Mark:
    """How one item was answered. The text is the model's and untrusted."""

    item: str
    passed: bool
    text: str


def _is_json(expected: object) -> Marks:
    """Return a rule that takes the document as it is or in a code fence, and nothing around it."""

    def marks(text: str) -> bool:
        body = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
        try:
            return bool(from_json(body.strip()) == expected)
        except ValueError:
            return False

    return marks


def _has(*words: str, without: str = "") -> Marks:
    def marks(text: str) -> bool:
        lowered = text.lower()
        return any(word in lowered for word in words) and not (without and without in lowered)

    return marks


def _only(key: str, value: dict[str, object]) -> JsonSchema:
    """Return the schema of an object with one key, as a tool call has it."""
    return JsonSchema(
        {
            "type": "object",
            "properties": {key: value},
            "required": [key],
            "additionalProperties": False,
        }
    )


ITEMS: tuple[Item, ...] = (
    Item(
        name="json",
        prompt='Write a JSON object with the keys "city" and "days", and nothing else, for: '
        "a trip to Oslo for 3 days.",
        marks=_is_json({"city": "Oslo", "days": 3}),
    ),
    Item(
        name="enum",
        prompt="Tools: weather, calculator, dictionary, none. Which tool serves this request? "
        "Request: what does the word 'ephemeral' mean? Answer as JSON.",
        marks=_is_json({"tool": "dictionary"}),
        constraint=_only("tool", {"enum": _TOOLS}),
    ),
    Item(
        name="number",
        prompt="Order: 3 boxes with 482 screws each, 17 brackets, delivery in 5 days. "
        "How many screws are in each box? Answer as JSON.",
        marks=_is_json({"screws_per_box": 482}),
        constraint=_only("screws_per_box", {"type": "integer", "minimum": 0, "maximum": 9999}),
    ),
    Item(
        name="span",
        prompt="Text: the parcel leaves Rotterdam on Tuesday and goes to Santa Cruz de Tenerife "
        "by ship. Copy the destination from the text, as JSON.",
        marks=_is_json({"destination": "Santa Cruz de Tenerife"}),
        constraint=_only("destination", {"type": "string", "maxLength": 40}),
    ),
    Item(
        name="restraint",
        prompt="Tools: weather, calculator, dictionary, none. Which tool serves this request? "
        "Choose none if no tool is needed. Request: thank you, that was kind of you. "
        "Answer as JSON.",
        marks=_is_json({"tool": "none"}),
        constraint=_only("tool", {"enum": _TOOLS}),
    ),
    Item(
        name="order",
        prompt="Request: mail the report to the team, but translate it before that, and read it "
        "first of all. In which order are the steps done? Answer as JSON.",
        marks=_is_json({"steps": "read, translate, mail"}),
        constraint=_only("steps", {"enum": _STEPS}),
    ),
    Item(
        name="reading",
        prompt="The museum is closed on Mondays. On Thursdays it stays open until nine in the "
        "evening. On all other days it closes at five. Until when is it open on Thursdays? "
        "Answer in one short sentence.",
        marks=_has("nine", "9", without="five"),
    ),
    Item(
        name="language",
        prompt="Antworte auf Deutsch in einem kurzen Satz: Welche Farbe hat der Himmel an einem "
        "klaren Tag?",
        marks=_has("blau"),
    ),
)


async def examine(
    engine: Engine, model: str, *, reasoning_tags: tuple[str, str] | None = None
) -> tuple[Mark, ...]:
    """Put all items to a resident model, greedily. A model that thinks first is told not to.

    Raises what `Engine.generate` raises.
    """
    prefill = "\n\n".join([*reasoning_tags, ""]) if reasoning_tags else ""
    return tuple([await _mark(engine, model, item, prefill=prefill) for item in ITEMS])


async def _mark(engine: Engine, model: str, item: Item, *, prefill: str) -> Mark:
    request = GenerationRequest(
        model=model,
        messages=[Message("user", item.prompt)],
        purpose="probe",
        max_tokens=item.max_tokens,
        sampling=_GREEDY,
        constraint=item.constraint,
        prefill="" if item.constraint else prefill,
    )
    pieces = [delta.text async for delta in engine.generate(request) if delta.kind == "content"]
    text = "".join(pieces).strip()
    return Mark(item.name, item.marks(text), text)
