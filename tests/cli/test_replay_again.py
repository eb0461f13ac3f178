"""`toollama replay --rerun` and `--from`: a run of the log is done again."""

import pytest

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession


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


@pytest.mark.parametrize("option", [("--until", "3"), ("--speed", "2")])
def test_a_run_that_is_done_again_takes_its_own_time(
    cli: Cli, use_session: UseSession, option: tuple[str, str]
) -> None:
    session = use_session(FakeSession())
    done = cli("replay", "last", "--rerun", *option)
    assert done.code == 2
    assert session.retried is None
