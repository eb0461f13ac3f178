"""The quality gate: may these words go to the user? Deterministic, fail-closed. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from toollama.agents import cite
from toollama.agents.cite import Support
from toollama.agents.figures import figures
from toollama.agents.messages import CitedSentence, Finding
from toollama.agents.pairing import mispaired

_PASSAGE_SENTENCES = 2
_PASSAGE_OVERLAP = 0.5
_LEAST_WORDS = 1
_LEAST_FIGURES = 0.5
_WORD = re.compile(r"\w+")
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_ROLE_TALK = re.compile(
    r"\b(?:as an ai|language model|i cannot|i can't|i'm sorry|i am sorry|the assistant|the user)\b",
    re.IGNORECASE,
)


_DENIAL = re.compile(
    r"\bnot (?:been )?(?:specified|given|provided|mentioned|stated|available|known|listed|found|"
    r"included|clear)\b|\bunknown\b|\bno (?:information|data|mention|details?)\b|"
    r"\b(?:cannot|can't|could not|couldn't) be (?:determined|found|answered)\b",
    re.IGNORECASE,
)
"""That something is not known: what a model writes of a task that was not done."""


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
    check_opener: bool = False,
    in_one_passage: bool = False,
    statements: Sequence[str] = (),
) -> Judged:
    """Judge one sentence of prose against what it must rest on.

    `in_one_passage` holds weak models to more: one short passage must have all the sentence's
    figures and names and half of its words, so that they cannot pair a date with another's event.
    `statements` are findings, whose figures must stay with the names that they give them to. What
    was not found is told beside them, so nothing is said to be unknown that no source says is.
    """
    cited = cite.cite(sentence, supports, question)
    if missing := cite.unsupported(sentence, supports, question, check_opener=check_opener):
        return Judged(cited, f"not in the sources: {', '.join(missing[:3])}")
    if swapped := mispaired(sentence, statements):
        return Judged(cited, f"gives {', '.join(swapped[:3])} to another name than the findings")
    if statements and (denial := _denial_of_its_own(sentence, [*statements, *supports])):
        return Judged(cited, f"no source says {denial!r}")
    if len(_LETTERS.findall(sentence)) < _LEAST_WORDS:
        return Judged(cited, "says nothing")
    if _says_the_same(sentence, before):
        return Judged(cited, "repeats what was said")
    if _stutters(sentence):
        return Judged(cited, "repeats itself")
    if _ROLE_TALK.search(sentence):
        return Judged(cited, "speaks of itself")
    if in_one_passage and not _stands_in_one_passage(sentence, supports):
        return Judged(cited, "no passage of the sources says it")
    return Judged(cited)


def _denial_of_its_own(sentence: str, sources: Sequence[str | Support]) -> str:
    """Return the words that say something is unknown, where no source has them; else nothing."""
    said = _DENIAL.search(sentence)
    if said is None:
        return ""
    texts = [source if isinstance(source, str) else source.text for source in sources]
    return "" if any(said[0].lower() in text.lower() for text in texts) else said[0]


def _stands_in_one_passage(sentence: str, supports: Sequence[Support]) -> bool:
    for support in supports:
        lines = cite.sentences(support.text)
        for at in range(len(lines)):
            passage = " ".join(lines[at : at + _PASSAGE_SENTENCES])
            if cite.overlap(sentence, passage) >= _PASSAGE_OVERLAP and not cite.unsupported(
                sentence, [Support("", passage)], ""
            ):
                return True
    return False


def covers(text: str, findings: Sequence[Finding]) -> bool:
    """Return whether an answer says what the findings found.

    That is every name, the bare answer, and half of the figures; where a finding has no bare
    answer, every figure.
    """
    return all(_covers(text, finding) for finding in findings)


def _covers(text: str, finding: Finding) -> bool:
    if not all(name.lower() in text.lower() for name in cite.names(finding.statement)):
        return False
    share = cite.share_of_figures(text, finding.statement)
    if not finding.answer:
        return share == 1
    says_answer = finding.answer.lower() in text.lower() or (
        bool(figures(finding.answer)) and cite.share_of_figures(text, finding.answer) == 1
    )
    return says_answer and share >= _LEAST_FIGURES


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
