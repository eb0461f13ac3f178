from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from toollama.clock import FixedClock
from toollama.tools.base import Attachment, HttpDoor, ToolContext, ToolFailure
from toollama.tools.builtin.data_profile import TOOL, ProfileArguments
from toollama.tools.run import run

SALES = """region,revenue,date,open
North,$100.10,2024-01-03,yes
South,$50.20,2023-02-01,no
North,,2024-03-05,yes
"""


def piped(text: str = SALES) -> ToolContext:
    return ToolContext(
        clock=FixedClock(datetime(2026, 1, 1, tzinfo=UTC)),
        http=cast("HttpDoor", None),
        attachments=(Attachment(name="stdin", text=text),),
    )


async def test_the_first_statement_says_how_large_the_table_is() -> None:
    result = await run(TOOL, {"path": "stdin"}, piped())
    assert result.statements[0] == "stdin has 3 rows and 4 columns: region, revenue, date, open."


async def test_each_type_is_described_by_what_it_has() -> None:
    result = await run(TOOL, {"path": "stdin"}, piped())
    assert result.statements[1:] == (
        "region (text): 2 distinct, most often North (2), South (1).",
        (
            "revenue (number): sum $150.30, mean $75.15, median $75.15, from $50.20 to $100.10; "
            "1 missing."
        ),
        "date (date): from 2023-02-01 to 2024-03-05.",
        "open (bool): 2 distinct, most often yes (2), no (1).",
    )


async def test_one_column_can_be_described_alone() -> None:
    result = await run(TOOL, {"path": "stdin", "column": "Regions"}, piped())
    assert [column["name"] for column in result.data["columns"]] == ["region"]


async def test_a_wrong_column_fails_with_the_nearest_name() -> None:
    with pytest.raises(ToolFailure) as caught:
        await run(TOOL, {"path": "stdin", "column": "revnue"}, piped())
    assert caught.value.fix.startswith("use one of: revenue")


async def test_a_column_without_any_value_is_described() -> None:
    result = await run(TOOL, {"path": "stdin"}, piped("a,b\n1,\n2,\n"))
    assert result.statements[-1] == "b (text): 0 distinct; 2 missing."


async def test_statements_fit_their_length_whatever_the_file_holds() -> None:
    text = ",".join(f"column number {n}" for n in range(60)) + "\n" + ",".join(["x" * 300] * 60)
    result = await run(TOOL, {"path": "stdin"}, piped(text))
    assert max(map(len, result.statements)) <= 240


async def test_terminal_commands_in_cells_are_made_visible() -> None:
    result = await run(TOOL, {"path": "stdin"}, piped("a,b\n\x1b[31mred,1\n"))
    assert "\x1b" not in "".join(result.statements)


def test_a_column_named_in_the_words_is_certain() -> None:
    found = TOOL.propose("are there nulls in revenue?", piped())
    assert [(c.value, c.certain) for c in found["column"]] == [("revenue", True)]


def test_a_file_that_nobody_gave_is_not_opened_to_propose(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SALES)
    name = str(tmp_path / "sales.csv")
    context = ToolContext(clock=piped().clock, http=cast("HttpDoor", None))
    assert set(TOOL.propose(f"nulls in revenue of {name}", context)) == {"path"}


def test_a_file_inside_the_read_roots_is_opened_to_propose(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text(SALES)
    name = str(tmp_path / "sales.csv")
    context = ToolContext(clock=piped().clock, http=cast("HttpDoor", None), read_roots=(tmp_path,))
    assert set(TOOL.propose(f"nulls in revenue of {name}", context)) == {"path", "column"}


def test_the_policy_sees_the_file(tmp_path: Path) -> None:
    reads, writes = TOOL.touches(ProfileArguments(path=str(tmp_path / "s.csv")), piped())
    assert (reads, writes) == ([(tmp_path / "s.csv").resolve()], [])


@pytest.mark.parametrize(
    ("words", "certain"), [("describe the revenue", True), ("who has the highest revenue", False)]
)
def test_a_ranking_is_not_what_a_description_of_a_column_gives(words: str, certain: bool) -> None:
    assert TOOL.propose(words, piped())["column"][0].certain is certain
