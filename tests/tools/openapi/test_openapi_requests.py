from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.base import ToolFailure
from toollama.tools.openapi.operation import FORM, Key, Operation, Parameter, Place
from toollama.tools.openapi.requests import build, host_of

COLOURS = ["blue", "black"]
POINT = {"x": 1, "y": 2}


def parameter(place: Place, **more: Any) -> Parameter:
    style = {"path": "simple", "header": "simple"}.get(place, "form")
    explode = more.pop("explode", style == "form")
    return Parameter(
        argument="c",
        wire_name="c",
        place=place,
        schema={},
        **{"style": style, "explode": explode, **more},
    )


def operation(*parameters: Parameter, path: str = "/a", **more: Any) -> Operation:
    return Operation(
        name="paint",
        method="GET",
        server="https://x.example",
        path=path,
        parameters=parameters,
        **more,
    )


def url(value: Any, **more: Any) -> str:
    return build(operation(parameter("query", **more)), {"c": value}, {}).url.removeprefix(
        "https://x.example/a?"
    )


@pytest.mark.parametrize(
    ("style", "explode", "value", "query"),
    [
        # The table of https://spec.openapis.org/oas/v3.1.1.html#style-examples
        ("form", True, COLOURS, "c=blue&c=black"),
        ("form", False, COLOURS, "c=blue,black"),
        ("form", True, POINT, "x=1&y=2"),
        ("form", False, POINT, "c=x,1,y,2"),
        ("spaceDelimited", False, COLOURS, "c=blue%20black"),
        ("pipeDelimited", False, COLOURS, "c=blue%7Cblack"),
        ("deepObject", True, POINT, "c[x]=1&c[y]=2"),
        ("json", False, POINT, "c=%7B%22x%22%3A1%2C%22y%22%3A2%7D"),
    ],
)
def test_a_query_is_written_in_its_style(style: str, explode: bool, value: Any, query: str) -> None:
    assert url(value, style=style, explode=explode) == query


@pytest.mark.parametrize(
    ("style", "explode", "value", "path"),
    [
        ("simple", False, COLOURS, "blue,black"),
        ("simple", True, POINT, "x=1,y=2"),
        ("label", False, COLOURS, ".blue,black"),
        ("label", True, COLOURS, ".blue.black"),
        ("matrix", False, COLOURS, ";c=blue,black"),
        ("matrix", True, COLOURS, ";c=blue;c=black"),
        ("matrix", True, POINT, ";x=1;y=2"),
    ],
)
def test_a_path_is_written_in_its_style(style: str, explode: bool, value: Any, path: str) -> None:
    one = operation(parameter("path", style=style, explode=explode), path="/{c}")
    assert build(one, {"c": value}, {}).url == f"https://x.example/{path}"


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (5.0, "5"), (5.25, "5.25"), (0, "0")])
def test_a_scalar_is_written_as_json_has_it(value: Any, text: str) -> None:
    assert url(value) == f"c={text}"


def test_reserved_characters_stay_where_they_are_allowed() -> None:
    assert url("a/b:c&d", allow_reserved=True) == "c=a/b:c%26d"


@given(st.text(min_size=1))
def test_no_value_leaves_its_segment_of_a_path(value: str) -> None:
    try:
        built = build(operation(parameter("path"), path="/a/{c}/z"), {"c": value}, {}).url
    except ToolFailure:
        return
    segments = built.removeprefix("https://x.example").split("/")
    assert (segments[0], segments[1], segments[3:]) == ("", "a", ["z"])
    assert segments[2] not in {"", ".", ".."}
    assert not set(segments[2]) & set("?#&;\\ ")


@given(st.text())
def test_no_value_adds_a_parameter_to_a_query(value: str) -> None:
    built = url(value)
    assert built.startswith("c=")
    assert not set(built[2:]) & set("&=#? +")


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "é", "a\x00"])
def test_a_header_takes_no_other_line(value: str) -> None:
    with pytest.raises(ToolFailure, match="c holds characters"):
        build(operation(parameter("header")), {"c": value}, {})


def test_an_empty_value_in_a_path_is_refused() -> None:
    with pytest.raises(ToolFailure, match="c is empty"):
        build(operation(parameter("path"), path="/{c}"), {"c": ""}, {})


def test_a_form_repeats_the_name_of_a_list() -> None:
    one = operation(parameter("body"), body_type=FORM)
    assert build(one, {"c": COLOURS}, {}).form == (("c", "blue"), ("c", "black"))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("query", "https://x.example/a?k=s%2Fcret"),
        ("path", "https://x.example/a/s%2Fcret"),
    ],
)
def test_a_key_stands_where_its_scheme_says(place: Place, expected: str) -> None:
    key = Key(credential="K", place=place, wire_name="k")
    path = "/a/{k}" if place == "path" else "/a"
    assert build(operation(path=path), {}, {key: "s/cret"}).url == expected


def test_a_key_in_a_cookie_or_a_body_is_sent_there() -> None:
    cookie = Key(credential="K", place="cookie", wire_name="k")
    assert build(operation(), {}, {cookie: "v"}).headers == {"Cookie": "k=v"}
    body = Key(credential="K", place="body", wire_name="k")
    one = operation(parameter("body"), body_type="application/json")
    assert build(one, {"c": 1}, {body: "v"}).json == {"c": 1, "k": "v"}


def test_a_basic_key_is_sent_and_kept_secret_in_both_spellings() -> None:
    key = Key(
        credential="K", place="header", wire_name="Authorization", prefix="Basic ", is_basic=True
    )
    request = build(operation(), {}, {key: "u:p"})
    assert request.headers == {"Authorization": "Basic dTpw"}
    assert request.secrets == ("u:p", "Basic dTpw")


@pytest.mark.parametrize(
    ("url_", "host"),
    [
        ("https://A.example/x", "a.example"),
        ("https://a.example:443", "a.example"),
        ("https://a.example:2096/", "a.example:2096"),
    ],
)
def test_a_host_is_named_with_a_port_that_is_unusual(url_: str, host: str) -> None:
    assert host_of(url_) == host
