"""What a request is made of, for a lexical index: stems, marks for literals, character n-grams.

Pure text. Every number is the same term, and so is every quotation, e-mail address and file name of
one kind: what they say is for the tools' own parsers.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import chain, product

# A match may begin at the start of a word only: that keeps these linear in the length of the text.
_QUOTATION = re.compile(r"\"[^\"]+\"|“[^“”]+”|‘[^‘’]+’|(?<!\w)'[^']+'(?!\w)")
_EMAIL = re.compile(r"(?<!\S)[^\s@]*@\S*")
_FILE_NAME = re.compile(r"(?<![\w./~-])[\w./~-]*\w\.([a-z][a-z0-9]{1,4})\b")
_TOKEN = re.compile(r"[\"@]|\.[a-z][a-z0-9]+|\d+(?:[.,]\d+)*|[^\W\d_]+|[%+*/=^]")
_WORD = re.compile(r"[^\W\d_]+")
_SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "ly", "e")
_NUMBER = "0"
_LEAST_LETTERS = 4
"""Shorter words are alike by chance too often."""
_LEAST_LIKENESS = 0.6
_MOST_LETTERS = 24
_LETTERS_APART = 1


def words(text: str) -> list[str]:
    """Return the index terms of a text: lower case, light stems, and its opening word once more.

    The opening, marked `^`, is where an order's verb stands.
    """
    plain = _QUOTATION.sub(' " ', text.lower())
    if "@" in plain:
        plain = _EMAIL.sub(" @ ", plain)
    if "." in plain:
        plain = _FILE_NAME.sub(r" .\1 ", plain)
    terms = [_stem(match) for match in _TOKEN.findall(plain)]
    opening = next((term for term in terms if term not in _POLITE), None)
    return [*terms, f"^{opening}"] if opening else terms


def is_weak(term: str) -> bool:
    """Return whether a term stands in requests of every kind."""
    return term.removeprefix("^") in _WEAK


def names(lines: Iterable[str]) -> frozenset[str]:
    """Return the terms that are capitalised inside the lines and nowhere written small."""
    capitalised: set[str] = set()
    small: set[str] = set()
    for line in lines:
        for at, word in enumerate(_WORD.findall(line)):
            if word.istitle() and at > 0:
                capitalised.add(_stem(word.lower()))
            elif word.islower():
                small.add(_stem(word))
    return frozenset(capitalised - small)


class Spelling:
    """The words of an index, found again where they are misspelt: by shared character bigrams."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._bigram_count: dict[str, int] = {}
        self._holding: defaultdict[tuple[str, int, str], list[str]] = defaultdict(list)
        """The words of a first letter and a length that hold a bigram, the opening one aside."""
        for word in set(vocabulary):
            if word.isalpha() and len(word) >= _LEAST_LETTERS and not is_weak(word):
                bigrams = _bigrams(word)
                self._bigram_count[word] = len(bigrams)
                for bigram in bigrams - {_opening(word)}:
                    self._holding[word[0], len(word), bigram].append(word)

    def nearest(self, word: str) -> tuple[str, float] | None:
        """Return the known word that is most like `word`, and how alike they are, 0…1 (Dice).

        Few misspell the first letter, so only words that share it are looked at.
        """
        if not _LEAST_LETTERS <= len(word) <= _MOST_LETTERS or not word.isalpha():
            return None
        bigrams = _bigrams(word)
        lengths = range(len(word) - _LETTERS_APART, len(word) + _LETTERS_APART + 1)
        places = product((word[0],), lengths, bigrams - {_opening(word)})
        shared = Counter(chain.from_iterable(self._holding.get(place, ()) for place in places))
        best, best_likeness = "", 0.0
        for known, count in shared.items():
            likeness = 2 * (count + 1) / (len(bigrams) + self._bigram_count[known])
            if likeness > best_likeness or (likeness == best_likeness and known < best):
                best, best_likeness = known, likeness
        return (best, best_likeness) if best_likeness >= _LEAST_LIKENESS else None


def _opening(word: str) -> str:
    return f"#{word[0]}"


def _bigrams(word: str) -> frozenset[str]:
    framed = f"#{word}#"
    return frozenset(framed[at : at + 2] for at in range(len(framed) - 1))


def _stem(word: str) -> str:
    if word[0].isdigit():
        return _NUMBER
    if len(word) > 3 and word.endswith(_SUFFIXES):
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return word[: -len(suffix)] + ("y" if suffix == "ies" else "")
    return word


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, text.split()))


_WEAK = _stems(
    "a an the is are was were be been am do does did has have had of to in on at for by with and "
    "or that this these those it its me my i you your we us can could would will please what which "
    "who how why when if tell give show find get let need want like know just so s there here from "
    "as about more right now no not yes ok also any some whats pls plz"
)
_POLITE = _stems("please can could you would will i need to want just")
