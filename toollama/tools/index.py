"""Which tools may serve a piece of text: a lexical index over how users ask for each tool.

No model and no I/O. A tool is scored by BM25 over its name, summary and sample utterances, and by
its nearest utterance; the two are blended into 0…1, so that one threshold can say "none of these".
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toollama.tools.base import ToolSpec

# A match may begin at the start of a word only: that keeps these linear in the length of the text.
_QUOTATION = re.compile(r"\"[^\"]+\"|“[^“”]+”|‘[^‘’]+’|(?<!\w)'[^']+'(?!\w)")
_EMAIL = re.compile(r"(?<!\S)[^\s@]*@\S*")
_FILE_NAME = re.compile(r"(?<![\w./~-])[\w./~-]*\w\.([a-z][a-z0-9]{1,4})\b")
_TOKEN = re.compile(r"[\"@]|\.[a-z][a-z0-9]+|\d+(?:[.,]\d+)*|[^\W\d_]+|[%+*/=^]")
_SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ed", "es", "s", "ly", "e")
_K1, _B = 1.2, 0.6
_NAME_WEIGHT, _SUMMARY_WEIGHT = 2, 1
_NEAREST_SHARE = 0.65
_NUMBER = "0"
_WEAK_WEIGHT = 0.15


def words(text: str) -> list[str]:
    """Return the index terms of a text: lower case, light stems, and its opening word once more.

    The opening is where an order's verb stands. Every number is the same term, and so is every
    quotation, e-mail address and file name of one kind: what they say is for the tools' parsers.
    """
    plain = _QUOTATION.sub(' " ', text.lower())
    plain = _FILE_NAME.sub(r" .\1 ", _EMAIL.sub(" @ ", plain))
    terms = [_stem(match) for match in _TOKEN.findall(plain)]
    opening = next((term for term in terms if term not in _POLITE), None)
    return [*terms, f"^{opening}"] if opening else terms


def _stem(word: str) -> str:
    if word[0].isdigit():
        return _NUMBER
    if len(word) > 3:
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                return word[: -len(suffix)] + ("y" if suffix == "ies" else "")
    return word


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(_stem, text.split()))


_WEAK = _stems(
    "a an the is are was were be been am do does did has have had of to in on at for by with and "
    "or that this these those it its me my i you your we us can could would will please what which "
    "who how when if tell give show find get let need want like know just so s there here from as "
    "about more right now no not yes ok also any some"
)
_POLITE = _stems("please can could you would will i need to want just")


def _is_weak(term: str) -> bool:
    return term.removeprefix("^") in _WEAK


@dataclass(frozen=True, slots=True)
class Hit:
    """A tool and how well it fits, 0…1."""

    tool: str
    score: float
    nearest: str
    """The sample utterance that is most like the text."""


class ToolIndex:
    """A searchable index over tool specs."""

    def __init__(self, specs: Iterable[ToolSpec]) -> None:
        self._specs = list(specs)
        self._utterances = [
            [(line, Counter(words(line))) for line in (*spec.utterances, spec.summary)]
            for spec in self._specs
        ]
        self._documents = [_document(spec) for spec in self._specs]
        self._mean_length = sum(d.total() for d in self._documents) / max(len(self._documents), 1)
        self._inverse_frequency = _inverse_frequencies(self._documents)

    def search(self, text: str, *, limit: int = 8) -> list[Hit]:
        """Return the best tools first; a tool that shares no word with the text is left out.

        A text of weak words alone, such as `tell me more`, points to no tool.
        """
        query = Counter(words(text))
        if all(map(_is_weak, query)):
            return []
        best_possible = self._best_possible(query)
        hits = []
        for spec, document, utterances in zip(
            self._specs, self._documents, self._utterances, strict=True
        ):
            overall = self._bm25(query, document) / best_possible if best_possible else 0.0
            line, nearness = max(
                ((line, self._cosine(query, terms)) for line, terms in utterances),
                key=lambda pair: pair[1],
            )
            score = _NEAREST_SHARE * nearness + (1 - _NEAREST_SHARE) * min(overall, 1.0)
            if score > 0:
                hits.append(Hit(spec.name, round(score, 4), line))
        return sorted(hits, key=lambda hit: (-hit.score, hit.tool))[:limit]

    def _weight(self, term: str) -> float:
        weight = self._inverse_frequency.get(term, self._unseen_weight)
        return weight * _WEAK_WEIGHT if _is_weak(term) else weight

    @property
    def _unseen_weight(self) -> float:
        return math.log(1 + (len(self._documents) + 0.5) / 0.5)

    def _best_possible(self, query: Counter[str]) -> float:
        return sum(self._weight(term) for term in query) * (_K1 + 1) * 0.7

    def _bm25(self, query: Counter[str], document: Counter[str]) -> float:
        length = document.total() / self._mean_length
        norm = _K1 * (1 - _B + _B * length)
        return sum(
            self._weight(term) * document[term] * (_K1 + 1) / (document[term] + norm)
            for term in query
            if document[term]
        )

    def _cosine(self, left: Counter[str], right: Counter[str]) -> float:
        shared = sum(self._weight(term) ** 2 for term in left if term in right)
        if not shared:
            return 0.0
        size = math.sqrt(
            sum(self._weight(term) ** 2 for term in left)
            * sum(self._weight(term) ** 2 for term in right)
        )
        return shared / size


def _document(spec: ToolSpec) -> Counter[str]:
    name = words(spec.name.replace("_", " ")) * _NAME_WEIGHT
    summary = words(spec.summary) * _SUMMARY_WEIGHT
    return Counter(name + summary + [term for line in spec.utterances for term in words(line)])


def _inverse_frequencies(documents: Sequence[Counter[str]]) -> dict[str, float]:
    holders = Counter(term for document in documents for term in document)
    return {
        term: math.log(1 + (len(documents) - count + 0.5) / (count + 0.5))
        for term, count in holders.items()
    }
