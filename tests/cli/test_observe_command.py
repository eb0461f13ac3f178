"""`toollama observe`: the Observer's insights of a run that is kept, or still goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.cli.kept_runs import FIRST, OTHER, SECOND, keep
from toollama import paths
from toollama.cli import observe
from toollama.clock import FixedClock
from toollama.events import Bus
from toollama.events.payloads import Insight, RunCompleted, RunStarted
from toollama.store import Store

RECORDED = Path(__file__).parents[1] / "tui" / "fixtures" / "three_tasks.jsonl"


@pytest.fixture
def bus() -> Iterator[Bus]:
    """Return the bus of a logged run that has begun, with one insight in it."""
    clock = FixedClock(datetime(2026, 11, 22, 15, tzinfo=UTC))
    store = Store.open(paths.database(), clock)
    bus = Bus("20261122-150000-aaaa", clock)
    bus.subscribe(store.append)
    bus.emit(RunStarted(prompt="x", version="1", profile="starter"))
    clock.advance(1.5)
    bus.emit(Insight(severity="warning", kind="loop", message="called twice\x1b[2J", events=[1]))
    yield bus
    store.close()


def _end(bus: Bus) -> None:
    bus.emit(RunCompleted(status="complete", answer="", exit_code=0))


def test_an_insight_is_told_with_the_events_that_show_it(cli: Cli, bus: Bus) -> None:
    _end(bus)
    told = "1.5\twarning\tloop\tcalled twice\N{SYMBOL FOR ESCAPE}[2J\t1\n"
    assert cli("observe").out == told
    [insight] = from_json(cli("observe", "last", "--json").out)
    assert (insight["kind"], insight["events"]) == ("loop", [1])


def test_a_run_without_insights_says_so(cli: Cli) -> None:
    cli("ask", " ")
    done = cli("observe")
    assert (done.code, done.out) == (0, "")
    assert "the Observer saw nothing" in done.err


def test_a_run_that_goes_on_is_followed_to_its_end(
    cli: Cli, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(_seconds: float) -> None:
        bus.emit(Insight(severity="info", kind="budget", message="half is spent"))
        _end(bus)

    monkeypatch.setattr(observe.time, "sleep", later)
    lines = cli("observe", "--follow", "--json").out.splitlines()
    assert [from_json(line)["kind"] for line in lines] == ["loop", "budget"]


def test_the_word_show_may_be_left_out(cli: Cli, bus: Bus) -> None:
    _end(bus)
    assert cli("observe", "last").out == cli("observe", "show", "last").out
    assert cli("observe", "--json").out == cli("observe", "show", "--json").out


def test_runs_are_compared_on_a_line_each_the_newest_first(cli: Cli) -> None:
    keep()
    rows = [line.split("\t") for line in cli("observe", "scorecard", "-n", "2").out.splitlines()]
    assert [row[:3] for row in rows] == [[OTHER, "complete", "2.0"], [SECOND, "complete", "2.0"]]


def test_named_runs_and_files_of_events_are_compared_in_their_order(cli: Cli) -> None:
    keep()
    cards = from_json(cli("observe", "scorecard", FIRST, str(RECORDED), "--json").out)
    assert [card["run_id"] for card in cards] == [FIRST, "20261122-220314-7771"]
    assert (cards[1]["tasks_done"], cards[1]["models"]) == (3, ["qwen2.5-coder-1.5b"])


def test_a_log_without_runs_has_no_scorecard(cli: Cli) -> None:
    done = cli("observe", "scorecard")
    assert (done.code, done.out) == (0, "")
    assert "no runs yet" in done.err


def test_a_file_of_events_cannot_be_followed(cli: Cli) -> None:
    assert cli("observe", str(RECORDED), "--follow").code == 2
