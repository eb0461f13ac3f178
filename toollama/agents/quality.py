"""A Belter's definition of done: what must be true of the findings of a task. Pure, fail-closed."""

from collections.abc import Mapping, Sequence

from toollama.agents.figures import figures
from toollama.agents.messages import Conflict, EvidenceRecord, Finding
from toollama.models.spec import Done

_UNMET: dict[Done, str] = {
    "answered": "nothing was found",
    "cited": "a finding has no source",
    "figures": "no figure was found",
    "two_sources": "only one source speaks",
    "agreed": "the sources disagree",
}


def unmet(
    done: Sequence[Done],
    findings: Sequence[Finding],
    conflicts: Sequence[Conflict],
    evidence: Mapping[str, EvidenceRecord],
) -> tuple[str, ...]:
    """Return what is missing of the definition of done, in words; empty where it is met."""
    held = _held(findings, conflicts, evidence)
    return tuple(_UNMET[check] for check in done if not held[check])


def _held(
    findings: Sequence[Finding],
    conflicts: Sequence[Conflict],
    evidence: Mapping[str, EvidenceRecord],
) -> dict[Done, bool]:
    told = [finding for finding in findings if not finding.empty]
    cited = [[id_ for id_ in finding.evidence if id_ in evidence] for finding in told]
    sources = {evidence[id_].locator for ids in cited for id_ in ids}
    return {
        "answered": bool(told),
        "cited": all(cited),
        "figures": any(figures(finding.statement) for finding in told),
        "two_sources": len(sources) >= 2,
        "agreed": not conflicts,
    }
