import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toollama.evaluation.marking import Call
from toollama.evaluation.python_calls import parse


@pytest.mark.parametrize(
    "text",
    ['[a.b(x=1, y="z")]', 'a.b(x=1, y="z")', '```python\n[a.b(x=1, y="z")]\n```'],
)
def test_a_call_is_read_with_its_literals(text: str) -> None:
    assert parse(text) == [Call("a.b", {"x": 1, "y": "z"})]


@pytest.mark.parametrize(
    "text", ["I would call f", "[f(1)]", "[f(**x)]", "[f(x=open('y'))]", "f(x=", "[1]"]
)
def test_anything_else_is_no_call(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(text)


@settings(max_examples=60)
@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert all(isinstance(call, Call) for call in parse(text))
    except ValueError:
        return
