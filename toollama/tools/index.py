"""Which tools may serve a piece of text: a lexical index over how users ask for each tool.

No model and no I/O. A tool is scored by BM25 over its name, summary and sample utterances, and by
its nearest utterance; the two are blended into 0…1, so that one threshold can say "none of these".
A word the index does not hold counts as the known word that its character bigrams are most like.
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from toollama.tools.terms import Spelling, is_weak, names, words

_K1, _B = 1.2, 0.6
_ATTAINABLE = 0.7
"""The share of BM25's upper bound that a good match reaches."""
_TITLE_REPEATS, _SUMMARY_REPEATS = 2, 1
_NEAREST_SHARE = 0.6
_WEAK_WEIGHT = 0.15
_NEGLIGIBLE = 0.08
"""A term of less weight changes no ranking, and stands in so many lines that it costs most."""
_UNKNOWN_WEIGHT = 0.6
"""A word of no utterance is mostly an argument, such as a place or a name."""
_NAME_WEIGHT = 0.35
"""A name in an utterance is an argument too, and says little of the tool."""

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]
    Column = tuple[npt.NDArray[Any], Floats]
    """Positions and the weights at them."""


class Indexed(Protocol):
    """What the index needs to know of a tool."""

    @property
    def name(self) -> str:
        """Return what hits are called by."""
        ...

    @property
    def summary(self) -> str:
        """Return what it does, in a sentence."""
        ...

    @property
    def utterances(self) -> tuple[str, ...]:
        """Return how users ask for it."""
        ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A tool and how well it fits, 0…1."""

    tool: str
    score: float
    nearest: str
    """The sample utterance that is most like the text."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One sample utterance of the entry at a position."""

    entry: int
    text: str


class ToolIndex:
    """A searchable index over tool specs, or whatever else users ask for."""

    def __init__(self, entries: Iterable[Indexed]) -> None:
        import numpy as np

        self._entries = list(entries)
        documents = [_document(entry) for entry in self._entries]
        self._inverse_frequency = _inverse_frequencies(documents)
        self._unseen_weight = math.log(1 + (len(documents) + 0.5) / 0.5)
        self._names = names(line for entry in self._entries for line in entry.utterances)
        # Every part of a request is looked up, and then the request as a whole.
        self._nearest_word = lru_cache(maxsize=64)(Spelling(self._inverse_frequency).nearest)
        self._lines: list[_Line] = []
        self._same_words: dict[frozenset[str], int] = {}
        firsts: list[int] = []
        holding: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, entry in enumerate(self._entries):
            firsts.append(len(self._lines))
            for text in (*entry.utterances, entry.summary):
                self._add_line(_Line(number, text), holding)
        self._firsts = np.array(firsts, dtype=np.intp)
        """Per entry, the position of its first line."""
        self._add_documents(documents, holding)
        self._columns = _columns(holding)
        """Per term, the lines and then the entries that hold it."""
        self._alphabetical = np.argsort(np.argsort([entry.name for entry in self._entries]))

    def search(self, text: str, *, limit: int = 8) -> list[Hit]:
        """Return the best tools first; a tool that shares no word with the text is left out.

        A text of weak words alone, such as `tell me more`, points to what is asked for in just
        those words, or to no tool.
        """
        import numpy as np

        query = frozenset(words(text))
        if all(map(is_weak, query)):
            return self._hits_of_the_same_words(query)
        cosines, overall = self._likeness(self._query_weights(query))
        if query in self._same_words:
            cosines[self._same_words[query]] = 1.0
        nearest = np.maximum.reduceat(cosines, self._firsts)
        overall = np.minimum(overall, 1.0)
        scores = np.round(_NEAREST_SHARE * nearest + (1 - _NEAREST_SHARE) * overall, 4)
        scores[nearest <= 0.0] = 0.0
        best = np.lexsort((self._alphabetical, -scores))[:limit]
        return [self._hit(int(at), scores, cosines) for at in best if scores[at] > 0.0]

    def _hit(self, number: int, scores: "Floats", cosines: "Floats") -> Hit:
        first = int(self._firsts[number])
        own = cosines[first : first + len(self._entries[number].utterances) + 1]
        line = self._lines[first + int(own.argmax())]
        return Hit(self._entries[number].name, float(scores[number]), line.text)

    def _hits_of_the_same_words(self, query: frozenset[str]) -> list[Hit]:
        if query not in self._same_words:
            return []
        line = self._lines[self._same_words[query]]
        return [Hit(self._entries[line.entry].name, 1.0, line.text)]

    def knows(self, text: str) -> bool:
        """Return whether a word of the text tells tools apart; a name or a number does not."""
        return any(
            term in self._inverse_frequency and term.isalpha() and term not in self._names
            for term in words(text)
            if not is_weak(term)
        )

    def _query_weights(self, query: Iterable[str]) -> dict[str, tuple[float, float]]:
        """Return per term its weight in the query, and the part of it that may match."""
        weights: dict[str, tuple[float, float]] = {}
        for term in sorted(query):
            if term in self._inverse_frequency:
                weight = self._weight(term)
                weights[term] = (weight, weight)
                continue
            opening = "^" if term.startswith("^") else ""
            near = self._nearest_word(term.removeprefix("^"))
            known = f"{opening}{near[0]}" if near else ""
            if near and known in self._inverse_frequency and known not in query:
                weight = self._weight(known)
                weights[known] = (weight, weight * near[1])
            elif not opening:
                weights[term] = (self._unseen_weight * _UNKNOWN_WEIGHT, 0.0)
        return weights

    def _likeness(self, weights: Mapping[str, tuple[float, float]]) -> "tuple[Floats, Floats]":
        """Return how near every line is to the query, and every entry's share of a good match."""
        import numpy as np

        length = math.sqrt(sum(weight**2 for weight, _ in weights.values()))
        attainable = sum(weight for weight, _ in weights.values()) * (_K1 + 1) * _ATTAINABLE
        held = [
            (*self._columns[term], of[1]) for term, of in weights.items() if term in self._columns
        ]
        if not held:
            return np.zeros(len(self._lines)), np.zeros(len(self._entries))
        positions, values, matching = zip(*held, strict=True)
        scale = np.repeat(matching, [len(column) for column in positions])
        sums = np.bincount(
            np.concatenate(positions),
            np.concatenate(values) * scale,
            len(self._lines) + len(self._entries),
        )
        return sums[: len(self._lines)] / length, sums[len(self._lines) :] / attainable

    def _weight(self, term: str) -> float:
        weight = self._inverse_frequency[term]
        if is_weak(term):
            return weight * _WEAK_WEIGHT
        return weight * _NAME_WEIGHT if term in self._names else weight

    def _add_line(self, line: _Line, holding: defaultdict[str, list[tuple[int, float]]]) -> None:
        terms = frozenset(words(line.text))
        weights = {term: self._weight(term) for term in terms}
        length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        for term, weight in weights.items():
            if weight >= _NEGLIGIBLE:
                holding[term].append((len(self._lines), weight / length))
        self._same_words.setdefault(terms, len(self._lines))
        self._lines.append(line)

    def _add_documents(
        self, documents: Sequence[Counter[str]], holding: defaultdict[str, list[tuple[int, float]]]
    ) -> None:
        mean_length = sum(d.total() for d in documents) / max(len(documents), 1)
        for number, document in enumerate(documents):
            norm = _K1 * (1 - _B + _B * document.total() / mean_length)
            for term, count in document.items():
                share = count * (_K1 + 1) / (count + norm)
                holding[term].append((len(self._lines) + number, share))


def _columns(pairs: Mapping[str, Sequence[tuple[int, float]]]) -> "dict[str, Column]":
    """Return each term's positions and weights as arrays."""
    import numpy as np

    return {
        term: (np.array([at for at, _ in found]), np.array([weight for _, weight in found]))
        for term, found in pairs.items()
    }


def _document(entry: Indexed) -> Counter[str]:
    name = words(entry.name.replace("_", " ")) * _TITLE_REPEATS
    summary = words(entry.summary) * _SUMMARY_REPEATS
    return Counter(name + summary + [term for line in entry.utterances for term in words(line)])


def _inverse_frequencies(documents: Sequence[Counter[str]]) -> dict[str, float]:
    holders = Counter(term for document in documents for term in document)
    return {
        term: math.log(1 + (len(documents) - count + 0.5) / (count + 0.5))
        for term, count in holders.items()
    }
