"""Where two sources say different things about the same: found in code, shown side by side. Pure.

Two findings speak of the same where their names and years agree and most of their other words do.
They disagree where their figures differ even after rounding. Nothing is ever averaged or chosen.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import combinations

from toollama.agents import cite, extract
from toollama.agents.figures import figures
from toollama.agents.messages import Conflict, EvidenceRecord, Finding
from toollama.text import one_line

_SAME_WORDS = 0.6
_SENTENCES = 4
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_WORD = re.compile(r"[^\W\d_]{2,}")


def conflicts(
    findings: Sequence[Finding], evidence: Mapping[str, EvidenceRecord]
) -> tuple[Conflict, ...]:
    """Return every pair of findings from different sources that disagree."""
    told = [finding for finding in findings if not finding.empty and _source(finding, evidence)]
    return tuple(
        Conflict(a=one, b=other)
        for one, other in combinations(told, 2)
        if _source(one, evidence) != _source(other, evidence)
        and _about_the_same(one.statement, other.statement)
        and _figures_differ(one.statement, other.statement)
    )


def between_texts(records: Sequence[EvidenceRecord], question: str) -> tuple[Conflict, ...]:
    """Return where the sentences that answer a question best contradict each other across texts."""
    told = [
        Finding(statement=sentence, evidence=(record.id,))
        for record in records
        for sentence in extract.telling_sentences(record.text, question, count=_SENTENCES)
    ]
    return conflicts(told, {record.id: record for record in records})


def side_by_side(conflict: Conflict, evidence: Mapping[str, EvidenceRecord]) -> str:
    """Return what both sources say, each with its name."""
    return "sources disagree: " + "; but ".join(
        f"{evidence[finding.evidence[0]].title} says “{one_line(finding.statement, 240)}”"
        for finding in (conflict.a, conflict.b)
    )


def _source(finding: Finding, evidence: Mapping[str, EvidenceRecord]) -> str:
    """Return where a finding stands; a local computation contradicts nobody."""
    record = evidence.get(finding.evidence[0]) if finding.evidence else None
    return "" if record is None or record.locator == record.tool else record.locator


def _about_the_same(one: str, other: str) -> bool:
    if set(_YEAR.findall(one)) != set(_YEAR.findall(other)) or cite.names(one) != cite.names(other):
        return False
    left, right = (set(_WORD.findall(text.lower())) for text in (one, other))
    return len(left & right) >= _SAME_WORDS * max(len(left | right), 1)


def _figures_differ(one: str, other: str) -> bool:
    plain, rival = (_YEAR.sub(" ", text) for text in (one, other))
    if not figures(plain) or not figures(rival):
        return False
    return max(cite.share_of_figures(plain, rival), cite.share_of_figures(rival, plain)) < 1
