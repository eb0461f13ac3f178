import string
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.base import Rate, Source, ToolFailure, ToolResult
from toollama.tools.declared.durations import duration_s, rate
from toollama.tools.declared.format import Terms
from toollama.tools.declared.plain_text import plain
from toollama.tools.declared.results import read, result_of
from toollama.tools.declared.templates import Template, shown

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
    ),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("10min", 600), ("1h", 3600), ("2 hours", 7200), ("7day", 604_800), ("30s", 30), ("never", 0)],
)
def test_a_duration_is_read_in_seconds(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "10", "soon", "min", "-1h"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        duration_s(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60/min", Rate(60, 60)),
        ("1 per 3s", Rate(1, 3)),
        ("1000000/month", Rate(1_000_000, 2_592_000)),
        ("500/day", Rate(500, 86_400)),
    ],
)
def test_a_rate_is_a_count_in_a_window(text: str, expected: Rate) -> None:
    assert rate(text) == expected


@pytest.mark.parametrize(
    "text", ["{a.b}", "{a[0]}", "{a!r}", "{}", "{0}", "{a:{b}}", "{a", "{a:q}"]
)
def test_a_template_reaches_nothing_but_its_fields(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Template(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7.0, "7"),
        (7.25, "7.25"),
        (True, "yes"),
        (0, "0"),
        (["a", None, "b"], "a, b"),
        (list(range(12)), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"),
        (" a\n b ", "a b"),
        (None, ""),
        ({"a": 1}, ""),
    ],
)
def test_a_value_is_shown_as_a_sentence_has_it(value: Any, text: str) -> None:
    assert shown(value) == text


def test_a_number_in_a_text_takes_a_format() -> None:
    assert Template("{n:,} people").filled({"n": "54000000"}) == "54,000,000 people"
    assert Template("{n:,} people").filled({"n": "many"}) is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<br>b</p><p>c &amp; d</p>", "a b c & d"),
        ("x<script>alert(1)</script>y", "xy"),
        ("1 < 2", "1 < 2"),
        (["<b>a</b>", 3], ["a", 3]),
    ],
)
def test_html_becomes_plain_text(html: Any, text: Any) -> None:
    assert plain(html) == text


def result(document: Any, **terms: Any) -> ToolResult:
    read_terms = Terms.model_validate({"packs": ["drummer.api"], **terms})
    reading = read(read_terms, document, {}, service="Parks")
    return result_of(read_terms, reading, {}, Source("Parks", "https://parks.example"))


def test_without_templates_the_plain_values_are_said() -> None:
    document = {"name": "A", "size": {"ha": 3}, "tags": ["x", "y"], "rows": [{"deep": 1}]}
    assert result(document).statements == ("name: A; size ha: 3; tags: x, y",)


def test_a_guessed_list_that_is_not_there_leaves_the_whole_answer() -> None:
    assert result({"name": "A"}, list="items").statements == ("name: A",)


def test_a_fault_in_an_answer_of_status_200_is_a_failure() -> None:
    with pytest.raises(ToolFailure, match="Parks answered: bad key"):
        result(
            {"error": {"message": "bad key"}}, error="error.message", say="{a}", fields={"a": "a"}
        )


@given(JSON)
def test_statements_of_any_answer_fit_on_one_short_line(document: Any) -> None:
    with suppress(ToolFailure):
        said = result(document).statements
        assert all(len(text) <= 240 and "\n" not in text for text in said)


@given(st.text(string.printable, max_size=60))
def test_html_of_any_kind_is_read_without_tags_of_ours(text: str) -> None:
    assert "<b>" not in plain(f"<b>{text.replace('<', '')}</b>")
