"""The quality gate: may these words go to the user? Deterministic, fail-closed. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from toollama.agents import cite
from toollama.agents.cite import Support
from toollama.agents.messages import CitedSentence, Finding

_WORD = re.compile(r"\w+")
_ROLE_TALK = re.compile(
    r"\b(?:as an ai|language model|i cannot|i can't|i'm sorry|i am sorry|the assistant|the user)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One sentence and why it may not be shown, if it may not."""

    sentence: CitedSentence
    fault: str = ""


def judge_sentence(
    sentence: str,
    supports: Sequence[Support],
    question: str,
    *,
    before: Sequence[str] = (),
    least_overlap: float = 0.0,
) -> Judged:
    """Judge one sentence of prose against what it must rest on.

    `least_overlap` is the share of its longer words that must stand in the supports; weak models
    are held to a high one.
    """
    cited = cite.cite(sentence, supports, question)
    if missing := cite.unsupported(sentence, supports, question):
        return Judged(cited, f"not in the sources: {', '.join(missing[:3])}")
    if _says_the_same(sentence, before):
        return Judged(cited, "repeats what was said")
    if _stutters(sentence):
        return Judged(cited, "repeats itself")
    if _ROLE_TALK.search(sentence):
        return Judged(cited, "speaks of itself")
    text = " ".join(support.text for support in supports)
    if least_overlap and cite.overlap(sentence, f"{text} {question}") < least_overlap:
        return Judged(cited, "its words are not those of the sources")
    return Judged(cited)


def covers(text: str, findings: Sequence[Finding]) -> bool:
    """Return whether an answer says every figure and every name of the findings."""
    return all(
        not cite.unsupported(finding.statement, [Support("", text)], "") for finding in findings
    )


def verdict(faults: Sequence[str], kept: int) -> Literal["pass", "warn", "fail"]:
    """Return the verdict for an answer of `kept` sentences whose other sentences had faults."""
    if not kept:
        return "fail"
    return "warn" if faults else "pass"


def _says_the_same(sentence: str, before: Sequence[str]) -> bool:
    plain = _WORD.findall(sentence.lower())
    return any(plain == _WORD.findall(other.lower()) for other in before)


def _stutters(sentence: str) -> bool:
    """Return whether a run of three words comes three times: the mark of a looping model."""
    found = _WORD.findall(sentence.lower())
    runs = Counter(tuple(found[at : at + 3]) for at in range(len(found) - 2))
    return any(count >= 3 for count in runs.values())
