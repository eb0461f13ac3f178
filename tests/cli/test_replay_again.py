"""`toollama replay --rerun` and `--from`: a run of the log is done again."""

from pathlib import Path

import pytest

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession

RECORDED = Path(__file__).parents[1] / "tui" / "fixtures" / "three_tasks.jsonl"


@pytest.mark.parametrize(
    ("options", "task"),
    [(("--rerun",), None), (("--from", "2"), 2), (("--rerun", "--from", "1"), 1)],
)
def test_a_run_is_done_again_whole_or_from_a_task(
    cli: Cli, use_session: UseSession, options: tuple[str, ...], task: int | None
) -> None:
    session = use_session(FakeSession())
    done = cli("replay", "20261122", *options)
    assert (done.code, done.out) == (0, "Paris.\n")
    assert session.retried == ("20261122", task)


@pytest.mark.parametrize(
    ("options", "recorded"),
    [(("--rerun",), True), (("--rerun", "--live"), False), (("--from", "2"), False)],
)
def test_only_a_rerun_that_is_not_live_takes_the_recorded_answers_of_tools(
    cli: Cli, use_session: UseSession, options: tuple[str, ...], recorded: bool
) -> None:
    session = use_session(FakeSession())
    cli("replay", "last", *options, "-m", "camina=other")
    assert session.retried_with == (recorded, {"camina": "other"})


@pytest.mark.parametrize("options", [("--live",), ("-m", "camina=other")])
def test_telling_a_run_takes_no_models_and_is_never_live(
    cli: Cli, use_session: UseSession, options: tuple[str, ...]
) -> None:
    session = use_session(FakeSession())
    done = cli("replay", "last", *options)
    assert (done.code, session.retried) == (2, None)
    assert "add --rerun or --from TASK" in done.err


def test_a_file_of_events_is_told_without_a_log(cli: Cli) -> None:
    done = cli("replay", str(RECORDED), "--quiet")
    assert (done.code, done.out.splitlines()[0]) == (0, "42 km = 26.1 mi")


@pytest.mark.parametrize("option", [("--until", "3"), ("--speed", "2")])
def test_a_run_that_is_done_again_takes_its_own_time(
    cli: Cli, use_session: UseSession, option: tuple[str, str]
) -> None:
    session = use_session(FakeSession())
    done = cli("replay", "last", "--rerun", *option)
    assert done.code == 2
    assert session.retried is None
