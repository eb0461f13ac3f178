"""Write an answer from findings: by a template, or in a model's prose that code has checked."""

from collections.abc import Sequence
from contextlib import aclosing

from toollama.agents import cite, gate, inference
from toollama.agents.cite import Support
from toollama.agents.depth import DEPTHS
from toollama.agents.messages import CitedSentence, Finding, Gap
from toollama.agents.prose import Piece
from toollama.agents.run import Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import RunFailed
from toollama.models.engine import Message
from toollama.text import one_line

_UNCHECKED = "the model's own words: no source was consulted, nothing was checked"


def from_statements(voice: Voice, findings: Sequence[Finding], gaps: Sequence[Gap]) -> Draft:
    """Answer with the findings' own statements, a line each."""
    for finding in findings[: DEPTHS[voice.depth].statements]:
        voice.say(
            Piece("\n", finding.statement),
            CitedSentence(text=finding.statement, cites=finding.evidence, support="supported"),
        )
    return voice.draft(gaps)


async def from_findings(
    run: Run,
    voice: Voice,
    findings: Sequence[Finding],
    gaps: Sequence[Gap],
    *,
    role: str = "camina",
) -> Draft:
    """Answer in checked prose where the role's model is trusted with it, else with statements."""
    depth = DEPTHS[run.request.depth]
    if not depth.words_answer or all(finding.empty for finding in findings):
        return from_statements(voice, findings, gaps)
    member = run.member(role)
    if not member.trust.writes_prose:
        return from_statements(voice, findings, gaps)
    facts = "\n".join(f"- {one_line(finding.statement, 400)}" for finding in findings)
    prompt = f"Facts:\n{facts}\n\nQuestion: {run.request.text}\nAnswer:"
    prose = await inference.complete(
        run, member, [Message("user", prompt)], purpose="answer", max_tokens=depth.answer_tokens
    )
    kept, faults = _judge(prose, findings, run.request.text)
    leading = [finding for finding in findings if finding.answer] or findings[:1]
    whole = gate.covers(" ".join(sentence.text for sentence in kept), leading)
    verdict = gate.verdict(faults, len(kept)) if whole else "fail"
    voice.judged(verdict, checks={"covers the findings": "yes" if whole else "no"}, faults=faults)
    if verdict != "pass":
        voice.degraded("the model's wording does not hold; the findings' own is used")
        return from_statements(voice, findings, gaps)
    for sentence in kept:
        voice.say(Piece(" ", sentence.text), sentence)
    return voice.draft(gaps)


def _judge(
    prose: str, findings: Sequence[Finding], question: str
) -> tuple[list[CitedSentence], list[str]]:
    """Return the sentences that hold and the faults of the others."""
    supports = [Support(evidence, f.statement) for f in findings for evidence in f.evidence[:1]]
    kept: list[CitedSentence] = []
    faults: list[str] = []
    for text in cite.sentences(prose):
        said = [sentence.text for sentence in kept]
        judged = gate.judge_sentence(text, supports, question, before=said, check_opener=True)
        if judged.fault:
            faults.append(f"{one_line(text, 80)}: {judged.fault}")
        else:
            kept.append(judged.sentence)
    return kept, faults


async def from_own_words(run: Run, voice: Voice, *, role: str = "camina") -> Draft:
    """Answer from a role's own knowledge; refuse for a model that cannot be trusted."""
    member = run.member(role)
    if not run.request.direct and not member.trust.knows:
        raise RunFailed(
            f"no tool fits this request, and {member.model.id} is too small to answer from "
            "memory without inventing",
            fix="see what the tools can do (toollama tools list), choose a larger model with -m, "
            "or take its unchecked words with --direct",
            code="answer.unsupported",
        )
    given = [record.text for record in run.evidence.values()]
    prompt = "\n\n".join([*given, run.request.text])
    stream = inference.stream(run, member, [Message("user", prompt)], purpose="answer")
    async with aclosing(stream) as pieces:
        async for piece in pieces:
            voice.say(Piece("", piece))
    if not "".join(run.said).strip():
        raise RunFailed(f"{member.model.id} wrote nothing", fix="ask in other words")
    voice.judged("unchecked")
    voice.limits.append(_UNCHECKED)
    return voice.draft()
