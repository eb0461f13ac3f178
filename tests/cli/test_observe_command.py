"""`toollama observe`: the Observer's insights of a run that is kept, or still goes on."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from toollama import paths
from toollama.cli import observe
from toollama.clock import FixedClock
from toollama.events import Bus
from toollama.events.payloads import Insight, RunCompleted, RunStarted
from toollama.store import Store


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
