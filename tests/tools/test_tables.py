from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.base import ToolFailure
from toollama.tools.reading import markdown
from toollama.tools.tabular import tables
from toollama.tools.tabular.cells import figure, to_number
from toollama.tools.tabular.columns import Column
from toollama.tools.tabular.tables import Table


def column(*cells: str) -> Column:
    quoted = [f'"{cell}"' for cell in cells]
    return tables.parse("\n".join(["x;y", *(f"{cell};1" for cell in quoted)]), name="t").columns[0]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("$1,200.50", Fraction(2401, 2), "$"),
        ("(3)", Fraction(-3), ""),
        ("-€4", Fraction(-4), "€"),
        ("12 %", Fraction(12), "%"),
        ("1 200", Fraction(1200), ""),
        ("5 EUR", Fraction(5), "EUR"),
        ("1e3", Fraction(1000), ""),
        (".5", Fraction(1, 2), ""),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, value: Fraction, unit: str) -> None:
    assert to_number(text) == (value, unit)


@pytest.mark.parametrize("text", ["007", "1/3", "abc", "", "-", "1,2,3", "12:30", "(3", "1e9999"])
def test_codes_and_words_are_not_numbers(text: str) -> None:
    assert to_number(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9)))
def test_a_written_decimal_is_read_back_exactly(number: object) -> None:
    assert to_number(f"{number:,.2f}") == (Fraction(str(number)), "")


@given(st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6))
def test_a_figure_is_within_its_last_decimal(value: Fraction) -> None:
    read = to_number(figure(value))
    assert read is not None
    assert abs(read[0] - value) <= max(abs(value) / 1_000, Fraction(1, 10**7))


def test_a_sum_of_tenths_is_exact() -> None:
    cells = [cell for cell in column("0.1", "0.2").present if isinstance(cell, Fraction)]
    assert sum(cells) == Fraction(3, 10)


def test_a_decimal_comma_is_decided_by_the_whole_column() -> None:
    assert column("1.200", "3,5").cells == (Fraction(1200), Fraction(7, 2))


def test_a_thousands_comma_is_the_default() -> None:
    assert column("1,200", "300").cells == (Fraction(1200), Fraction(300))


def test_mixed_currencies_stay_text_and_are_noted() -> None:
    table = tables.parse("x\n$1\n€2\n", name="t.csv")
    assert table.columns[0].kind == "text"
    assert table.notes == ('"x" mixes $ and €, so it is kept as text.',)


def test_a_few_unreadable_cells_are_left_out_and_noted() -> None:
    table = tables.parse("x\n" + "1\n" * 19 + "oops\n", name="t.csv")
    assert table.columns[0].kind == "number"
    assert table.notes == ('1 cells of "x" are not numbers and were left out, such as "oops".',)


@pytest.mark.parametrize("cell", ["", "NA", "n/a", "null", "-", "?"])
def test_missing_values_are_none(cell: str) -> None:
    assert column("1", "2", cell).cells[-1] is None


@pytest.mark.parametrize(
    "cell",
    [
        *("2024-03-05", "2024-03-05T10:00:00Z", "2024/03/05", "05.03.2024", "5 Mar 2024"),
        *("March 5, 2024", "2024-03-05 10:00"),
    ],
)
def test_dates_are_read_in_the_usual_forms(cell: str) -> None:
    assert column(cell, cell).cells[0] == date(2024, 3, 5)


def test_days_over_twelve_decide_the_order_of_day_and_month() -> None:
    assert column("03/04/2024", "25/04/2024").cells[0] == date(2024, 4, 3)


def test_an_undecided_order_of_day_and_month_is_noted() -> None:
    table = tables.parse("day\n03/04/2024\n", name="t.csv")
    assert table.notes == ('"day" was read as month/day; it could be day/month.',)


def test_yes_and_no_are_bool() -> None:
    assert column("yes", "No").cells == (True, False)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    text = delimiter.join("abc") + "\n" + delimiter.join(["1", "two words", "3"])
    assert [c.name for c in tables.parse(text, name="data").columns] == ["a", "b", "c"]


def test_quoted_delimiters_and_line_feeds_stay_in_their_cell() -> None:
    table = tables.parse('a,b\n"x, y\nz",1\n', name="t.csv")
    assert table.columns[0].cells == ("x, y\nz",)


def test_a_file_without_a_header_gets_numbered_columns() -> None:
    table = tables.parse("north,12.5\nsouth,3\n", name="t.csv")
    assert [c.name for c in table.columns] == ["column 1", "column 2"]
    assert table.rows == 2


def test_years_may_be_column_names() -> None:
    table = tables.parse("country,2023,2024\nSpain,1,2\n", name="t.csv")
    assert [c.name for c in table.columns] == ["country", "2023", "2024"]


def test_repeated_column_names_are_numbered() -> None:
    table = tables.parse("a,a,\n1,2,3\n", name="t.csv")
    assert [c.name for c in table.columns] == ["a", "a (2)", "column 3"]


def test_a_ragged_row_is_refused_with_its_line() -> None:
    with pytest.raises(ToolFailure, match="line 3 has 3 values where the header has 2"):
        tables.parse("a,b\n1,2\n1,2,3\n", name="t.csv")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.json", '[{"a": 1.5, "b": {"c": "x"}}, {"a": null, "b": {"c": "y"}}]'),
        ("t.json", '{"rows": [{"a": 1.5, "b": {"c": "x"}}, {"b": {"c": "y"}}]}'),
        ("t.jsonl", '{"a": 1.5, "b": {"c": "x"}}\n{"b": {"c": "y"}}\n'),
        ("stdin", '{"a": 1.5, "b": {"c": "x"}}\n{"b": {"c": "y"}}\n'),
    ],
)
def test_json_objects_are_rows_and_nested_keys_are_dotted(name: str, text: str) -> None:
    table = tables.parse(text, name=name)
    assert {c.name: c.cells for c in table.columns} == {
        "a": (Fraction(3, 2), None),
        "b.c": ("x", "y"),
    }


def test_broken_json_is_refused() -> None:
    with pytest.raises(ToolFailure, match="not JSON"):
        tables.parse('[{"a": 1', name="t.json")


@pytest.mark.parametrize("name", ["t.csv", "t.json", "t.jsonl"])
def test_the_head_of_a_table_may_end_anywhere(name: str) -> None:
    whole = {
        "t.csv": "a,b\n1,2\n3,4\n5,",
        "t.json": '[{"a":1,"b":2},{"a":3,"b":4},{"a":5',
        "t.jsonl": '{"a":1,"b":2}\n{"a":3,"b":4}\n{"a":5',
    }[name]
    table = tables.parse(whole, name=name, partial=True)
    assert table.columns[0].cells[0] == Fraction(1)


@pytest.mark.parametrize("name", ["order date", "Order_Dates", "orderDate", "ORDER-DATE", "date"])
def test_a_column_is_found_whatever_its_spelling(name: str) -> None:
    table = tables.parse("order_date,amount\n2024-01-01,5\n", name="t.csv")
    assert table.column(name).name == "order_date"


def test_a_wrong_column_names_the_nearest() -> None:
    table: Table = tables.parse("region,revenue\nNorth,5\n", name="t.csv")
    with pytest.raises(ToolFailure) as caught:
        table.column("regoin")
    assert caught.value.fix == "use one of: region"


def test_markdown_cells_cannot_break_the_table() -> None:
    assert markdown.table(["a"], [["x | y\nz"]]).splitlines()[-1] == r"| x \| y z |"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (Fraction(5400), "", "5,400"),
        (Fraction(25, 2), "$", "$12.50"),
        (Fraction(118, 3), "", "39.3333"),
        (Fraction(-1, 2), "%", "-0.5%"),
        (Fraction(1, 30_000), "", "0.00003333"),
        (Fraction(10), "EUR", "10 EUR"),
    ],
)
def test_figures_are_written_for_people(value: Fraction, unit: str, text: str) -> None:
    assert figure(value, unit) == text
