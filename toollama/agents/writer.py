"""Write an answer from findings: by a template, or in a model's prose that code has checked."""

import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from functools import partial

from toollama.agents import cite, gate, inference, memory
from toollama.agents.cite import Support
from toollama.agents.depth import DEPTHS
from toollama.agents.messages import CitedSentence, Finding, Gap
from toollama.agents.prose import Piece, SentenceStream
from toollama.agents.run import Member, Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import BudgetSpent, RunFailed
from toollama.models.engine import Message
from toollama.text import fence, one_line

_MEMORY_TOKENS = 900
_PROMPT_OVERHEAD_TOKENS = 220
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
    # Qwen2.5-Coder 1.5B heeded wishes next to the question, and none among its instructions.
    wishes = "".join(f"\n({one_line(wish)})" for wish in run.request.memory.pinned)
    prompt = f"Facts:\n{facts}\n\nQuestion: {run.request.text}{wishes}\nAnswer:"
    try:
        prose = await inference.complete(
            run,
            member,
            [Message("user", prompt)],
            purpose="answer",
            max_tokens=depth.answer_tokens,
        )
    except inference.UNANSWERED as error:
        run.heeded = False
        voice.degraded(f"{one_line(error.message)}; the findings' own wording is used")
        return from_statements(voice, findings, gaps)
    kept, faults = _judge(prose, findings, run.request.text)
    whole = gate.covers(" ".join(sentence.text for sentence in kept), _leading(findings))
    verdict = gate.verdict(faults, len(kept)) if whole else "fail"
    voice.judged(verdict, checks={"covers the findings": "yes" if whole else "no"}, faults=faults)
    if verdict != "pass":
        run.heeded = False
        voice.degraded("the model's wording does not hold; the findings' own is used")
        return from_statements(voice, findings, gaps)
    for sentence in kept:
        voice.say(Piece(" ", sentence.text), sentence)
    return voice.draft(gaps)


def _leading(findings: Sequence[Finding]) -> list[Finding]:
    """Return what an answer must say: each bare answer, and the first of what gave none."""
    answered = {finding.evidence for finding in findings if finding.answer}
    first: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        if finding.evidence not in answered:
            first.setdefault(finding.evidence, finding)
    return [*(finding for finding in findings if finding.answer), *first.values()]


def _judge(
    prose: str, findings: Sequence[Finding], question: str
) -> tuple[list[CitedSentence], list[str]]:
    """Return the sentences that hold and the faults of the others."""
    supports = [Support(evidence, f.statement) for f in findings for evidence in f.evidence[:1]]
    statements = [finding.statement for finding in findings]
    kept: list[CitedSentence] = []
    faults: list[str] = []
    for text in cite.sentences(prose):
        said = [sentence.text for sentence in kept]
        judged = gate.judge_sentence(
            text, supports, question, before=said, check_opener=True, statements=statements
        )
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
    before = await _what_was_said(run, member, [*given, run.request.text])
    prompt = "\n\n".join([*before, *given, run.request.text])
    stream = inference.stream(run, member, [Message("user", prompt)], purpose="answer")
    try:
        async with run.ledger.in_time(), aclosing(stream) as pieces:
            if run.request.strict:
                await _say_only_supported(run, voice, pieces)
            async for piece in pieces:
                voice.say(Piece("", piece))
    except BudgetSpent:
        if not run.said:
            raise
    if not "".join(run.said).strip():
        wrote = "wrote nothing that has support" if run.request.strict else "wrote nothing"
        raise RunFailed(f"{member.model.id} {wrote}", fix="ask in other words")
    voice.unchecked()
    voice.limits.append(_UNCHECKED)
    return voice.draft()


async def _say_only_supported(run: Run, voice: Voice, pieces: AsyncIterator[str]) -> None:
    """Say the sentences whose figures and names stand in the words or the texts given."""
    supports = [Support(record.id, record.text) for record in run.evidence.values()]
    cutter = SentenceStream()
    left_out = 0
    written = [cutter.feed(text) async for text in pieces]
    for piece in itertools.chain(*written, cutter.finish()):
        judged = gate.judge_sentence(piece.text, supports, run.request.text, check_opener=True)
        if judged.fault:
            left_out += 1
        else:
            voice.say(piece, judged.sentence)
    if left_out:
        voice.limits.append(f"{left_out} of the model's sentences had no support: left out")


async def _what_was_said(run: Run, member: Member, others: Sequence[str]) -> list[str]:
    """Return the conversation so far, fenced as data, as far as the context has room for it."""
    known = run.request.memory
    if not known.turns:
        return []
    async with run.pool.turn(member.model, run.bus.child_span()) as engine:
        count = partial(engine.count_tokens, member.model.id)
        used = sum([await count(text) for text in others]) + member.role.max_tokens
        room = engine.context_tokens(member.model.id) - used - _PROMPT_OVERHEAD_TOKENS
        text = await memory.compact(known, room_tokens=min(room, _MEMORY_TOKENS), count=count)
    return [fence(text, "conversation so far")] if text else []
