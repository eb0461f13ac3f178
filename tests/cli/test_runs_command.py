"""`toollama runs` on a log of one run."""

from datetime import UTC, datetime

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from toollama import paths
from toollama.clock import FixedClock
from toollama.events import Agent, Bus
from toollama.events.payloads import RunCompleted, RunStarted
from toollama.store import Store

RUN_ID = "20261122-154218-3f2a"


@pytest.fixture
def _one_run() -> None:
    clock = FixedClock(datetime(2026, 11, 22, 15, 42, 18, tzinfo=UTC))
    store = Store.open(paths.database(), clock)
    bus = Bus(RUN_ID, clock)
    bus.subscribe(store.append)
    bus.emit(RunStarted(prompt="capital of\x1b France?", version="0", profile="starter"))
    with bus.acting(Agent(id="camina", name="camina", role="camina"), doing="answer"):
        clock.advance(1.5)
    bus.emit(RunCompleted(status="complete", answer="Paris.\n", exit_code=0, duration_s=1.5))
    store.close()


@pytest.mark.usefixtures("_one_run")
def test_list_in_a_pipe_is_one_line_per_run(cli: Cli) -> None:
    run_id, _, status, seconds, prompt = cli("runs", "list").out.rstrip("\n").split("\t")
    assert (run_id, status, seconds, prompt) == (RUN_ID, "complete", "1.5", "capital of␛ France?")


@pytest.mark.usefixtures("_one_run")
def test_list_json_is_every_field(cli: Cli) -> None:
    (row,) = from_json(cli("runs", "list", "--json").out)
    assert (row["run_id"], row["answer"], row["exit_code"]) == (RUN_ID, "Paris.\n", 0)


@pytest.mark.usefixtures("_one_run")
def test_show_prints_the_request_the_tree_and_the_answer(cli: Cli) -> None:
    out = cli("runs", "show", "last").out
    assert out.startswith(f"{RUN_ID} · ")
    assert "complete · exit 0 · 1.5 s\ncapital of␛ France?\n\n" in out
    assert "camina" in out
    assert out.endswith("\n\nParis.\n")


@pytest.mark.usefixtures("_one_run")
def test_show_finds_a_run_by_the_beginning_of_its_id(cli: Cli) -> None:
    assert from_json(cli("runs", "show", "20261122", "--json").out)["run"]["run_id"] == RUN_ID


@pytest.mark.usefixtures("_one_run")
def test_show_events_lists_them_in_order(cli: Cli) -> None:
    log = from_json(cli("runs", "show", "last", "--events", "--json").out)["events"]
    assert [event["seq"] for event in log] == [1, 2, 3, 4]
    assert (
        "2 15:42:18 camina agent.started doing=answer\n"
        in cli("runs", "show", "last", "--events").out
    )


@pytest.mark.usefixtures("_one_run")
def test_show_of_an_unknown_run_is_a_usage_error(cli: Cli) -> None:
    assert cli("runs", "show", "nonesuch").code == 2


def test_reading_an_empty_history_makes_no_file(cli: Cli) -> None:
    listed = cli("runs", "list")
    assert (listed.code, listed.out) == (0, "")
    assert from_json(cli("runs", "list", "--json").out) == []
    assert cli("runs", "show", "last").code == 2
    assert not paths.database().exists()
