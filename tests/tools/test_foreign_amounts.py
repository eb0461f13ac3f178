import pytest

from toollama.tools.foreign.amounts import amounts, in_unit


@pytest.mark.parametrize(
    ("text", "description", "value"),
    [
        ("wait 10 minutes", "The longest wait, in seconds.", 600),
        ("wait 90 seconds", "The longest wait, in minutes.", 1.5),
        ("for two hours", "How long, in minutes.", 120),
        ("over 30 years", "Term in months.", 360),
        ("at 5%", "The rate as a decimal.", 0.05),
        ("at 5%", "The rate, 0.1 for a rate of 10%.", 0.05),
        ("at 5%", "The rate in percent.", 5),
        ("$1,250 please", "The amount.", 1250),
        ("119.5383 W", "The longitude.", -119.5383),
        ("37.8651 N", "The latitude.", 37.8651),
        ("half of 3.5 million", "The amount.", 3_500_000),
    ],
)
def test_an_amount_comes_in_the_unit_that_is_asked_for(
    text: str, description: str, value: float
) -> None:
    _, (amount,) = amounts(text)
    assert in_unit(amount, description) == pytest.approx(value)


@pytest.mark.parametrize("text", ["id AB12-34", "version 1.2.3", "192.168.0.1", "on 2024-05-06"])
def test_a_number_inside_a_code_is_no_amount(text: str) -> None:
    assert amounts(text)[1] == []
