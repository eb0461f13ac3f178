import pytest

from toollama.models.engine import GenerationRequest, JsonSchema
from toollama.models.examination import ITEMS, examine
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import ModelSpec

RIGHT = {
    "json": '```json\n{"city": "Oslo", "days": 3}\n```',
    "enum": '{"tool": "dictionary"}',
    "number": '{"screws_per_box": 482}',
    "span": '{"destination": "Santa Cruz de Tenerife"}',
    "restraint": '{"tool": "none"}',
    "order": '{"steps": "read, translate, mail"}',
    "reading": "It is open until nine.",
    "language": "Der Himmel ist blau.",
}


async def examined(replies: list[str], **options: tuple[str, str]) -> tuple[list[str], int]:
    """Return the items that a model with these replies passes, and how many it was asked."""
    engine = ScriptedEngine(replies)
    await engine.load(ModelSpec(id="m", file="m.gguf"), lambda _payload: None)
    marks = await examine(engine, "m", **options)
    return [mark.item for mark in marks if mark.passed], len(engine.requests)


async def test_a_model_that_answers_right_passes_all_eight() -> None:
    assert await examined(list(RIGHT.values())) == (list(RIGHT), 8)


@pytest.mark.parametrize(
    ("item", "wrong"),
    [
        ("json", 'Here it is: {"city": "Oslo", "days": 3}'),
        ("json", '{"city": "Oslo", "days": "3"}'),
        ("json", ""),
        ("enum", '{"tool": "none"}'),
        ("number", '{"screws_per_box": 1446}'),
        ("span", '{"destination": "Santa Cruz"}'),
        ("restraint", '{"tool": "weather"}'),
        ("order", '{"steps": "translate, read, mail"}'),
        ("reading", "It is open until nine on Thursdays and until five otherwise."),
        ("language", "The sky is blue."),
    ],
)
async def test_one_wrong_answer_fails_that_item_alone(item: str, wrong: str) -> None:
    passed, _ = await examined(list({**RIGHT, item: wrong}.values()))
    assert passed == [name for name in RIGHT if name != item]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_what_a_schema_constrains_contains_the_right_answer(item: object) -> None:
    """A constraint that excluded it would fail every model."""
    found = next(one for one in ITEMS if one is item)
    if isinstance(found.constraint, JsonSchema):
        (schema,) = found.constraint.schema["properties"].values()
        options = schema.get("enum", [])
        assert not options or any(option in RIGHT[found.name] for option in options)
    assert found.marks(RIGHT[found.name])


async def test_a_reasoning_model_is_told_not_to_think_first() -> None:
    asked: list[GenerationRequest] = []

    def reply(request: GenerationRequest) -> str:
        asked.append(request)
        return ""

    engine = ScriptedEngine([reply] * 8)
    await engine.load(ModelSpec(id="m", file="m.gguf"), lambda _payload: None)
    await examine(engine, "m", reasoning_tags=("<think>", "</think>"))
    prefills = {bool(request.constraint): request.prefill for request in asked}
    assert prefills == {True: "", False: "<think>\n\n</think>\n\n"}
