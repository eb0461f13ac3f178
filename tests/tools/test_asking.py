from toollama.tools.language.asking import only_asks

ASKING = frozenset({"what", "is", "the", "date"})


def test_words_that_only_ask_change_nothing() -> None:
    assert only_asks("What is the date tomorrow?", understood=["tomorrow"], asking=ASKING)


def test_any_other_word_may_change_what_is_asked() -> None:
    assert not only_asks("what is the best date", understood=[], asking=ASKING)


def test_a_part_is_used_up_once() -> None:
    assert not only_asks("is 5 the 5", understood=["5"], asking=ASKING)
