from toollama.tools.language.asks import asked_for, compile_asks, proposed, proposed_query

ASKS = compile_asks(r"from (?P<start>.+?) to (?P<end>.+)", r"about (?P<query>.+)")


def test_the_groups_of_the_first_pattern_are_the_arguments() -> None:
    assert asked_for("go from A to B, please?", ASKS) == {"start": "A", "end": "B, please"}


def test_what_a_pattern_finds_is_certain() -> None:
    [candidate] = proposed("papers about moss.", ASKS)["query"]
    assert (candidate.value, candidate.source, candidate.certain) == ("moss", "words", True)


def test_a_quotation_in_a_request_that_a_pattern_knows_is_what_is_searched_for() -> None:
    assert proposed_query('papers about "tide pools" maybe', ASKS)["query"][0].value == "tide pools"


def test_several_quotations_are_offered_without_certainty() -> None:
    offered = proposed_query('"one" or "two"', ASKS)["query"]
    assert [(one.value, one.certain) for one in offered] == [("one", False), ("two", False)]


def test_a_quotation_in_any_other_request_is_offered_without_certainty() -> None:
    [candidate] = proposed_query('he called it "quixotic"', ASKS)["query"]
    assert (candidate.value, candidate.certain) == ("quixotic", False)


def test_a_guess_is_offered_without_certainty() -> None:
    guesses = compile_asks(r"find (?P<query>.+)")
    [candidate] = proposed_query("find moss", ASKS, guesses=guesses)["query"]
    assert (candidate.value, candidate.certain) == ("moss", False)


def test_a_request_that_no_pattern_knows_offers_nothing() -> None:
    assert proposed_query("hello", ASKS) == {}
