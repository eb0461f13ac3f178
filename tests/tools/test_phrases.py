from toollama.tools.language.phrases import quotations, quoted


def test_quotations_leave_apostrophes_alone() -> None:
    assert quotations("don't count \"a b\" or 'c d'") == ["a b", "c d"]


def test_a_quotation_keeps_its_lines() -> None:
    assert quotations('count "one\n\ntwo"') == ["one\n\ntwo"]


def test_a_quoted_name_is_on_one_line_and_given_once() -> None:
    assert quoted("define \"ice\n cream\", 'Ice cream'") == ["ice cream"]


def test_a_long_quotation_is_no_name() -> None:
    assert quoted(f'what does "{"a" * 201}" say') == []
