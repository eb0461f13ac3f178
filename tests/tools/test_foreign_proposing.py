import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.tools.foreign.proposing import narrowed, propose
from toollama.tools.foreign.signature import signature_of


def found(text: str, required: bool = True, **properties: dict[str, Any]) -> dict[str, Any]:
    """Return the first candidate of each parameter of a function with these parameters."""
    parameters = {
        "type": "dict",
        "properties": properties,
        "required": list(properties) if required else [],
    }
    signature = signature_of({"name": "f", "description": "", "parameters": parameters})
    return {name: one[0].value for name, one in propose(signature, text).items()}


def text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def test_a_quotation_goes_to_the_noun_that_stands_before_it() -> None:
    assert found(
        "with the subject 'Sales' and the note \"see below\"",
        note=text("The note."),
        subject=text("The subject."),
    ) == {"subject": "Sales", "note": "see below"}


def test_no_quotation_is_given_twice() -> None:
    values = found("the title 'A' and the meta title 'B'", title=text("T"), meta_title=text("M"))
    assert values == {"title": "A", "meta_title": "B"}


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("turn it off", "OFF"),
        ("remove the item", "delete"),
        ("in descending order", "desc"),
        ("with medium strength", "MID"),
        ("change it from PIZZA to a burger", "BURGER"),
    ],
)
def test_an_option_is_met_by_its_own_word_or_one_that_means_it(words: str, value: str) -> None:
    options = {
        "OFF": ["ON", "OFF"],
        "delete": ["add", "delete"],
        "desc": ["asc", "desc"],
        "MID": ["LOW", "MID", "HIGH"],
        "BURGER": ["PIZZA", "BURGER"],
    }
    assert found(words, choice=text("What to do.", enum=options[value])) == {"choice": value}


def test_a_legend_gives_the_number_that_a_word_stands_for() -> None:
    legend = {"type": "integer", "description": "For example, 1 for cleaning, 2 for ironing."}
    assert found("somebody who provides ironing", service_id=legend) == {"service_id": 2}


def test_a_number_goes_to_the_parameter_with_its_unit_or_noun() -> None:
    assert found(
        "node 12 in pod 3, at most 600 seconds",
        pod={"type": "integer", "description": "The pod."},
        node={"type": "integer", "description": "The node."},
        limit={"type": "integer", "description": "The longest wait in seconds."},
    ) == {"pod": 3, "node": 12, "limit": 600}


@pytest.mark.parametrize(("words", "value"), [("with images", True), ("without images", False)])
def test_a_switch_is_read_with_its_negation(words: str, value: bool) -> None:
    switch = {"type": "boolean", "description": "Whether to include images."}
    assert found(f"show the product {words}", include_images=switch) == {"include_images": value}


def test_a_parameter_that_nobody_speaks_of_is_left_out() -> None:
    assert (
        found(
            "the product 'Lamp'",
            required=False,
            include_images={"type": "boolean", "description": "Whether to include images."},
            sort=text("Order.", enum=["price", "rating"]),
            limit={"type": "integer", "description": "Most results."},
            email=text("Email address."),
        )
        == {}
    )


@pytest.mark.parametrize(
    ("words", "description", "value"),
    [
        ("in Riga, Latvia, Can you", "In the format 'City, Country'.", "Riga, Latvia"),
        ("at 12 Elm Street, Salem, OR", "As 'Address, City, State'.", "12 Elm Street, Salem, OR"),
        ("in Naples, Florida?", "As 'City, State (abbr)'.", "Naples, FL"),
    ],
)
def test_a_place_comes_with_its_state(words: str, description: str, value: str) -> None:
    assert found(words, location=text(description)) == {"location": value}


def test_a_place_without_its_state_is_begun_and_left_to_the_model() -> None:
    properties = {"city": text("In the format 'City, State'.")}
    parameters = {"type": "dict", "properties": properties, "required": ["city"]}
    signature = signature_of({"name": "f", "parameters": parameters})
    (candidate, *_) = propose(signature, "weather in Boston")["city"]
    assert not candidate.certain
    schema = narrowed(signature.parameters[0], [candidate], free=True)
    assert schema["pattern"].startswith("^(?:Boston), ")


def test_lists_are_read_whole() -> None:
    strings = {"type": "array", "items": {"type": "string"}, "description": "Countries."}
    numbers = {"type": "array", "items": {"type": "float"}, "description": "Numbers."}
    assert found("of Australia, Canada, and India", countries=strings) == {
        "countries": ["Australia", "Canada", "India"]
    }
    assert found("the mean of 3, 4.5 and 10", values=numbers) == {"values": [3, 4.5, 10]}


def test_a_command_is_what_follows_using_to_the_end() -> None:
    assert found('list it, using the command dir /b "C:"', command=text("The command.")) == {
        "command": 'dir /b "C:"'
    }


def test_nested_parameters_are_laid_flat_and_put_back() -> None:
    inner = {"type": "dict", "properties": {"mode": text("The mode.", enum=["COOL", "DRY"])}}
    parameters = {"type": "dict", "properties": {"body": inner}, "required": ["body"]}
    signature = signature_of({"name": "f", "parameters": parameters})
    assert [one.name for one in signature.parameters] == ["body.mode"]
    assert signature.nested({"body.mode": "DRY"}) == {"body": {"mode": "DRY"}}
    assert signature.nested({}) == {"body": {}}


@settings(max_examples=80)
@given(st.text(max_size=120))
def test_any_request_is_read_without_a_fault(request: str) -> None:
    values = found(
        request,
        a=text("The name."),
        b={"type": "integer", "description": "How many, in minutes."},
        c=text("When, as YYYY-MM-DD HH:MM."),
        d={"type": "array", "items": {"type": "string"}},
        e=text("In the format 'City, State'."),
    )
    assert values.keys() <= {"a", "b", "c", "d", "e"}


@pytest.mark.parametrize("piece", ["a", "A ", "'", "1,000 ", "x/", "Alice Bob 'x y' id-12 "])
def test_a_long_request_is_read_in_bounded_time(piece: str) -> None:
    """A quarter of a second on an idle core; the limit leaves room for a busy one."""
    started_s = time.process_time()
    found(piece * 20_000, a=text("The name."), b=text("File path."), c=text("The email address."))
    assert time.process_time() - started_s < 2
