"""`toollama resume`, and what `runs` says of a run that was cut short."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from toollama import paths
from toollama.clock import SystemClock
from toollama.events import Bus
from toollama.events.payloads import RunCancelled, RunCompleted, RunFailed, RunStarted
from toollama.store import Store

RUN_ID = "20261122-154218-3f2a"
LeaveRun = Callable[..., None]


@pytest.fixture
def leave_run(tmp_path: Path) -> LeaveRun:
    """Log a run that ends as given, or whose process is gone."""

    def leave(*ending: RunCompleted | RunFailed | RunCancelled, **fields: object) -> None:
        store = Store.open(paths.database(), SystemClock())
        bus = Bus(RUN_ID, SystemClock())
        bus.subscribe(store.append)
        request = {"prompt": "What is 15% of 240?"}
        known = {"request": request, "directory": str(tmp_path), "session": "sums", **fields}
        bus.emit(RunStarted(prompt=request["prompt"], version="1", profile="starter", **known))
        for payload in ending:
            bus.emit(payload)
        store._database.writer.execute("UPDATE runs SET owner_pid = 999999999")
        store.close()

    return leave


def test_an_interrupted_run_is_resumed_and_then_complete(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run()
    resumed = cli("resume", RUN_ID)
    assert (resumed.code, resumed.out) == (0, "15% of 240 = 36\n")
    assert from_json(cli("runs", "list", "--json").out)[0]["status"] == "complete"


def test_a_cancelled_run_can_go_on(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run(RunCancelled(reason="interrupted", exit_code=130))
    assert cli("resume").out == "15% of 240 = 36\n"


def test_a_run_that_ended_is_told_again_with_its_exit_code(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run(RunCompleted(status="partial", answer="36.", exit_code=8, limits=["half of it"]))
    again = cli("resume")
    assert (again.code, again.out, again.err) == (8, "36.\n", "note: half of it\n")


def test_a_run_that_failed_fails_again_in_the_same_way(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run(RunFailed(code="model.missing", message="no file", fix="pull it", exit_code=3))
    again = cli("resume")
    assert (again.code, again.err) == (3, "error[model.missing]: no file — fix: pull it\n")


def test_a_run_whose_log_lacks_the_request_is_refused(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run(request={}, directory="")
    refused = cli("resume")
    assert refused.code == 2
    assert "cannot be resumed" in refused.err


def test_a_run_is_resumed_where_it_was_asked(
    cli: Cli, leave_run: LeaveRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_in = tmp_path / "project"
    asked_in.mkdir()
    monkeypatch.chdir(tmp_path)
    leave_run(directory=str(asked_in))
    cli("resume")
    assert Path.cwd() == asked_in


def test_a_directory_that_is_gone_is_told(cli: Cli, leave_run: LeaveRun, tmp_path: Path) -> None:
    leave_run(directory=str(tmp_path / "gone"))
    refused = cli("resume")
    assert refused.code == 2
    assert "which cannot be entered" in refused.err


def test_an_unknown_run_is_a_usage_error(cli: Cli) -> None:
    assert cli("resume", "nonesuch").code == 2


def test_list_and_show_name_the_command_that_goes_on(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run()
    listed = cli("runs", "list")
    assert "\tinterrupted\t" in listed.out
    assert listed.err == f"what was interrupted can go on: toollama resume {RUN_ID}\n"
    shown = cli("runs", "show", "last")
    assert " · interrupted · session sums\n" in shown.out
    assert shown.err == f"it can go on: toollama resume {RUN_ID}\n"


def test_a_list_can_be_of_one_conversation(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run()
    assert len(from_json(cli("runs", "list", "--session", "sums", "--json").out)) == 1
    assert from_json(cli("runs", "list", "--session", "other", "--json").out) == []


def test_a_run_that_is_still_going_on_is_left_alone(cli: Cli, leave_run: LeaveRun) -> None:
    leave_run()
    store = Store.open(paths.database(), SystemClock())
    store.take_over(RUN_ID)
    refused = cli("resume", RUN_ID)
    store.close()
    assert refused.code == 2
    assert f"is still running — fix: toollama runs show {RUN_ID}" in refused.err
