"""`toollama schemas` and the forms that `--schema` takes."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import from_json

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.cli import schema
from toollama.errors import InputError


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
BOOK = obj(title=TEXT, year=WHOLE)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("title, year int", BOOK),
        ("title\nyear int\n", BOOK),
        ("price float, sold bool", obj(price={"type": "number"}, sold={"type": "boolean"})),
        ("year int: when it came out", obj(year={**WHOLE, "description": "when it came out"})),
        ("a: one, or two\nb", obj(a={**TEXT, "description": "one, or two"}, b=TEXT)),
        ("[title, year int]", obj(items={"type": "array", "items": BOOK})),
    ],
)
def test_the_short_form_is_a_schema(text: str, meant: dict[str, Any]) -> None:
    assert schema.from_short_form(text) == meant


@pytest.mark.parametrize("text", ["a b c", "1st int", "year integer", "a, =b", "[ , ]"])
def test_a_field_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InputError, match="is no field"):
        schema.from_short_form(text)


@settings(max_examples=100)
@given(st.text(alphabet="ab int:,[]\n{}\"'=é", max_size=30))
def test_any_text_is_an_object_schema_or_refused(text: str) -> None:
    try:
        found = schema.from_short_form(text)
    except InputError:
        return
    assert found["type"] == "object"
    assert found["required"] == list(found["properties"])


def test_a_kept_schema_is_listed_shown_asked_under_and_deleted(
    cli: Cli, use_session: UseSession
) -> None:
    session = use_session(FakeSession(data={"title": "x"}))
    assert cli("schemas", "save", "book", "title, year int").out == "book\n"
    assert cli("schemas").out == "book\ttitle, year\n"
    assert from_json(cli("schemas", "show", "book").out) == BOOK
    cli("ask", "--schema", "book", "x")
    assert session.asked
    assert session.asked.schema == BOOK
    assert cli("schemas", "rm", "book", "--yes").code == 0
    assert "no schemas yet" in cli("schemas").err


@pytest.mark.parametrize("given_as", ["title, year int", '{"type": "object"}'])
def test_a_schema_may_be_written_in_place(cli: Cli, use_session: UseSession, given_as: str) -> None:
    session = use_session(FakeSession(data={"title": "x"}))
    assert cli("ask", "--schema", given_as, "x").code == 0
    assert session.asked
    assert session.asked.schema
    assert session.asked.schema["type"] == "object"


def test_a_file_comes_before_a_kept_schema_of_its_name(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli("schemas", "save", "book", "title, year").code == 0
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book").write_text('{"type": "array"}')
    assert schema.read("book") == {"type": "array"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["save", "book", "year integer"], "'year integer' is no field"),
        (["save", "book", "[1]x"], "is no field"),
        (["save", "../book", "title, year"], "a schema's name takes"),
        (["save", "book", "missing.json"], "no such file, nor a schema of yours"),
        (["show", "nothing"], "there is no schema nothing"),
        (["rm", "nothing", "-y"], "there is no schema nothing"),
    ],
)
def test_a_wrong_schema_is_refused_with_what_to_write(
    cli: Cli, arguments: list[str], told: str
) -> None:
    done = cli("schemas", *arguments)
    assert (done.code, told in done.err) == (2, True)


def test_a_kept_schema_is_not_replaced_unasked(cli: Cli) -> None:
    cli("schemas", "save", "book", "title, year int")
    assert cli("schemas", "save", "book", "other, one").code == 2
    assert cli("schemas", "save", "book", "other, one", "--replace").code == 0
    assert cli("schemas").out == "book\tother, one\n"
