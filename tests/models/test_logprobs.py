"""Log probabilities of tokens."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from toollama.models.llama.logprobs import top

_LOGITS = np.log(np.array([0.1, 0.6, 0.3], dtype=np.float32))


def test_the_likeliest_tokens_come_best_first() -> None:
    found = top(_LOGITS, 0, k=2)
    assert [token for token, _ in found.alternatives] == [1, 2]
    assert found.logprob == pytest.approx(np.log(0.1))


@pytest.mark.parametrize(("k", "count"), [(0, 0), (1, 1), (9, 3)])
def test_there_are_as_many_alternatives_as_asked_for_and_tokens_allow(k: int, count: int) -> None:
    assert len(top(_LOGITS, 1, k=k).alternatives) == count


def test_a_token_that_was_ruled_out_has_no_probability() -> None:
    logits = np.array([0.0, -np.inf], dtype=np.float32)
    assert top(logits, 1, k=1).logprob == -np.inf


def test_ties_go_to_the_lower_token() -> None:
    assert [token for token, _ in top(np.zeros(4, np.float32), 0, k=2).alternatives] == [0, 1]


@given(arrays.arrays(np.float32, 20, elements=st.floats(-80, 80, width=32)))
def test_probabilities_sum_to_one(logits: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    found = top(logits, 0, k=20)
    assert sum(np.exp(value) for _, value in found.alternatives) == pytest.approx(1)
    assert dict(found.alternatives)[0] == found.logprob
