"""A run that failed says where."""

from tests.cli.fake_session import CAMINA, FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.cli.failing import FailingPath
from toollama.clock import SystemClock
from toollama.errors import NetworkNeeded
from toollama.events import Agent, Bus
from toollama.events.payloads import Rung, ToolCallFailed

BELTER = Agent(id="b", name="belter.research", role="belter")
FAULT = ToolCallFailed(call_id="1", tool="weather", code="x", message="no answer\x1b[2J")


def test_the_path_names_everyone_from_the_top_to_the_call() -> None:
    path = FailingPath()
    bus = Bus("r", SystemClock())
    bus.subscribe(path)
    with bus.acting(CAMINA), bus.acting(BELTER):
        bus.emit(Rung(rung="retry", error_class="x", reason="y"))
        bus.emit(FAULT)
    assert path.line() == (
        "failed at camina › belter.research › weather: no answer␛[2J, retried 1×"
    )


def test_a_run_without_a_failed_call_has_no_path() -> None:
    assert FailingPath().line() == ""


def test_the_path_stands_before_the_line_of_the_error(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(payloads=[FAULT], failure=NetworkNeeded("no way", fix="try later")))
    assert cli("ask", "x").err.splitlines() == [
        "failed at camina › weather: no answer␛[2J",
        "error[network.unreachable]: no way — fix: try later",
    ]
    assert cli("ask", "-q", "x").err.count("\n") == 1
