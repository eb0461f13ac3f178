"""Write the answer: from statements by a template, or in a model's prose that code has checked.

Everything that reaches the user passes `_say`, and everything a model wrote passes the gate
first, except where the user asked for the model's own words; those are marked as unchecked.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from toollama.agents import cite, context, extract, gate, inference
from toollama.agents.cite import Support
from toollama.agents.messages import CitedSentence, CitedSource, EvidenceRecord, Finding, Gap
from toollama.agents.prose import Piece, SentenceStream
from toollama.agents.run import Run
from toollama.errors import RunFailed
from toollama.events.payloads import GateDecided, MessageDelta, Rung
from toollama.models.engine import Message
from toollama.text import one_line, visible

_STATEMENTS_PER_ANSWER = 6
_EXTRACTED_SENTENCES = 3
_WEAK_MODEL_OVERLAP = 0.6
_MAX_LIST_LINES = 6
_PROMPT_OVERHEAD_TOKENS = 220
_LIST_TASK = re.compile(
    r"\b(?:summari[sz]e|summary|tl;?dr|review|key points?|main points?|gist|bullet points?)\b",
    re.IGNORECASE,
)
_LIST_MARK = re.compile(r"^(?:[-*•]|\d+[.)])\s+")
_UNCHECKED = "the model's own words: no source was consulted, nothing was checked"


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as written."""

    text: str
    sentences: tuple[CitedSentence, ...]
    sources: tuple[CitedSource, ...]
    limits: tuple[str, ...]
    status: Literal["complete", "partial"]


class Writer:
    """Writes one answer and streams it as it becomes certain."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._sentences: list[CitedSentence] = []
        self._faults: list[str] = []

    def from_statements(self, findings: Sequence[Finding], gaps: Sequence[Gap]) -> Draft:
        """Answer with the findings' own statements."""
        for at, finding in enumerate(findings[:_STATEMENTS_PER_ANSWER]):
            self._say(
                Piece("\n" if at else "", finding.statement),
                CitedSentence(text=finding.statement, cites=finding.evidence, support="supported"),
            )
        return self._draft(gaps)

    async def from_findings(self, findings: Sequence[Finding], gaps: Sequence[Gap]) -> Draft:
        """Answer in checked prose where the model is trusted with it, else with the statements."""
        member = self._run.member("camina")
        if not member.trust.writes_prose or all(finding.empty for finding in findings):
            return self.from_statements(findings, gaps)
        facts = "\n".join(f"- {one_line(finding.statement, 400)}" for finding in findings)
        prompt = f"Facts:\n{facts}\n\nQuestion: {self._run.request.text}\nAnswer:"
        prose = await inference.complete(
            self._run, member, [Message("user", prompt)], purpose="answer", max_tokens=200
        )
        judged = self._judge_prose(prose, findings)
        if judged is None:
            return self.from_statements(findings, gaps)
        for at, sentence in enumerate(judged):
            self._say(Piece(" " if at else "", sentence.text), sentence)
        return self._draft(gaps)

    def _judge_prose(self, prose: str, findings: Sequence[Finding]) -> list[CitedSentence] | None:
        """Return the prose's sentences if every one holds and no figure is missing, else None."""
        supports = [
            Support(finding.evidence[0] if finding.evidence else "", finding.statement)
            for finding in findings
        ]
        kept: list[CitedSentence] = []
        faults: list[str] = []
        for sentence in cite.sentences(prose):
            judged = gate.judge_sentence(
                sentence,
                supports,
                self._run.request.text,
                before=[earlier.text for earlier in kept],
            )
            if judged.fault:
                faults.append(judged.fault)
            else:
                kept.append(judged.sentence)
        leading = [finding for finding in findings if finding.answer]
        whole = gate.covers(" ".join(s.text for s in kept), leading or findings[:1])
        verdict = gate.verdict(faults, len(kept)) if whole else "fail"
        self._gate(verdict, {"covers every figure": "yes" if whole else "no"}, faults)
        if verdict == "pass":
            return kept
        self._run.bus.emit(
            Rung(
                rung="degrade",
                error_class="gate",
                reason="the model's wording does not hold; the findings' own is used",
            )
        )
        return None

    async def about_texts(self, gaps: Sequence[Gap]) -> Draft:
        """Do what the user asked with the texts given; drop every sentence they do not support."""
        run = self._run
        member = run.member("camina")
        records = list(run.evidence.values())
        max_tokens = min(member.role.max_tokens, 300)
        shown = await context.excerpt(
            run, member, records, reserved_tokens=max_tokens + _PROMPT_OVERHEAD_TOKENS
        )
        limits = []
        if shown.shown_fraction < 1:
            limits.append(f"only the first {shown.shown_fraction:.0%} of the text was read")
        as_list = bool(_LIST_TASK.search(run.request.text))
        prompt = f"{shown.text}\n\nTask, using only the text above: {run.request.text}"
        supports = [Support(record.id, record.text) for record in records]
        stream = inference.stream(
            run,
            member,
            [Message("user", prompt)],
            purpose="answer",
            max_tokens=max_tokens,
            prefill="- " if as_list else "",
        )
        await self._say_supported(stream, supports, as_list=as_list)
        if self._faults:
            limits.append(
                f"{len(self._faults)} sentences of the model were not supported and left out"
            )
        verdict = gate.verdict(self._faults, len(self._sentences))
        self._gate(verdict, {}, self._faults)
        if not self._sentences:
            self._extract(records)
        return self._draft(gaps, limits)

    async def _say_supported(
        self, stream: AsyncGenerator[str, None], supports: Sequence[Support], *, as_list: bool
    ) -> None:
        """Say each sentence as soon as it is whole and holds; stop a list that does not end."""
        cutter = SentenceStream()
        async with aclosing(stream) as pieces:
            async for text in pieces:
                for piece in cutter.feed(text):
                    self._say_if_supported(piece, supports, as_list=as_list)
                if as_list and len(self._sentences) >= _MAX_LIST_LINES:
                    return
        for piece in cutter.finish():
            self._say_if_supported(piece, supports, as_list=as_list)

    def _say_if_supported(
        self, piece: Piece, supports: Sequence[Support], *, as_list: bool
    ) -> None:
        body = _LIST_MARK.sub("", piece.text)
        if not body.strip("-*• "):
            return
        weak = not self._run.member("camina").trust.writes_prose
        judged = gate.judge_sentence(
            body,
            supports,
            self._run.request.text,
            before=[sentence.text for sentence in self._sentences],
            least_overlap=_WEAK_MODEL_OVERLAP if weak else 0.0,
        )
        if judged.fault:
            self._faults.append(f"{one_line(body, 80)}: {judged.fault}")
        elif as_list:
            self._say(Piece("\n" if self._sentences else "", f"- {body}"), judged.sentence)
        else:
            lead = piece.lead if "\n" in piece.lead else " "
            self._say(Piece(lead if self._sentences else "", piece.text), judged.sentence)

    def _extract(self, records: Sequence[EvidenceRecord]) -> None:
        """Answer with sentences of the texts themselves."""
        self._run.bus.emit(
            Rung(
                rung="degrade",
                error_class="gate",
                reason="no sentence of the model holds; sentences of the text are quoted",
            )
        )
        for record in records:
            for sentence in extract.leading_sentences(record.text, count=_EXTRACTED_SENTENCES):
                self._say(
                    Piece("\n" if self._sentences else "", f"“{one_line(sentence, 320)}”"),
                    CitedSentence(text=sentence, cites=(record.id,), support="supported"),
                )
        if not self._sentences:
            raise RunFailed(
                "the text has no sentence to answer with",
                fix="toollama ask --direct, or another -m",
            )

    async def from_own_words(self, *, direct: bool) -> Draft:
        """Answer from the model's own knowledge; refuse for a model that cannot be trusted."""
        run = self._run
        member = run.member("camina")
        if not direct and not member.trust.knows:
            raise RunFailed(
                f"no tool fits this request, and {member.model.id} is too small to answer from "
                "memory without inventing",
                fix="say it with a tool's words (toollama tools list), add a larger model with -m, "
                "or take its unchecked words with --direct",
                code="answer.unsupported",
            )
        parts = [record.text for record in run.evidence.values()]
        prompt = "\n\n".join([*parts, run.request.text])
        stream = inference.stream(run, member, [Message("user", prompt)], purpose="answer")
        async with aclosing(stream) as pieces:
            async for piece in pieces:
                self._say(Piece("", piece), None)
        if not "".join(run.said).strip():
            raise RunFailed(f"{member.model.id} wrote nothing", fix="ask in other words")
        return self._draft((), [_UNCHECKED])

    def _say(self, piece: Piece, sentence: CitedSentence | None) -> None:
        """Let words out to the user; the only way."""
        mark = ""
        if sentence is not None:
            self._sentences.append(sentence)
            numbers = self._numbers()
            if len(self._listed()) > 1:
                mark = "".join(f" [{numbers[e]}]" for e in sentence.cites if e in numbers)
        text = visible(f"{piece.lead}{piece.text}{mark}")
        self._run.said.append(text)
        self._run.bus.emit(MessageDelta(text=text))

    def _listed(self) -> list[EvidenceRecord]:
        """Return the evidence a reader can go to; a local computation is its own proof."""
        return [r for r in self._run.evidence.values() if r.locator != r.tool]

    def _numbers(self) -> dict[str, int]:
        listed = {record.id for record in self._listed()}
        cited = [
            CitedSentence(
                text=s.text, cites=tuple(e for e in s.cites if e in listed), support=s.support
            )
            for s in self._sentences
        ]
        return dict(cite.number_sources(cited))

    def _gate(
        self, verdict: Literal["pass", "warn", "fail"], checks: dict[str, str], faults: list[str]
    ) -> None:
        self._run.bus.emit(GateDecided(verdict=verdict, checks=checks, removed=faults[:10]))

    def _draft(self, gaps: Sequence[Gap], limits: Sequence[str] = ()) -> Draft:
        numbers = self._numbers()
        records = self._run.evidence
        sources = tuple(
            CitedSource(number=n, title=records[e].title, locator=records[e].locator)
            for e, n in numbers.items()
        )
        return Draft(
            text="".join(self._run.said).strip(),
            sentences=tuple(self._sentences),
            sources=sources,
            limits=(*limits, *(f"not answered: {gap.what}" for gap in gaps)),
            status="partial" if gaps else "complete",
        )
