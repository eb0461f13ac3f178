import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.base import Rate
from toollama.tools.reliability.rates import RateLedger

NOW_S = 1_800_000_000.0
PER_MINUTE = Rate(2, 60.0)
PER_DAY = Rate(3, 86_400.0)


@pytest.fixture
def ledger(tmp_path: Path) -> RateLedger:
    return RateLedger(tmp_path / "rates.db")


def take(ledger: RateLedger, *rates: Rate, at_s: float = 0.0, provider: str = "p") -> float:
    return ledger.take(provider, rates, now_s=NOW_S + at_s)


def test_a_quota_that_is_spent_says_when_it_opens(ledger: RateLedger) -> None:
    assert (take(ledger, PER_MINUTE), take(ledger, PER_MINUTE, at_s=10)) == (0, 0)
    assert take(ledger, PER_MINUTE, at_s=20) == 40
    assert take(ledger, PER_MINUTE, at_s=60) == 0


def test_all_windows_hold_at_once(ledger: RateLedger) -> None:
    assert [take(ledger, PER_MINUTE, PER_DAY, at_s=at_s) for at_s in (0, 1, 61)] == [0, 0, 0]
    assert take(ledger, PER_MINUTE, PER_DAY, at_s=200) == 86_400 - 200


def test_a_quota_outlives_the_process(tmp_path: Path) -> None:
    for _ in range(2):
        before = RateLedger(tmp_path / "rates.db")
        assert take(before, PER_MINUTE) == 0
        before.close()
    assert take(RateLedger(tmp_path / "rates.db"), PER_MINUTE, at_s=1) == 59


def test_two_processes_share_a_quota(tmp_path: Path) -> None:
    one, other = (RateLedger(tmp_path / "rates.db") for _ in range(2))
    assert (take(one, PER_MINUTE), take(other, PER_MINUTE)) == (0, 0)
    assert take(one, PER_MINUTE) > 0


def test_one_provider_s_quota_is_not_another_s(ledger: RateLedger) -> None:
    assert [take(ledger, PER_MINUTE, provider=name) for name in "aabb"] == [0, 0, 0, 0]


def test_a_provider_that_named_a_time_is_left_alone_until_then(ledger: RateLedger) -> None:
    ledger.close_until("p", NOW_S + 85_774, now_s=NOW_S)
    assert take(ledger, at_s=10) == 85_764
    assert take(ledger, at_s=85_775) == 0


def test_a_request_that_was_never_sent_is_given_back(ledger: RateLedger) -> None:
    once = Rate(1, 60.0)
    take(ledger, once)
    ledger.give_back("p")
    assert (take(ledger, once), take(ledger, once) > 0) == (0, True)


def test_no_provider_closes_itself_for_more_than_a_week(ledger: RateLedger) -> None:
    ledger.close_until("p", NOW_S + 10**9, now_s=NOW_S)
    assert take(ledger) == 7 * 86_400


def test_a_clock_that_was_ahead_does_not_lock_a_provider_out(ledger: RateLedger) -> None:
    for _ in range(2):
        take(ledger, PER_MINUTE, at_s=365 * 86_400)
    assert take(ledger, PER_MINUTE) == 0


def test_a_damaged_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "rates.db"
    path.write_bytes(b"no database at all" * 100)
    assert take(RateLedger(path), PER_MINUTE) == 0
    assert path.read_bytes().startswith(b"SQLite format 3")


def test_a_place_that_cannot_be_written_is_replaced_by_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ledger = RateLedger(tmp_path / "file" / "rates.db")
    assert [take(ledger, Rate(1, 9.0)) for _ in range(2)] == [0, 9]


def test_a_file_that_stays_locked_lets_requests_through(
    ledger: RateLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked() -> None:
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(ledger, "_prune", lambda *_: locked())
    assert take(ledger, PER_MINUTE) == 0


@given(st.lists(st.floats(0, 30), min_size=1, max_size=40))
def test_no_window_ever_holds_more_than_its_count(gaps_s: list[float]) -> None:
    rates = (Rate(3, 20.0), Rate(8, 100.0))
    ledger = RateLedger(Path("/proc/nowhere/rates.db"))
    passed: list[float] = []
    at_s = 0.0
    for gap_s in gaps_s:
        at_s += gap_s
        if not take(ledger, *rates, at_s=at_s):
            passed.append(at_s)
    for rate in rates:
        for start_s in passed:
            assert sum(start_s <= t < start_s + rate.window_s - 1e-3 for t in passed) <= rate.count
