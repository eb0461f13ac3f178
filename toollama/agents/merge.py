"""Make one list of what several calls of a task found.

By code where every finding is quoted; else the Belter's model words them, and code lets through
what the findings support. Where that is too little, the findings stay as they are.
"""

from collections.abc import Sequence

from toollama.agents import cite, gate, inference
from toollama.agents.cite import Support
from toollama.agents.messages import Finding
from toollama.agents.run import Member, Run
from toollama.events.payloads import GateDecided, Rung
from toollama.models.engine import Message
from toollama.text import one_line

_MAX_FINDINGS = 8
_MAX_TOKENS = 300


def by_code(findings: Sequence[Finding]) -> list[Finding]:
    """Return each statement once; an empty result only where nothing was found. Pure."""
    told = [finding for finding in findings if not finding.empty] or list(findings)
    once: dict[str, Finding] = {}
    for finding in told:
        key = " ".join(finding.statement.casefold().split())
        kept = once.get(key)
        evidence = dict.fromkeys((*(kept.evidence if kept else ()), *finding.evidence))
        once[key] = (kept or finding).model_copy(update={"evidence": tuple(evidence)})
    return list(once.values())[:_MAX_FINDINGS]


async def merged(run: Run, member: Member, ask: str, findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings of a task as one list."""
    plain = by_code(findings)
    quoted = all(finding.confidence == "quoted" for finding in plain)
    if quoted or len(plain) < 2 or not member.trust.writes_prose:
        return plain
    facts = "\n".join(f"- {one_line(finding.statement, 400)}" for finding in plain)
    prompt = f"Facts:\n{facts}\n\nTask: {one_line(ask, 400)}\nWhat the facts say:"
    try:
        text = await inference.complete(
            run,
            member,
            [Message("user", prompt)],
            purpose="merge",
            max_tokens=min(member.role.max_tokens, _MAX_TOKENS),
        )
    except inference.UNANSWERED as error:
        reason = f"{one_line(error.message)}; the findings stay as they are"
        run.bus.emit(Rung(rung="degrade", error_class="model", reason=reason))
        return plain
    kept, faults = _supported(text, plain, ask)
    whole = bool(kept) and gate.covers(" ".join(f.statement for f in kept), plain)
    run.bus.emit(
        GateDecided(
            verdict=gate.verdict(faults, len(kept)) if whole else "fail",
            checks={"covers the findings": "yes" if whole else "no"},
            removed=faults[:10],
        )
    )
    return kept if whole else plain


def _supported(text: str, findings: Sequence[Finding], ask: str) -> tuple[list[Finding], list[str]]:
    """Return the sentences that the findings support, and the faults of the others."""
    supports = [Support(id_, f.statement) for f in findings for id_ in f.evidence[:1]]
    statements = [finding.statement for finding in findings]
    answer = next((finding.answer for finding in findings if finding.answer), "")
    kept: list[Finding] = []
    faults: list[str] = []
    for sentence in cite.sentences(text)[:_MAX_FINDINGS]:
        said = [finding.statement for finding in kept]
        judged = gate.judge_sentence(
            sentence, supports, ask, before=said, check_opener=True, statements=statements
        )
        if judged.fault:
            faults.append(f"{one_line(sentence, 80)}: {judged.fault}")
            continue
        kept.append(
            Finding(
                statement=sentence,
                evidence=judged.sentence.cites,
                confidence="model",
                answer="" if kept else answer,
            )
        )
    return kept, faults
