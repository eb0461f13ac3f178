"""Do the cited texts say it? A check of answers that shares no code with the gate.

A cited sentence is precise if each number and each capitalised name in it stands in what it cites.
A number of an answer is sourced if it stands in the request, in evidence, or in what a tool said.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toollama.agents.messages import CitedSentence

_NUMBER = re.compile(r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_NAME = re.compile(r"(?<!^)(?<![.!?“\"] )\b[A-Z][\w'’-]+")
_SOURCE_MARK = re.compile(r"\s*\[\d+\]")


@dataclass(slots=True)
class Tally:
    """How many of something hold."""

    held: int = 0
    all: int = 0

    def add(self, *, holds: bool) -> None:
        """Count one more."""
        self.held += holds
        self.all += 1

    @property
    def share(self) -> float:
        """Return the share that holds; 1 where there is nothing."""
        return self.held / self.all if self.all else 1.0


def imprecise(sentence: CitedSentence, evidence: Mapping[str, str], request: str) -> list[str]:
    """Return the numbers and names of a cited sentence that its evidence does not have."""
    cited = "\n".join([request, *(evidence.get(number, "") for number in sentence.cites)])
    text = _SOURCE_MARK.sub("", sentence.text).strip()
    names = [name for name in _NAME.findall(text) if name.lower() not in cited.lower()]
    return [*unsourced(text, [cited]), *names]


def unsourced(text: str, sources: Iterable[str]) -> list[str]:
    """Return the numbers of a text that stand in no source, exactly or rounded."""
    known = [_value(shown) for source in sources for shown in _NUMBER.findall(source)]
    return [shown for shown in numbers(text) if not any(_is(shown, value) for value in known)]


def numbers(text: str) -> list[str]:
    """Return the numbers of a text as they are written, without the marks of sources."""
    return _NUMBER.findall(_SOURCE_MARK.sub("", text))


def _value(shown: str) -> float:
    return float(shown.replace(",", ""))


def _is(shown: str, value: float) -> bool:
    decimals = len(shown.partition(".")[2])
    return abs(_value(shown) - value) <= (0.5 * 10**-decimals if value % 1 else 0)
