"""Listing the rows of a table."""

from typing import Any

import pytest

from tests.tools.answering import NOW
from toollama.clock import FixedClock
from toollama.tools.base import Attachment, NoNetwork, ToolContext
from toollama.tools.builtin.data_rows import TOOL
from toollama.tools.run import run

MEMBERS = """name,born,city,fee_paid,points
Ines,1988-04-12,Porto,yes,40
Karl,1951-09-30,Ulm,no,7
Mara,1994-01-08,Uppsala,yes,
Tom,1969-12-19,Leeds,no,12
"""
CONTEXT = ToolContext(
    clock=FixedClock(NOW),
    http=NoNetwork(),
    attachments=(Attachment(name="stdin", text=MEMBERS),),
)


def understood(text: str) -> dict[str, Any]:
    """Return the certain arguments besides the path."""
    found = TOOL.propose(text, CONTEXT)
    return {
        name: options[0].value
        for name, options in found.items()
        if options[0].certain and name != "path"
    }


async def statements(text: str) -> tuple[str, ...]:
    return (await run(TOOL, {"path": "stdin", **understood(text)}, CONTEXT)).statements


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("who has not paid the fee?", "stdin has 2 of its 4 rows where fee paid is no: Karl, Tom."),
        ("who has paid?", "stdin has 2 of its 4 rows where fee paid is yes: Ines, Mara."),
        ("who was born before 1970?", "stdin has 2 of its 4 rows where born < 1970: Karl, Tom."),
        ("who lives in Ulm?", "stdin has 1 of its 4 rows where city is Ulm: Karl."),
        ("which members are over 10", "stdin has 2 of its 4 rows where points > 10: Ines, Tom."),
        ("list the cities in alphabetical order", "stdin has 4 rows, by city: Leeds, Porto, Ulm"),
        ("sort them by points", "stdin has 4 rows, by points: Karl, Tom, Ines, Mara."),
    ],
)
async def test_a_question_about_rows_is_answered_by_their_names(text: str, first: str) -> None:
    assert (await statements(text))[0].startswith(first)


async def test_few_rows_are_told_in_full() -> None:
    told = await statements("who lives in Ulm?")
    assert told[1] == "name: Karl; born: 1951-09-30; city: Ulm; fee paid: no; points: 7"


@pytest.mark.parametrize(
    "text",
    ["how many members have paid?", "average points", "who has the most points", "what is in it"],
)
def test_a_figure_or_a_description_is_for_other_tools(text: str) -> None:
    assert TOOL.propose(text, CONTEXT) == {}


async def test_no_row_is_an_honest_empty_result() -> None:
    where = [{"column": "points", "op": ">", "value": "99"}]
    result = await run(TOOL, {"path": "stdin", "where": where}, CONTEXT)
    assert (result.status, result.statements) == ("empty", ("stdin has no row where points > 99.",))


async def test_rows_are_sorted_downwards_with_missing_values_last() -> None:
    arguments = {"path": "stdin", "order_by": "points", "descending": True, "columns": ["name"]}
    assert (await run(TOOL, arguments, CONTEXT)).answer == "Ines, Tom, Karl, Mara"
