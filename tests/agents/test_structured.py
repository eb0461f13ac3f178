"""Answers under a user's schema: valid, sourced, or refused with exit code 6."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agents.conftest import Ask
from toollama.agents.answer_schema import narrowed
from toollama.agents.cite import Support
from toollama.agents.structured import unsourced
from toollama.errors import ExitCode
from toollama.models.engine import JsonSchema

TEXT = "The Lindholm library opened in 1921. Its director is Ada Berg. It holds 4,300 books."
STRICT: dict[str, Any] = {
    "type": "object",
    "properties": {"director": {"type": "string"}, "books": {"type": "integer"}},
    "required": ["director", "books"],
    "additionalProperties": False,
}
NULLABLE: dict[str, Any] = {
    **STRICT,
    "properties": {
        "director": {"type": ["string", "null"]},
        "books": {"type": ["integer", "null"]},
    },
}
RIGHT = json.dumps({"director": "Ada Berg", "books": 4300})
WRONG = json.dumps({"director": "Ada Berg", "books": 9000})


def missing(document: Any, schema: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    return [place for place, _ in unsourced(document, schema or {}, [Support("E1", TEXT)], "")]


def test_a_value_that_stands_in_the_facts_has_a_source() -> None:
    assert missing({"who": "ada  berg", "year": 1921, "books": 4300.0, "n": [None, True]}) == []


def test_a_value_that_stands_nowhere_is_named_by_its_place() -> None:
    assert missing({"who": "Eva Lund", "years": [1921, 1922]}) == [("who",), ("years", 1)]


def test_a_part_of_a_word_is_no_source() -> None:
    assert missing({"who": "Lind", "book": "Ada Ber"}) == [("who",), ("book",)]


def test_a_value_that_the_schema_lists_needs_no_source() -> None:
    schema = {"properties": {"kind": {"enum": ["library", "museum"]}}}
    assert missing({"kind": "museum"}, schema) == []


async def test_an_answer_under_a_schema_is_that_document(ask: Ask) -> None:
    outcome = await ask("who leads it, how many books?", RIGHT, stdin=TEXT, schema=STRICT)
    assert json.loads(outcome.text) == {"director": "Ada Berg", "books": 4300}
    constraint = outcome.engine.requests[0].constraint
    assert isinstance(constraint, JsonSchema)
    assert constraint.schema == STRICT


async def test_a_value_without_a_source_is_repaired_once(ask: Ask) -> None:
    outcome = await ask("who leads it, how many books?", WRONG, RIGHT, stdin=TEXT, schema=STRICT)
    assert json.loads(outcome.text)["books"] == 4300
    assert [rung["error_class"] for rung in outcome.data("rung")] == ["schema"]
    assert "#/books" in outcome.engine.requests[1].messages[-1].content


async def test_a_value_that_stays_without_a_source_is_null_where_the_schema_allows_it(
    ask: Ask,
) -> None:
    outcome = await ask("who leads it?", WRONG, WRONG, stdin=TEXT, schema=NULLABLE)
    assert json.loads(outcome.text) == {"director": "Ada Berg", "books": None}
    assert outcome.answer is not None
    assert outcome.answer.limits == ("#/books is null: no source has a value",)


async def test_a_value_that_stays_without_a_source_is_refused_where_it_may_not_be_null(
    ask: Ask,
) -> None:
    outcome = await ask("who leads it?", WRONG, WRONG, stdin=TEXT, schema=STRICT)
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == ("schema.unmet", ExitCode.SCHEMA)
    assert "#/books" in outcome.error.message


@pytest.mark.parametrize("reply", ['{"director": "Ada', "[]", "\x00 noise"])
async def test_output_that_never_becomes_valid_is_refused(ask: Ask, reply: str) -> None:
    outcome = await ask("who leads it?", reply, reply, stdin=TEXT, schema=STRICT)
    assert outcome.error is not None
    assert outcome.error.exit_code == ExitCode.SCHEMA
    assert len(outcome.engine.requests) == 2


async def test_what_tools_found_is_a_source(ask: Ask) -> None:
    schema = {"type": "object", "properties": {"tip": {"type": "number"}}, "required": ["tip"]}
    outcome = await ask("What is 15% of 240?", '{"tip": 36}', schema=schema)
    assert json.loads(outcome.text) == {"tip": 36}


async def test_without_any_source_nothing_is_invented(ask: Ask) -> None:
    reply = json.dumps({"director": "Eva Lund", "books": 12})
    outcome = await ask("Who leads the library of Nowhere?", reply, reply, schema=STRICT)
    assert outcome.error is not None
    assert outcome.error.exit_code == ExitCode.SCHEMA


async def test_a_schema_that_is_none_is_refused_before_a_model_is_asked(ask: Ask) -> None:
    outcome = await ask("who?", stdin=TEXT, schema={"type": "objekt"})
    assert outcome.error is not None
    assert outcome.error.exit_code == ExitCode.USAGE
    assert outcome.engine.requests == []


async def test_a_weak_model_fills_a_schema_too(ask: Ask, tmp_path: Path) -> None:
    path = tmp_path / "library.txt"
    path.write_text(TEXT)
    outcome = await ask("who leads it?", RIGHT, files=[path], crew="weak", schema=STRICT)
    assert json.loads(outcome.text)["director"] == "Ada Berg"


def test_a_number_of_the_document_may_count_the_percent_of_a_fact() -> None:
    facts = [Support("E1", "The rate rose to 12.5% in 1921.")]
    assert list(unsourced({"rate": 12.5}, {}, facts, "")) == []
    assert list(unsourced({"rate": 13.5}, {}, facts, "")) == [(("rate",), 13.5)]


LISTED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "people": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
            },
        }
    },
    "required": ["people"],
}
CLOSED_PERSON: dict[str, Any] = {
    **LISTED["properties"]["people"]["items"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("request_", "count"),
    [("3 people", 3), ("the 12 most senior people", 8), ("name 2 senior people", 2), ("who?", 8)],
)
def test_a_list_ends_where_the_request_or_the_program_says(request_: str, count: int) -> None:
    people = {"type": "array", "items": CLOSED_PERSON, "maxItems": count}
    assert narrowed(LISTED, request=request_) == {
        **LISTED,
        "properties": {"people": people},
        "additionalProperties": False,
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "string"}},
        {"type": "object", "properties": {"a": {}}, "required": ["b"]},
        {"type": "object", "properties": {"a": {}}, "allOf": [{"required": ["b"]}]},
        {"type": "array", "items": {"type": "array", "maxItems": 20}},
    ],
)
def test_what_the_user_settled_is_not_narrowed(schema: dict[str, Any]) -> None:
    assert narrowed(schema, request="") == schema


async def test_an_entry_that_is_repeated_or_made_up_is_left_out(ask: Ask) -> None:
    names = ["Ada Berg", "Ada Berg", "Eva Lund"]
    reply = json.dumps({"people": [{"name": name} for name in names]})
    outcome = await ask("who is named?", reply, stdin=TEXT, schema=LISTED)
    assert json.loads(outcome.text) == {"people": [{"name": "Ada Berg"}]}
    assert outcome.data("rung") == []


async def test_a_list_of_nothing_but_made_up_entries_is_refused(ask: Ask) -> None:
    reply = json.dumps({"people": [{"name": "Eva Lund"}]})
    outcome = await ask("who is named?", reply, reply, stdin=TEXT, schema=LISTED)
    assert outcome.error is not None
    assert outcome.error.exit_code == ExitCode.SCHEMA
