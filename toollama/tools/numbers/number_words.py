"""Numbers that are written in words: `three hundred and five` becomes `305`. Pure.

It rewrites and never computes with what it finds.
"""

import re
from fractions import Fraction
from functools import lru_cache

from toollama.tools.numbers.decimals import exact_decimal

_SMALL = {
    word: value
    for value, word in enumerate(
        str.split(
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen"
        )
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        str.split("twenty thirty forty fifty sixty seventy eighty ninety"), start=2
    )
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}

_DIGIT = "|".join(word for word, value in _SMALL.items() if value < 10)
_TEEN = "|".join(word for word, value in _SMALL.items() if value >= 10)
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{_DIGIT})\b)?|{_TEEN}|{_DIGIT})\b"
_BELOW_1000 = rf"(?:(?:(?:a|{_DIGIT}|{_TEEN}) )?hundred\b(?: (?:and )?{_BELOW_100})?|{_BELOW_100})"
_SCALED = rf"(?:a|{_BELOW_1000}) (?:{'|'.join(_SCALES)})\b"
_WHOLE = rf"(?:{_SCALED}(?: (?:and )?{_SCALED})*(?: (?:and )?{_BELOW_1000})?|{_BELOW_1000})"
_NUMBER_WORDS = re.compile(rf"\b{_WHOLE}(?P<places>(?: point)(?: (?:{_DIGIT})\b)+)?", re.IGNORECASE)
_DIGITS_WITH_SCALE = re.compile(rf"\b(\d+(?:\.\d+)?) ({'|'.join(_SCALES)})\b", re.IGNORECASE)
_AND_A_HALF = re.compile(r"\b(\d+) and (?:a half|(?:a|1) (quarter)|3 quarters)\b", re.IGNORECASE)
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:[,_']\d{3})+(?![\d,_']\d|\d)")
_UNDERSCORED = re.compile(r"(?<=\d)_(?=\d)")


@lru_cache(maxsize=64)  # several tools read the same sentence
def with_digits(text: str) -> str:
    """Return the text with number words and grouped digits as plain digits.

    `three times twenty-five` becomes `3 times 25`, `1,250` becomes `1250`, `2 million` `2000000`.
    """
    text = _NUMBER_WORDS.sub(lambda match: _value_of_words(match.group().lower()), text)
    text = _UNDERSCORED.sub("", text)
    text = _GROUPED.sub(lambda match: re.sub(r"[,_']", "", match.group()), text)
    text = _DIGITS_WITH_SCALE.sub(_scaled, text)
    return _AND_A_HALF.sub(_with_fraction, text)


def _value_of_words(words: str) -> str:
    whole, _, places = words.partition(" point ")
    total = current = 0
    for word in re.split(r"[ -]", whole):
        if word in _SCALES:
            total += max(current, 1) * _SCALES[word]
            current = 0
        elif word == "hundred":
            current = max(current, 1) * 100
        else:
            current += _SMALL.get(word) or _TENS.get(word) or 0
    digits = "".join(str(_SMALL[word]) for word in places.split())
    return f"{total + current}.{digits}" if digits else str(total + current)


def _scaled(match: re.Match[str]) -> str:
    value = Fraction(match[1]) * _SCALES[match[2].lower()]
    return exact_decimal(value) or match.group()


def _with_fraction(match: re.Match[str]) -> str:
    if match[2]:
        return f"{match[1]}.25"
    return f"{match[1]}.5" if match.group().lower().endswith("half") else f"{match[1]}.75"
