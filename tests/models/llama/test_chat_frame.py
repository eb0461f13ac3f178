"""What a template writes around messages, whatever it does with them."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.models.llama.chat_frame import Turn, marked, new_marks, read_frame, shapes

_ROLES = st.lists(st.sampled_from(["system", "user", "assistant"]), min_size=1, max_size=6)


@settings(max_examples=60)
@given(texts=st.lists(st.text(max_size=8), min_size=2, max_size=6))
def test_text_between_marks_is_the_frame(texts: list[str]) -> None:
    marks = new_marks(len(texts) - 1)
    rendered = texts[0] + "".join(mark + text for mark, text in zip(marks, texts[1:], strict=True))
    frame = read_frame(rendered, marks)
    assert frame is not None
    assert "".join(marks[part] if isinstance(part, int) else part for part in frame) == rendered


@settings(max_examples=60)
@given(roles=_ROLES)
def test_every_shape_says_every_message_once(roles: list[str]) -> None:
    for turns in shapes(roles):
        positions = [position for turn in turns for position in turn.positions]
        assert positions == list(range(len(roles)))


@settings(max_examples=60)
@given(roles=_ROLES)
def test_the_last_shape_alternates_without_a_system_role(roles: list[str]) -> None:
    speakers = [turn.role for turn in shapes(roles)[-1]]
    assert "system" not in speakers
    assert all(one != other for one, other in itertools.pairwise(speakers))


def test_messages_of_one_turn_are_paragraphs() -> None:
    assert marked([Turn("user", (0, 1))], ["a", "b"]) == [{"role": "user", "content": "a\n\nb"}]


def test_a_mark_that_comes_back_twice_is_no_frame() -> None:
    (mark,) = new_marks(1)
    assert read_frame(mark + mark, [mark]) is None


def test_reasoning_that_a_template_opens_at_its_end_is_left_to_the_model() -> None:
    (mark,) = new_marks(1)
    assert read_frame(f"<think>{mark}<A><think>\n", [mark]) == ("<think>", 0, "<A>")
