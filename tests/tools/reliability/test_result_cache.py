import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from toollama.errors import StoreError
from toollama.policy import Effect
from toollama.tools.base import Arguments, Source, ToolResult, ToolSpec
from toollama.tools.reliability.cache import ResultCache, cache_key, is_cacheable

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RESULT = ToolResult(
    statements=("It is so.",),
    answer="so",
    data={"a": [1, None]},
    sources=(Source("A page", "https://a.org", untrusted=True),),
)
SPEC = ToolSpec(
    name="t", summary="", utterances=(), parameters=Arguments, packs=(),
    effects=frozenset({Effect.READ_PUBLIC}), cache_ttl_s=60.0,
)  # fmt: skip


@pytest.fixture
def cache(tmp_path: Path) -> ResultCache:
    return ResultCache(tmp_path / "results.db")


def test_an_answer_comes_back_whole(cache: ResultCache) -> None:
    cache.put("k", RESULT, now=NOW)
    found = cache.get("k", now=NOW + timedelta(seconds=60), max_age_s=60)
    assert found is not None
    assert (found.result, found.at) == (RESULT, NOW)


def test_a_cleared_cache_has_no_answer(cache: ResultCache) -> None:
    cache.put("k", RESULT, now=NOW)
    cache.clear()
    assert cache.get("k", now=NOW, max_age_s=60) is None


def test_a_cache_that_another_process_writes_is_not_cleared(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "results.db")
    cache.put("k", RESULT, now=NOW)
    cache._database.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(tmp_path / "results.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked"):
            cache.clear()
    cache.close()


def test_an_answer_past_its_time_is_none(cache: ResultCache) -> None:
    cache.put("k", RESULT, now=NOW)
    assert cache.get("k", now=NOW + timedelta(seconds=61), max_age_s=60) is None


def test_an_answer_from_the_future_is_none(cache: ResultCache) -> None:
    cache.put("k", RESULT, now=NOW)
    assert cache.get("k", now=NOW - timedelta(days=1), max_age_s=60) is None


def test_an_answer_outlives_the_process(cache: ResultCache, tmp_path: Path) -> None:
    cache.put("k", RESULT, now=NOW)
    cache.close()
    assert ResultCache(tmp_path / "results.db").get("k", now=NOW, max_age_s=1) is not None


def test_the_oldest_answers_make_room(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "results.db", max_bytes=5_000)
    large = replace(RESULT, text="x" * 2_000)
    for second in range(4):
        cache.put(f"k{second}", large, now=NOW + timedelta(seconds=second))
    kept = [cache.get(f"k{n}", now=NOW + timedelta(seconds=9), max_age_s=60) for n in range(4)]
    assert [entry is not None for entry in kept] == [False, False, True, True]


def test_an_answer_that_is_no_json_is_left_out(cache: ResultCache) -> None:
    cache.put("k", replace(RESULT, data=object()), now=NOW)
    assert cache.get("k", now=NOW, max_age_s=60) is None


def test_a_damaged_entry_is_none(cache: ResultCache) -> None:
    cache.put("k", RESULT, now=NOW)
    cache._database.execute("UPDATE results SET result = x'7b7d'")
    assert cache.get("k", now=NOW, max_age_s=60) is None


def test_arguments_in_any_order_are_one_call() -> None:
    one, other = ({"a": {"x": 1, "y": 2}, "b": [1]}, {"b": [1], "a": {"y": 2, "x": 1}})
    assert cache_key(SPEC, one, timezone="UTC") == cache_key(SPEC, other, timezone="UTC")


def test_another_argument_or_zone_is_another_call() -> None:
    keys = {
        cache_key(SPEC, {"a": 1}, timezone="UTC"),
        cache_key(SPEC, {"a": "1"}, timezone="UTC"),
        cache_key(SPEC, {"a": 1}, timezone="Europe/Oslo"),
        cache_key(replace(SPEC, name="u"), {"a": 1}, timezone="UTC"),
    }
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("spec", "kept"),
    [
        (SPEC, True),
        (replace(SPEC, cache_ttl_s=0.0), False),
        (replace(SPEC, effects=frozenset({Effect.READ_PRIVATE})), False),
        (replace(SPEC, effects=frozenset({Effect.READ_PUBLIC, Effect.SEND})), False),
    ],
)
def test_only_public_answers_of_tools_that_allow_it_are_kept(spec: ToolSpec, kept: bool) -> None:
    assert is_cacheable(spec) is kept
