"""What counts as a contradiction, what as one finding, and when a task is done."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from tests.agents.conftest import CREW, Ask
from toollama.agents import merge
from toollama.agents.conflicts import conflicts, side_by_side
from toollama.agents.merge import by_code
from toollama.agents.messages import Answer, Conflict, EvidenceRecord, Finding
from toollama.agents.quality import unmet
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.models.catalog import load_catalog
from toollama.models.scripted import ScriptedEngine
from toollama.models.spec import Done
from toollama.session import AskOptions, Session
from toollama.store import Store
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolResult,
    ToolSpec,
)
from toollama.tools.registry import Registry

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


async def test_texts_that_disagree_are_shown_side_by_side(ask: Ask, tmp_path: Path) -> None:
    paths = []
    for name, people in (("atlas.txt", "285,000"), ("almanac.txt", "291,000")):
        paths.append(tmp_path / name)
        paths[-1].write_text(f"The population of Bergen is {people} people today.\n")
    outcome = await ask("summarise the population of Bergen", files=paths, crew="weak")
    assert outcome.answer is not None
    [limit] = [text for text in outcome.answer.limits if text.startswith("sources disagree")]
    assert "atlas.txt says “The population of Bergen is 285,000" in limit
    assert "almanac.txt says “The population of Bergen is 291,000" in limit
    assert "288,000" not in outcome.text


class _Place(Arguments):
    name: str


class _Gazetteer(Tool[_Place, str]):
    """A source that says how many people live somewhere."""

    spec = ToolSpec(
        name="atlas",
        summary="Tells the population of a city.",
        utterances=("population of Bergen", "how many people live in Bergen"),
        parameters=_Place,
        packs=("drummer.search", "belter.research"),
    )
    people = "285,000"

    def propose(self, text: str, context: ToolContext) -> Proposal:
        return {"name": [Candidate("Bergen", "words", certain=True)]}

    async def execute(self, args: _Place, context: ToolContext) -> str:
        return self.people

    def format(self, args: _Place, raw: str, context: ToolContext) -> ToolResult:
        return ToolResult(
            statements=(f"The population of {args.name} is {raw}.",),
            answer=raw,
            sources=(Source(self.spec.name, f"https://{self.spec.name}.example"),),
        )


class _Almanac(_Gazetteer):
    spec = dataclasses.replace(_Gazetteer.spec, name="almanac")
    people = "291,000"


async def _population(tmp_path: Path, depth: Literal["detailed", "comprehensive"]) -> Answer:
    (tmp_path / "models.toml").write_text(CREW)
    clock = SystemClock()
    store = Store.open(tmp_path / "runs.db", clock)
    session = Session(
        settings=Settings(timezone="UTC", offline=True, output_dir=tmp_path),
        catalog=load_catalog(tmp_path / "models.toml"),
        store=store,
        clock=clock,
        registry=Registry([_Gazetteer(), _Almanac()]),
        engine=ScriptedEngine(),
    )
    try:
        return await session.ask(
            AskOptions(prompt="population of Bergen", profile="weak", depth=depth)
        )
    finally:
        store.close()


async def test_comprehensive_asks_a_second_source_and_shows_both(tmp_path: Path) -> None:
    answer = await _population(tmp_path, "comprehensive")
    assert "285,000. [" in answer.text
    assert "291,000. [" in answer.text
    assert answer.limits[0].startswith("sources disagree: almanac says")
    assert answer.tool_calls == 2


async def test_detailed_asks_one_source(tmp_path: Path) -> None:
    answer = await _population(tmp_path, "detailed")
    assert answer.tool_calls == 1


def _member(*, writes: bool) -> Any:
    return SimpleNamespace(
        trust=SimpleNamespace(writes_prose=writes), role=SimpleNamespace(max_tokens=100)
    )


@pytest.mark.parametrize(
    ("written", "statements"),
    [
        ("Bergen has 3 hills and 7 lakes.", ["Bergen has 3 hills and 7 lakes."]),
        ("Bergen has 5 hills.", ["Bergen has 3 hills.", "Bergen has 7 lakes."]),
        ("Bergen has 3 hills.", ["Bergen has 3 hills.", "Bergen has 7 lakes."]),
    ],
    ids=["supported", "averaged", "incomplete"],
)
async def test_findings_that_are_not_quoted_are_merged_by_the_model_if_it_keeps_to_them(
    monkeypatch: pytest.MonkeyPatch, written: str, statements: list[str]
) -> None:
    async def complete(*args: Any, **options: Any) -> str:
        return written

    monkeypatch.setattr(merge.inference, "complete", complete)
    run: Any = SimpleNamespace(bus=SimpleNamespace(emit=lambda payload: None))
    guessed = [
        finding(text).model_copy(update={"confidence": "model"})
        for text in ("Bergen has 3 hills.", "Bergen has 7 lakes.")
    ]
    merged = await merge.merged(run, _member(writes=True), "what is in Bergen", guessed)
    assert [found.statement for found in merged] == statements


async def test_quoted_findings_are_merged_without_a_model() -> None:
    quoted = [finding("Bergen has 3 hills."), finding("Bergen has 7 lakes.")]
    nobody: Any = None
    assert await merge.merged(nobody, _member(writes=True), "", quoted) == quoted
