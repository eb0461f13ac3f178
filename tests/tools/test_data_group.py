from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.clock import FixedClock
from toollama.tools.base import Attachment, HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.data_group import TOOL
from toollama.tools.run import run, validate
from toollama.tools.tabular import tables
from toollama.tools.tabular.grouping import GroupArguments, compute

SALES = """region,product,revenue,date
North,A,"5,400",2024-01-03
South,B,4000,2023-02-01
East,A,2500,2024-03-05
South,A,100,2024-03-05
"""
ORDERS = """order_id,customer,amount,quantity,country,order_date,category,unit_price
1,Ana,100,2,Spain,2024-01-03,Books,5
2,Bo,50,1,France,2024-02-03,Toys,7
3,Ana,25,1,Spain,2023-01-03,Books,9
4,Cy,10,1,Italy,2024-05-03,Home,1
"""
STAFF = "name,department,salary\nA,IT,100\nB,IT,200\nC,HR,120\n"


def piped(text: str) -> ToolContext:
    return ToolContext(
        clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)),
        http=cast("HttpDoor", None),
        attachments=(Attachment(name="stdin", text=text),),
    )


async def answer(text: str, **arguments: Any) -> tuple[str, ...]:
    return (await run(TOOL, {"path": "stdin", **arguments}, piped(text))).statements


def proposed(question: str, text: str) -> tuple[dict[str, Any], set[str]]:
    """Return the first candidate of each parameter, and the names of the uncertain ones."""
    found = TOOL.propose(question, piped(text))
    values = {name: options[0].value for name, options in found.items()}
    return values, {name for name, options in found.items() if not options[0].certain}


async def test_the_direct_answer_comes_first_with_its_share() -> None:
    statements = await answer(
        SALES, group_by="region", value="revenue", aggregate="sum", order="highest"
    )
    assert statements == (
        "North has the highest total revenue: 5,400 (45.0% of the whole 12,000).",
        "Total revenue by region: North 5,400 (45.0%), South 4,100 (34.2%), East 2,500 (20.8%).",
    )


async def test_an_average_has_no_share() -> None:
    statements = await answer(STAFF, group_by="department", value="salary", aggregate="mean")
    assert statements == (
        "Average salary by department: IT 150, HR 120.",
        "Over all groups the average salary is 140, from 3 rows.",
    )


async def test_parts_below_zero_have_no_share() -> None:
    text = "a,b\nx,5\ny,-2\n"
    statements = await answer(text, group_by="a", value="b", aggregate="sum", order="highest")
    assert statements[0] == "x has the highest total b: 5."


async def test_ties_are_all_named() -> None:
    text = "a,b\nx,5\ny,5\nz,1\n"
    statements = await answer(text, group_by="a", value="b", aggregate="sum", order="highest")
    assert statements[0] == "x and y tie for the highest total b: 5 each (45.5% of the whole 11)."


async def test_a_limit_puts_the_ranking_first_and_keeps_the_whole() -> None:
    statements = await answer(
        SALES, group_by="region", value="revenue", aggregate="sum", order="highest", limit=2
    )
    assert statements[0] == (
        "Total revenue by region (the 2 highest of 3): North 5,400 (45.0%), South 4,100 (34.2%)."
    )


async def test_conditions_are_part_of_the_answer() -> None:
    where = [{"column": "date", "value": "2024"}]
    statements = await answer(SALES, value="revenue", aggregate="sum", where=where)
    assert statements == ("The total revenue where date is 2024 is 8,000, from 3 rows.",)


async def test_dates_can_be_grouped_by_month() -> None:
    statements = await answer(
        SALES, group_by="date", value="revenue", aggregate="sum", period="month"
    )
    assert statements[0].startswith("Total revenue by month of date: 2023-02 4,000 (33.3%), 2024-")


async def test_the_latest_date_is_a_maximum() -> None:
    assert await answer(SALES, value="date", aggregate="max") == (
        "The latest date is 2024-03-05, from 4 rows.",
    )


async def test_no_row_left_is_an_empty_result_that_says_so() -> None:
    arguments = {
        "path": "stdin",
        "value": "revenue",
        "aggregate": "sum",
        "where": [{"column": "region", "value": "West"}],
    }
    result = await run(TOOL, arguments, piped(SALES))
    assert result.status == "empty"
    assert result.statements == ("stdin has no row with a value for revenue where region is West.",)


async def test_rows_without_a_value_are_counted_as_left_out() -> None:
    statements = await answer("a,b\nx,5\ny,\n", value="b", aggregate="mean")
    assert statements == ("The average b is 5, from 1 row.", "1 row without a b was left out.")


async def test_many_groups_fit_the_length_of_a_statement() -> None:
    text = "a,b\n" + "\n".join(f"group number {n},1" for n in range(300))
    result = await run(TOOL, {"path": "stdin", "group_by": "a", "aggregate": "count"}, piped(text))
    assert max(map(len, result.statements)) <= 240
    assert len(result.text.splitlines()) == 302


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"value": "region", "aggregate": "sum"}, '"region" holds text, which has no sum'),
        ({"value": "", "aggregate": "mean"}, "the mean needs a value column"),
        ({"value": "revnue", "aggregate": "sum"}, 'no column "revnue"'),
    ],
)
async def test_a_column_that_does_not_suit_fails(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ToolFailure, match=message) as caught:
        await answer(SALES, **arguments)
    assert caught.value.fix.startswith("use one of: revenue")


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.decimals(-999, 999, places=3)), min_size=1))
def test_the_groups_add_up_to_the_whole_exactly(rows: list[tuple[str, object]]) -> None:
    text = "a,b\n" + "\n".join(f"{group},{number:.3f}" for group, number in rows)
    arguments = GroupArguments(path="stdin", group_by="a", value="b", aggregate="sum")
    found = compute(tables.parse(text, name="t.csv"), arguments)
    parts = [value for _, value in found.groups if isinstance(value, Fraction)]
    assert sum(parts) == found.whole == sum(Fraction(str(number)) for _, number in rows)


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        (
            "Which region has the highest total revenue, and what share of the whole is it?",
            SALES,
            {"group_by": "region", "value": "revenue", "aggregate": "sum", "order": "highest"},
        ),
        (
            "average price per category",
            ORDERS,
            {"group_by": "category", "value": "unit_price", "aggregate": "mean", "order": "none"},
        ),
        (
            "how many orders per country",
            ORDERS,
            {"group_by": "country", "value": "", "aggregate": "count", "order": "none"},
        ),
        (
            "lowest median salary by department",
            STAFF,
            {"group_by": "department", "value": "salary", "aggregate": "median", "order": "lowest"},
        ),
        (
            "what is the total amount",
            ORDERS,
            {"group_by": "", "value": "amount", "aggregate": "sum", "order": "none"},
        ),
        (
            "top three countries by total amount",
            ORDERS,
            {"group_by": "country", "value": "amount", "order": "highest", "limit": 3},
        ),
        ("total revenue by month", SALES, {"group_by": "date", "period": "month"}),
        ("what is the highest amount", ORDERS, {"group_by": "", "aggregate": "max"}),
        ("most common category", ORDERS, {"group_by": "category", "aggregate": "count"}),
        ("how many different customers are there", ORDERS, {"value": "customer", "group_by": ""}),
        ("what share of revenue comes from the north", SALES, {"group_by": "region"}),
        ("compare north and south by revenue", SALES, {"group_by": "region", "value": "revenue"}),
        ("total by order date of amount", ORDERS, {"group_by": "order_date", "value": "amount"}),
    ],
)
def test_what_the_words_name_is_certain(question: str, text: str, expected: dict[str, Any]) -> None:
    values, uncertain = proposed(question, text)
    assert {name: values[name] for name in expected} == expected
    assert not uncertain & set(expected)


@pytest.mark.parametrize(
    ("question", "text", "conditions"),
    [
        ("revenue in 2024", SALES, [("date", "=", "2024")]),
        ("total revenue since 2024", SALES, [("date", ">=", "2024")]),
        ("total amount where country is Spain", ORDERS, [("country", "=", "Spain")]),
        ("total quantity excluding spain", ORDERS, [("country", "!=", "Spain")]),
        ("amount in March 2024", ORDERS, [("order_date", "=", "2024-03")]),
        (
            "amount q1 2024",
            ORDERS,
            [("order_date", ">=", "2024-01"), ("order_date", "<=", "2024-03")],
        ),
        ("average salary in IT", STAFF, [("department", "=", "IT")]),
        ("total quantity with amount over 20", ORDERS, [("amount", ">", "20")]),
        ("is it the total amount", ORDERS, None),
    ],
)
def test_values_and_times_in_the_words_become_conditions(
    question: str, text: str, conditions: list[tuple[str, str, str]] | None
) -> None:
    values, _ = proposed(question, text)
    where = values.get("where")
    assert (where and [(c["column"], c["op"], c["value"]) for c in where]) == conditions


def test_a_word_that_names_no_column_leaves_the_choice_to_a_model() -> None:
    found = TOOL.propose("top 3 customers by sales", piped(ORDERS))
    assert found["group_by"][0].value == "customer"
    assert found["limit"][0].value == 3
    assert [(c.value, c.certain) for c in found["value"]] == [
        ("amount", False),
        ("quantity", False),
        ("unit_price", False),
    ]


def test_who_means_the_only_column_that_names_people() -> None:
    values, uncertain = proposed("who spent the most", ORDERS)
    assert values["group_by"] == "customer"
    assert "group_by" not in uncertain
    assert "value" in uncertain


def test_a_group_without_a_column_lists_the_columns_that_may_part_the_rows() -> None:
    values, uncertain = proposed("who spent the most", "driver,client,spent\nA,B,3\nC,D,4\n")
    assert values["group_by"] in {"driver", "client"}
    assert "group_by" in uncertain


def test_a_typing_error_is_a_guess_and_not_certain() -> None:
    values, uncertain = proposed("total revenue per regoin", SALES)
    assert values["group_by"] == "region"
    assert "group_by" in uncertain


def test_a_month_without_a_year_is_that_of_the_only_year() -> None:
    values, uncertain = proposed("total b in march", "a,b\n2024-03-01,5\n2024-04-01,6\n")
    assert values["where"] == [{"column": "a", "op": "=", "value": "2024-03"}]
    assert "where" not in uncertain


def test_a_month_of_several_years_is_left_uncertain() -> None:
    _, uncertain = proposed("total revenue in march", SALES)
    assert "where" in uncertain


def test_a_year_is_uncertain_where_two_columns_hold_dates() -> None:
    text = "ordered,shipped,amount\n2024-01-01,2024-02-01,5\n2023-01-01,2023-02-01,6\n"
    _, uncertain = proposed("total amount in 2024", text)
    assert "where" in uncertain


def test_a_second_group_makes_the_first_uncertain() -> None:
    _, uncertain = proposed("sum of amount by customer and country", ORDERS)
    assert "group_by" in uncertain


@settings(max_examples=60)
@given(st.text(max_size=80), st.sampled_from([SALES, ORDERS, STAFF]))
def test_any_words_give_arguments_that_validate(question: str, text: str) -> None:
    values, _ = proposed(question, text)
    assert validate(TOOL, values)


def test_an_unreadable_table_proposes_only_its_path(tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text("a,b\n1,2,3\n")
    context = ToolContext(
        clock=piped("").clock,
        http=cast("HttpDoor", None),
        attachments=(Attachment(name="ragged.csv", path=path),),
    )
    assert set(TOOL.propose("sum of a", context)) == {"path"}


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        ({"group_by": "region", "aggregate": "sum", "order": "highest"}, "North"),
        ({"aggregate": "sum"}, "12,000"),
        ({"group_by": "region", "aggregate": "sum"}, ""),
    ],
)
async def test_the_bare_answer_is_the_leading_group_or_the_total(
    arguments: dict[str, str], answer: str
) -> None:
    call = {"path": "stdin", "value": "revenue", **arguments}
    assert (await run(TOOL, call, piped(SALES))).answer == answer


SHOPS = "shop,month,visitors,revenue\nA,January,5,100\nB,January,7,90\nA,March,5,100\n"


@pytest.mark.parametrize(
    "question",
    ["which shop earns most", "which shop sells best", "which shop takes the most money"],
)
def test_a_question_about_earning_adds_up_the_money_first(question: str) -> None:
    values, uncertain = proposed(question, SHOPS)
    assert values == {
        "path": "stdin",
        "group_by": "shop",
        "value": "revenue",
        "aggregate": "sum",
        "order": "highest",
    }
    assert uncertain == {"value", "aggregate"}


def test_earning_per_visit_is_an_average() -> None:
    values, _ = proposed("which shop earns most per visit", SHOPS)
    assert values["aggregate"] == "mean"


def test_a_certain_column_is_followed_by_the_others_of_its_kind() -> None:
    found = TOOL.propose("which shop has the highest total revenue", piped(SHOPS))
    assert [(c.value, c.certain) for c in found["group_by"]] == [("shop", True), ("month", False)]
    assert [(c.value, c.certain) for c in found["value"]] == [
        ("revenue", True),
        ("visitors", False),
    ]


def test_a_certain_figure_and_order_are_followed_by_the_others() -> None:
    found = TOOL.propose("which shop has the highest total revenue", piped(SHOPS))
    assert [c.value for c in found["order"]] == ["highest", "lowest", "none"]
    assert [c.value for c in found["aggregate"]][:2] == ["sum", "mean"]
    assert [c.certain for c in found["aggregate"]] == [True] + 6 * [False]


def test_a_limit_beyond_what_the_tool_lists_is_cut_to_it() -> None:
    values, _ = proposed("top 5000 shops by revenue", SHOPS)
    assert values["limit"] == 1000


def test_a_column_whose_name_has_no_letters_can_be_asked_about() -> None:
    values, _ = proposed("total visitors", "%,visitors\n1,2\n3,4\n")
    assert values["value"] == "visitors"


def test_an_identifier_parts_the_rows_of_a_table_of_numbers() -> None:
    values, _ = proposed("which pump has the highest flow?", "id,flow\n1,40\n2,65\n")
    assert (values["group_by"], values["value"], values["order"]) == ("id", "flow", "highest")


def test_a_table_of_measures_alone_has_nothing_to_part_it_by() -> None:
    values, _ = proposed("which pump has the highest flow?", "flow,litres\n1,40\n2,65\n")
    assert values["group_by"] == ""


async def test_the_earliest_date_is_not_called_the_lowest() -> None:
    told = await answer(
        "name,born\nAna,1988-04-12\nBo,1951-09-30\n",
        group_by="name",
        value="born",
        aggregate="min",
        order="lowest",
    )
    assert told[0] == "Bo has the earliest born: 1951-09-30."
