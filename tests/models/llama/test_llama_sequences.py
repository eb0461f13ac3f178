"""State that survives a swap: the store's bounds and checks, and a real restore."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.llama.harness import ask, complete, load_here, read, running, spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama import paths
from toollama.models.llama.sequences import (
    MIN_TOKENS,
    SequenceStore,
    StateKey,
    shared_prefix,
)
from toollama.models.llama.spill import limit_bytes, spilled

KEY = StateKey("model.gguf", 100, 5, "f16", "build")
LONG = tuple(range(200))


@given(st.lists(st.integers(0, 3), max_size=40), st.lists(st.integers(0, 3), max_size=40))
def test_the_shared_prefix_is_where_two_sequences_first_differ(
    one: list[int], other: list[int]
) -> None:
    length = shared_prefix(one, other)
    assert one[:length] == other[:length]
    assert length == min(len(one), len(other)) or one[length] != other[length]


def test_the_longest_common_beginning_is_found() -> None:
    store = SequenceStore(ram_bytes=1000)
    store.put(KEY, LONG[:100], b"short")
    store.put(KEY, (*LONG[:60], *range(900, 1000)), b"other")
    found = store.best(KEY, LONG, better_than=0)
    assert found is not None
    assert found.data == b"short"


def test_a_gain_of_a_few_tokens_is_not_worth_a_restore() -> None:
    store = SequenceStore(ram_bytes=1000)
    store.put(KEY, LONG[:100], b"state")
    assert store.best(KEY, LONG, better_than=100 - MIN_TOKENS + 1) is None


@pytest.mark.parametrize(
    "other",
    [
        StateKey("other.gguf", 100, 5, "f16", "build"),
        StateKey("model.gguf", 101, 5, "f16", "build"),
        StateKey("model.gguf", 100, 6, "f16", "build"),
        StateKey("model.gguf", 100, 5, "q8_0", "build"),
        StateKey("model.gguf", 100, 5, "f16", "newer"),
    ],
)
def test_state_of_anything_else_is_never_found(other: StateKey, tmp_path: Path) -> None:
    store = SequenceStore(ram_bytes=10, disk_bytes=10_000, directory=tmp_path)
    store.put(KEY, LONG, b"state")
    store.put(KEY, LONG[::-1], b"again!")
    assert store.best(other, LONG, better_than=0) is None


def test_memory_never_exceeds_its_bound() -> None:
    store = SequenceStore(ram_bytes=100)
    for start in range(20):
        store.put(KEY, range(start, start + 60), bytes(40))
        assert store.held_bytes <= 100


def test_the_oldest_state_spills_to_disk_and_comes_back(tmp_path: Path) -> None:
    store = SequenceStore(ram_bytes=100, disk_bytes=10_000, directory=tmp_path)
    store.put(KEY, LONG, b"first" * 8)
    store.put(KEY, LONG[::-1], b"other" * 8)
    store.put(KEY, range(500, 700), b"third" * 8)
    found = store.best(KEY, LONG, better_than=0)
    assert found is not None
    assert found.data == b"first" * 8


def test_spilled_state_outlives_the_process_and_is_the_users_alone(tmp_path: Path) -> None:
    store = SequenceStore(ram_bytes=20, disk_bytes=10_000, directory=tmp_path)
    store.put(KEY, LONG, b"state")
    store.put(KEY, LONG[::-1], b"0123456789")
    store.put(KEY, range(300, 400), b"0123456789")
    again = SequenceStore(ram_bytes=20, disk_bytes=10_000, directory=tmp_path)
    found = again.best(KEY, LONG, better_than=0)
    assert found is not None
    assert found.data == b"state"
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("at", [0, 9, 60, -1])
def test_a_spilled_file_that_was_changed_is_removed_and_not_used(tmp_path: Path, at: int) -> None:
    store = SequenceStore(ram_bytes=20, disk_bytes=10_000, directory=tmp_path)
    store.put(KEY, LONG, b"0123456789")
    store.put(KEY, LONG[::-1], b"0123456789")
    store.put(KEY, range(300, 400), b"0123456789")
    for path in tmp_path.glob("*.kv"):
        content = bytearray(path.read_bytes())
        content[at] ^= 1
        path.write_bytes(content)
    assert store.best(KEY, LONG, better_than=0) is None


def test_the_disk_never_exceeds_its_bound(tmp_path: Path) -> None:
    store = SequenceStore(ram_bytes=100, disk_bytes=2000, directory=tmp_path)
    for start in range(30):
        store.put(KEY, range(start, start + 60), bytes(50))
    assert sum(path.stat().st_size for path in tmp_path.glob("*.kv")) <= 2000


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("models")
    return (
        write_tiny_gguf(folder / "a.gguf", seed=1, context=2048),
        write_tiny_gguf(folder / "b.gguf", seed=2, context=2048),
    )


def test_the_logits_after_a_restore_are_identical(models: tuple[Path, Path]) -> None:
    store = SequenceStore(ram_bytes=1 << 28)
    spec = spec_of(models[0], context=1024)
    model = load_here(spec, saved=store)
    tokens = model.vocabulary.tokenize(b"the role's own instructions, again and again " * 8)
    read(model, tokens)
    model.save()
    _shared, before = read(model, [*tokens, 42])
    model.close()
    again = load_here(spec, saved=store)
    shared, after = read(again, [*tokens, 42])
    assert shared == len(tokens)
    assert (after == before).all()
    again.close()


async def test_a_model_that_returns_reads_only_what_is_new(models: tuple[Path, Path]) -> None:
    role = "You are careful and read everything twice. " * 12
    one, two = (spec_of(path, name=path.stem, context=1024) for path in models)
    async with running(one) as engine:
        first = await complete(engine, ask(role, model="a", max_tokens=4))
        await engine.unload("a")
        await engine.load(two, lambda _payload: None)
        await engine.unload("b")
        await engine.load(one, lambda _payload: None)
        again = await complete(engine, ask(role, model="a", max_tokens=4))
    assert again.text == first.text
    assert again.usage.cached_tokens >= first.usage.input_tokens - 2


async def test_a_role_that_another_prompt_displaced_comes_back(models: tuple[Path, Path]) -> None:
    role = "You are careful and read everything twice. " * 12
    async with running(spec_of(models[0], name="a", context=1024)) as engine:
        first = await complete(engine, ask(role, model="a", max_tokens=2))
        await complete(engine, ask("Something else entirely, at some length. " * 9, model="a"))
        again = await complete(engine, ask(role, model="a", max_tokens=2))
    assert again.usage.cached_tokens >= first.usage.input_tokens - 2


@pytest.fixture
def kv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory that state spills to."""
    monkeypatch.setenv("TOOLLAMA_CACHE_DIR", str(tmp_path))
    return paths.kv_dir()


def _spill(kv: Path, *keys: StateKey) -> None:
    """Put two states of each key on disk; what is put last stays in memory."""
    store = SequenceStore(ram_bytes=20, disk_bytes=100_000, directory=kv)
    for key in (*keys, StateKey("last", 1, 2, "f16", "build")):
        store.put(key, LONG, b"ten bytes!")
        store.put(key, LONG[::-1], b"ten bytes.")


def test_spilled_state_lies_in_a_directory_of_the_user_alone(kv: Path) -> None:
    _spill(kv, KEY)
    assert kv.stat().st_mode & 0o777 == 0o700


def test_spilled_state_is_found_by_its_models_file_whatever_its_kv_type(kv: Path) -> None:
    one, other = (StateKey("/m/b.gguf", 1, 2, kv_type, "build") for kv_type in ("f16", "q8_0"))
    _spill(kv, one, other)
    assert len(spilled(Path("/m/b.gguf"))) == 4
    assert spilled(Path("/m/c.gguf")) == ()


def test_a_directory_that_cannot_be_made_costs_the_state_and_not_the_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    store = SequenceStore(ram_bytes=20, disk_bytes=10_000, directory=tmp_path / "file/kv")
    for start in range(5):
        store.put(KEY, range(start, start + 60), b"ten bytes!")
    assert store.held_bytes <= 20


def test_the_user_says_how_much_is_spilled(kv: Path) -> None:
    assert limit_bytes(0) == 0
    assert limit_bytes(123) == 123


@pytest.mark.parametrize(("free_gib", "limit_gib"), [(1000, 4), (40, 4), (20, 2), (0, 0)], ids=str)
def test_at_most_4_gib_and_a_tenth_of_the_free_disk_is_spilled(
    kv: Path, monkeypatch: pytest.MonkeyPatch, *, free_gib: int, limit_gib: int
) -> None:
    usage = SimpleNamespace(free=free_gib << 30)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert limit_bytes() == limit_gib << 30
