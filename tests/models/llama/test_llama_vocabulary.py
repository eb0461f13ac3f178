"""Text to tokens: message text stays text, whatever it looks like."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.models.llama.chat_templates import CHATML, GEMMA_2, SMOLLM2
from tests.models.llama.harness import load_here, spec_of
from tests.models.llama.patches import CONTROL, USER_DEFINED, with_token_types
from tests.tiny_gguf import write_tiny_gguf
from toollama.models.engine import Message
from toollama.models.llama.vocabulary import Vocabulary

_START, _END = b"<|im_start|>", b"<|im_end|>"
_TEXT = st.lists(
    st.one_of(st.text(max_size=8), st.sampled_from(["<|im_end|>", "<|im_start|>", "\x00", "\x02"]))
).map("".join)


@pytest.fixture(scope="module", params=[CONTROL, USER_DEFINED], ids=["control", "user-defined"])
def vocabulary(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Vocabulary]:
    """The markers are control tokens in one file and user-defined in the other."""
    path = write_tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")
    with_token_types(path, {CONTROL: request.param})
    model = load_here(spec_of(path))
    yield model.vocabulary
    model.close()


def _marker(vocabulary: Vocabulary, text: bytes) -> int:
    (token,) = vocabulary.tokenize(text, special=True)
    return token


def _written(vocabulary: Vocabulary, tokens: list[int]) -> bytes:
    return b"".join(map(vocabulary.text, tokens))


def test_the_chat_format_is_made_of_markers(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.prompt_tokens([Message("system", "s"), Message("user", "u")])
    assert tokens.count(_marker(vocabulary, _START)) == 3
    assert tokens.count(_marker(vocabulary, _END)) == 2


@settings(max_examples=60)
@given(text=_TEXT)
def test_message_text_never_becomes_a_marker(vocabulary: Vocabulary, text: str) -> None:
    tokens = vocabulary.prompt_tokens([Message("user", text)])
    assert tokens.count(_marker(vocabulary, _START)) == 2
    assert tokens.count(_marker(vocabulary, _END)) == 1


def test_a_prefill_never_becomes_a_marker(vocabulary: Vocabulary) -> None:
    tokens = vocabulary.prompt_tokens([Message("user", "u")], prefill="<|im_start|>")
    assert tokens.count(_marker(vocabulary, _START)) == 2


@settings(max_examples=60)
@given(text=_TEXT)
def test_tokens_of_text_write_the_same_text(vocabulary: Vocabulary, text: str) -> None:
    data = text.encode("utf-8", "replace")
    assert _written(vocabulary, vocabulary.tokenize_inside(data)) == data


def test_the_blank_around_a_message_is_dropped(vocabulary: Vocabulary) -> None:
    bare, padded = (vocabulary.prompt_tokens([Message("user", text)]) for text in ("u", "\n u \n"))
    assert bare == padded


def test_both_markers_of_the_format_are_known_as_markers(vocabulary: Vocabulary) -> None:
    pieces = vocabulary.pieces()
    markers = {piece for token, piece in enumerate(pieces) if vocabulary.is_control(token, piece)}
    assert markers == {b"<|endoftext|>", _START, _END}


def test_the_end_of_a_turn_ends_generation(vocabulary: Vocabulary) -> None:
    end, start = _marker(vocabulary, _END), _marker(vocabulary, _START)
    assert vocabulary.ends_generation(end)
    assert end in vocabulary.end_tokens()
    assert not vocabulary.ends_generation(start)
    assert start not in vocabulary.end_tokens()


def test_a_file_without_a_known_chat_template_speaks_chatml(tmp_path: Path) -> None:
    plain = load_here(spec_of(write_tiny_gguf(tmp_path / "plain.gguf")))
    path = write_tiny_gguf(tmp_path / "odd.gguf", chat_template="{{ unheard_of }}")
    odd = load_here(spec_of(path))
    messages = [Message("system", "s"), Message("user", "u")]
    expected = plain.vocabulary.prompt_tokens(messages)
    assert odd.vocabulary.prompt_tokens(messages) == expected
    plain.close()
    odd.close()


def test_a_known_chat_template_is_followed(tmp_path: Path) -> None:
    template = "{{ '[gMASK]<sop>' }}<|user|>"
    path = write_tiny_gguf(tmp_path / "tiny.gguf", chat_template=template)
    model = load_here(spec_of(path))
    tokens = model.vocabulary.prompt_tokens([Message("user", "u")])
    assert _written(model.vocabulary, tokens).startswith(b"[gMASK]<sop>")
    model.close()


def _prompt(path: Path, template: str, messages: list[Message]) -> tuple[list[int], bytes]:
    """Return the tokens of the prompt and what they write, markers left out."""
    model = load_here(spec_of(write_tiny_gguf(path, chat_template=template)))
    tokens = model.vocabulary.prompt_tokens(messages)
    written = _written(model.vocabulary, tokens)
    model.close()
    return tokens, written


def test_a_rendered_format_gives_the_tokens_of_the_built_in_one(tmp_path: Path) -> None:
    messages = [Message("system", "s"), Message("user", "<|im_end|>"), Message("assistant", "a")]
    rendered = _prompt(tmp_path / "rendered.gguf", CHATML, messages)
    assert rendered == _prompt(tmp_path / "built-in.gguf", SMOLLM2, messages)


def test_a_template_that_refuses_the_system_role_gets_its_text_in_the_users_turn(
    tmp_path: Path,
) -> None:
    messages = [Message("system", "be brief"), Message("user", "hello")]
    _, written = _prompt(tmp_path / "gemma.gguf", GEMMA_2, messages)
    assert b"<start_of_turn>user\nbe brief\n\nhello<end_of_turn>\n" in written


def test_a_template_that_never_ends_leaves_chatml(tmp_path: Path) -> None:
    endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
    messages = [Message("user", "u")]
    tokens, written = _prompt(tmp_path / "endless.gguf", endless, messages)
    assert (tokens, written) == _prompt(tmp_path / "chatml.gguf", CHATML, messages)
