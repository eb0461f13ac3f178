import re

from toollama.tools.discovery import Entry, discover, gone
from toollama.tools.discovery.gone import Gone
from toollama.tools.discovery.page import page

GONE = Gone("Old Service", "closed in 2020", "new_tool")


def entry(name: str) -> Entry:
    return discover().entry(name)


def test_each_tool_stands_in_the_table_of_its_drummer() -> None:
    text = page([entry("calculator"), entry("wikipedia_summary")], [])
    search, analysis = text.index("## Finding"), text.index("## Reckoning")
    assert search < text.index("`wikipedia_summary`") < analysis < text.index("`calculator`")


def test_every_tool_stands_there_once() -> None:
    text = page(discover().entries, [])
    for one in discover().entries:
        assert len(re.findall(rf"^\| `{one.name}` \|", text, re.MULTILINE)) == 1


def test_a_bar_in_a_summary_does_not_break_the_table() -> None:
    from dataclasses import replace

    text = page([replace(entry("calculator"), summary="a | b")], [])
    [row] = [line for line in text.splitlines() if "`calculator`" in line]
    assert row.count("|") == 7


def test_what_is_gone_says_why_and_what_replaces_it() -> None:
    assert "| Old Service | closed in 2020 | new_tool |" in page([], [GONE])


def test_what_is_gone_is_complete_and_named_once() -> None:
    found = gone.load()
    assert all(one.name and one.reason and one.replacement for one in found)
    assert len({one.name for one in found}) == len(found)


def test_a_tool_that_replaces_what_is_gone_exists() -> None:
    names = {one.name for one in discover().entries}
    meant = {
        word
        for one in gone.load()
        for word in re.findall(r"[a-z]+(?:_[a-z0-9]+)+", one.replacement)
    }
    assert meant <= names
