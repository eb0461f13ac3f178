"""Matcher tokenizers: shared by files with one vocabulary, and never tied to one file's life."""

from pathlib import Path

import pytest

from tests.models.llama.harness import ask, complete, load_here, running, spec_of
from tests.models.llama.patches import CONTROL, USER_DEFINED, with_number, with_token_types
from tests.tiny_gguf import MINIMUM_VOCABULARY, write_tiny_gguf
from toollama.models.engine import Choice, JsonSchema
from toollama.models.llama.model import LoadedModel
from toollama.models.llama.tokenizers import TokenizerCache

_FIXED_TEXT = JsonSchema({"const": {"the": " and the"}})
"""Its tokens come from tokenising text, which needs the vocabulary of a resident model."""


def _pair(directory: Path) -> tuple[Path, Path]:
    """Write two files with other weights and the same vocabulary."""
    first = write_tiny_gguf(directory / "first.gguf", seed=1)
    return first, write_tiny_gguf(directory / "second.gguf", seed=2)


def _shares(first: Path, second: Path) -> bool:
    models: list[LoadedModel] = [load_here(spec_of(path)) for path in (first, second)]
    cache = TokenizerCache()
    one, other = (cache.get(model) for model in models)
    for model in models:
        model.close()
    return one is other


def test_files_with_the_same_vocabulary_share_a_tokenizer(tmp_path: Path) -> None:
    assert _shares(*_pair(tmp_path))


def test_files_with_other_tokens_have_a_tokenizer_of_their_own(tmp_path: Path) -> None:
    first = write_tiny_gguf(tmp_path / "first.gguf")
    second = write_tiny_gguf(tmp_path / "second.gguf", vocabulary=MINIMUM_VOCABULARY + 1)
    assert not _shares(first, second)


def test_files_that_end_a_turn_with_another_token_have_a_tokenizer_of_their_own(
    tmp_path: Path,
) -> None:
    """Fine-tuned files keep every token's text: a model must be able to end where it learned to."""
    first, second = _pair(tmp_path)
    with_number(second, "tokenizer.ggml.eos_token_id", 3)
    assert not _shares(first, second)


def test_files_with_other_markers_have_a_tokenizer_of_their_own(tmp_path: Path) -> None:
    first, second = _pair(tmp_path)
    with_token_types(second, {CONTROL: 1})
    assert not _shares(first, second)


def test_user_defined_markers_are_markers_too(tmp_path: Path) -> None:
    first, second = _pair(tmp_path)
    with_token_types(second, {CONTROL: USER_DEFINED})
    assert _shares(first, second)


@pytest.mark.parametrize("leaving", ["first", "second"])
async def test_a_shared_tokenizer_works_after_either_file_is_unloaded(
    tmp_path: Path, leaving: str
) -> None:
    paths = dict(zip(("first", "second"), _pair(tmp_path), strict=True))
    specs = [spec_of(path, name=name) for name, path in paths.items()]
    async with running(*specs) as engine:
        for name in paths:
            await complete(engine, ask(model=name, constraint=_FIXED_TEXT))
        await engine.unload(leaving)
        (staying,) = paths.keys() - {leaving}
        output = await complete(engine, ask(model=staying, constraint=_FIXED_TEXT))
    assert output.text == '{"the": " and the"}'


async def test_a_tokenizer_works_for_a_file_that_was_unloaded_and_came_back(
    tmp_path: Path,
) -> None:
    first, second = _pair(tmp_path)
    async with running(spec_of(first)) as engine:
        expected = await complete(engine, ask(constraint=_FIXED_TEXT))
        for path in (second, first):
            await engine.unload("tiny")
            await engine.load(spec_of(path), lambda _payload: None)
            assert (await complete(engine, ask(constraint=_FIXED_TEXT))).text == expected.text
        assert (await complete(engine, ask(constraint=Choice(("a b",))))).text == "a b"
