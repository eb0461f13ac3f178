"""The counts of a text: words, sentences, characters, reading time, readability. Pure.

Owns what counts as a word, a sentence and a syllable. Readability formulas are for English prose;
the syllable count is a heuristic over vowel groups, so scores are estimates.
"""

import re
from collections import Counter
from dataclasses import dataclass

WORDS_PER_MINUTE = 238
"""Silent reading of English non-fiction (Brysbaert 2019, doi:10.1016/j.jml.2019.104047)."""

_WORD = re.compile(r"[^\W_]+(?:['\N{RIGHT SINGLE QUOTATION MARK}-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?\N{HORIZONTAL ELLIPSIS}]+[\"')\]]*(?:\s+|$)|\n\s*\n")
_ABBREVIATION = re.compile(r"\b(?:mr|mrs|ms|dr|prof|st|vs|etc|e\.g|i\.e)\.", re.IGNORECASE)
_COMMON = frozenset(
    str.split(
        "a about all also an and are as at be been but by can do for from had has have he her his "
        "i if in into is it its me my no not of on or our she so than that the their them then "
        "there they this to up us was we were what when which who will with would you your"
    )
)


@dataclass(frozen=True, slots=True)
class TextStats:
    """The counts of one text."""

    words: int
    unique_words: int
    sentences: int
    paragraphs: int
    lines: int
    characters: int
    characters_without_spaces: int
    letters: int
    """Letters and digits inside words."""
    syllables: int
    frequent: tuple[tuple[str, int], ...]
    """Words other than the commonest English ones, most frequent first."""

    @property
    def reading_time_s(self) -> float:
        """Seconds that silent reading takes."""
        return 60 * self.words / WORDS_PER_MINUTE

    @property
    def flesch_reading_ease(self) -> float:
        """Flesch (1948): 100 is very easy, 0 very hard."""
        return 206.835 - 1.015 * self._words_per_sentence - 84.6 * self.syllables / self.words

    @property
    def automated_readability_index(self) -> float:
        """Automated readability index (Senter and Smith 1967), a US school grade."""
        return 4.71 * self.letters / self.words + 0.5 * self._words_per_sentence - 21.43

    @property
    def coleman_liau_index(self) -> float:
        """Coleman-Liau index (1975), a US school grade."""
        letters, sentences = self.letters / self.words, self.sentences / self.words
        return 5.88 * letters - 29.6 * sentences - 15.8

    @property
    def _words_per_sentence(self) -> float:
        return self.words / self.sentences


def syllables_in(word: str) -> int:
    """Estimate the syllables of an English word: vowel groups without a silent final e."""
    folded = word.lower()
    groups = len(re.findall(r"[aeiouy]+", folded))
    silent = re.search(r"[^aeiouyl]e$|[^aeiouydt]ed$|[^aeiouyscxz]es$", folded) is not None
    return max(groups - silent, 1)


def has_words(text: str) -> bool:
    """Return whether there is a word to count."""
    return _WORD.search(text) is not None


def measure(text: str, *, top: int = 5) -> TextStats:
    """Count the text, which must contain a word."""
    words = [match.group() for match in _WORD.finditer(text)]
    folded = Counter(word.lower() for word in words)
    sentences = _SENTENCE_END.split(_ABBREVIATION.sub("x", text))
    ranked = sorted(folded.items(), key=lambda item: (-item[1], item[0]))
    return TextStats(
        words=len(words),
        unique_words=len(folded),
        sentences=sum(map(has_words, sentences)),
        paragraphs=sum(bool(part.strip()) for part in re.split(r"\n\s*\n", text)),
        lines=len(text.splitlines()),
        characters=len(text),
        characters_without_spaces=sum(not character.isspace() for character in text),
        letters=sum(character.isalnum() for word in words for character in word),
        syllables=sum(map(syllables_in, words)),
        frequent=tuple(item for item in ranked if item[0] not in _COMMON)[:top],
    )
