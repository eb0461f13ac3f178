"""State that survives a swap: the store's bounds and checks, and a real restore."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.models.llama.harness import ask, complete, load_here, read, running, spec_of
from tests.tiny_gguf import write_tiny_gguf
from toollama.models.llama.sequences import (
    MIN_TOKENS,
    SequenceStore,
    StateKey,
    shared_prefix,
)

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
