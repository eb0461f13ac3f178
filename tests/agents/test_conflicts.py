"""What counts as a contradiction, what as one finding, and when a task is done."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.agents.conftest import Ask
from toollama.agents.conflicts import conflicts, side_by_side
from toollama.agents.merge import by_code
from toollama.agents.messages import Conflict, EvidenceRecord, Finding
from toollama.agents.quality import unmet
from toollama.models.spec import Done

EVIDENCE = {
    "E1": EvidenceRecord(id="E1", title="Atlas", locator="https://a.example", text=""),
    "E2": EvidenceRecord(id="E2", title="Almanac", locator="https://b.example", text=""),
    "E3": EvidenceRecord(
        id="E3", title="calculator", locator="calculator", text="", tool="calculator"
    ),
}


def finding(statement: str, evidence: str = "E1", *, empty: bool = False) -> Finding:
    return Finding(statement=statement, evidence=(evidence,) if evidence else (), empty=empty)


def found(*findings: Finding) -> Sequence[Conflict]:
    return conflicts(findings, EVIDENCE)


def test_two_sources_with_different_figures_for_the_same_are_a_conflict() -> None:
    [conflict] = found(
        finding("The population of Bergen is 285,000.", "E1"),
        finding("The population of Bergen is 291,000.", "E2"),
    )
    assert side_by_side(conflict, EVIDENCE) == (
        "sources disagree: Atlas says “The population of Bergen is 285,000.”; "
        "but Almanac says “The population of Bergen is 291,000.”"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            finding("The population of Bergen is 285,000.", "E1"),
            finding("The population of Oslo is 709,000.", "E2"),
        ),
        (
            finding("The population of Bergen was 285,000 in 2020.", "E1"),
            finding("The population of Bergen was 291,000 in 2023.", "E2"),
        ),
        (finding("Bergen has 285,000 people.", "E1"), finding("Bergen has 291,000 people.", "E1")),
        (finding("42 km = 26.1 mi", "E3"), finding("42 km = 30.1 mi", "E1")),
        (finding("It is 26.09 mi long.", "E1"), finding("It is 26.1 mi long.", "E2")),
        (finding("Bergen is wet.", "E1"), finding("Bergen is dry.", "E2")),
    ],
    ids=["another place", "another year", "one source", "computed", "rounded", "no figures"],
)
def test_what_is_no_conflict(one: Finding, other: Finding) -> None:
    assert not found(one, other)


def test_a_statement_that_two_sources_make_is_one_finding_with_both() -> None:
    [merged] = by_code([finding("Bergen is wet.", "E1"), finding("bergen  is wet.", "E2")])
    assert merged.evidence == ("E1", "E2")


def test_an_empty_result_stays_only_where_nothing_was_found() -> None:
    nothing = finding("nothing found", empty=True)
    assert by_code([nothing, finding("Bergen is wet.")]) == [finding("Bergen is wet.")]
    assert by_code([nothing]) == [nothing]


@pytest.mark.parametrize(
    ("done", "findings", "missing"),
    [
        ("answered", [finding("x", empty=True)], "nothing was found"),
        ("cited", [finding("x", "")], "a finding has no source"),
        ("cited", [finding("x", "E9")], "a finding has no source"),
        ("figures", [finding("no number")], "no figure was found"),
        ("two_sources", [finding("a"), finding("b")], "only one source speaks"),
    ],
)
def test_a_definition_of_done_names_what_is_missing(
    done: Done, findings: list[Finding], missing: str
) -> None:
    assert unmet([done], findings, (), EVIDENCE) == (missing,)


def test_a_definition_of_done_that_is_met_names_nothing() -> None:
    findings = [finding("It has 3 rooms.", "E1"), finding("It has a roof.", "E2")]
    checks: list[Done] = ["answered", "cited", "figures", "two_sources", "agreed"]
    assert unmet(checks, findings, (), EVIDENCE) == ()


def test_sources_that_disagree_do_not_agree() -> None:
    one, other = finding("It has 3 rooms.", "E1"), finding("It has 4 rooms.", "E2")
    assert unmet(["agreed"], [one, other], [Conflict(a=one, b=other)], EVIDENCE) == (
        "the sources disagree",
    )


async def test_two_files_that_disagree_are_shown_side_by_side(ask: Ask, tmp_path: Path) -> None:
    for name, revenue in (("a.csv", 10), ("b.csv", 12)):
        (tmp_path / name).write_text(f"region,revenue\nNorth,{revenue}\nSouth,1\n")
    outcome = await ask(
        "What is the total revenue in a.csv? What is the total revenue in b.csv?", crew="weak"
    )
    assert outcome.answer is not None
    assert any(limit.startswith("sources disagree: a.csv") for limit in outcome.answer.limits)
    assert "11" in outcome.text
    assert "13" in outcome.text
    assert "12" not in outcome.text
