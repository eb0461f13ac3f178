"""Do what the user asked with the texts given: summarise, answer, review.

The model writes; every sentence is let out only if the texts support it. Where too little is left,
sentences of the texts themselves are quoted.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from toollama.agents import context, diffs, extract, gate, inference
from toollama.agents.cite import Support
from toollama.agents.depth import DEPTHS
from toollama.agents.messages import CitedSentence, EvidenceRecord, Gap
from toollama.agents.prose import Piece, SentenceStream
from toollama.agents.run import Run
from toollama.agents.voice import Draft, Voice
from toollama.errors import RunFailed
from toollama.models.engine import Message
from toollama.text import one_line, truncate

TEXT_TOOLS = frozenset({"", "read_file"})
"""Whose evidence is a text that was given or read; "" is what came with the request."""
_PROMPT_OVERHEAD_TOKENS = 220
_MAX_LIST_LINES = 6
_ENOUGH_SENTENCES = 3
_LIST_TASK = re.compile(
    r"\b(?:summari[sz]e|summary|tl;?dr|review|key points?|main points?|gist|bullet points?)\b",
    re.IGNORECASE,
)
_SHOW_TASK = re.compile(
    r"^\W*(?:please\s+)?(?:read|open|cat|show|print|load|view)\b(?!.*\b(?:and|then|what|which|who)\b)",
    re.IGNORECASE,
)
_SHOWN_CHARACTERS = 4000
_ONLY_QUOTED = "no sentence of the model holds: what is quoted instead may not answer the request"
_LIST_MARK = re.compile(r"^(?:[-*•]|\d+[.)])\s+")


class Digest:
    """Writes one answer about the texts of a run."""

    def __init__(
        self, run: Run, voice: Voice, *, role: str = "camina", ask: str | None = None
    ) -> None:
        """`ask` is the part of the request that is about the texts, where not all of it is."""
        self._run = run
        self._voice = voice
        self._member = run.member(role)
        self._ask = run.request.text if ask is None else ask
        self._said_before = len(voice.sentences)
        self._texts_alone = ask is not None
        self._as_list = bool(_LIST_TASK.search(self._ask))
        self._faults: list[str] = []

    async def write(self, gaps: Sequence[Gap]) -> Draft:
        """Write and say the answer. Raises `RunFailed` where the texts hold no sentence."""
        records = [
            record
            for record in self._run.evidence.values()
            if not self._texts_alone or record.tool in TEXT_TOOLS
        ]
        if _SHOW_TASK.search(self._ask):
            return self._show(records, gaps)
        if self._as_list:
            self._count_diffs(records)
        shown_fraction = 1.0
        try:
            async with self._run.ledger.in_time():
                shown_fraction = await self._have_written(records)
        except inference.UNANSWERED as error:
            self._voice.degraded(one_line(error.message))
        self._voice.judged(
            gate.verdict(self._faults, len(self._voice.sentences)), faults=self._faults
        )
        self._quote_if_too_little(records)
        self._voice.limits += self._limits(shown_fraction)
        return self._voice.draft(gaps)

    async def _have_written(self, records: Sequence[EvidenceRecord]) -> float:
        """Say what holds of the model's words; return which share of the texts it was shown."""
        max_tokens = min(self._member.role.max_tokens, DEPTHS[self._run.request.depth].text_tokens)
        shown = await context.excerpt(
            self._run,
            self._member,
            records,
            reserved_tokens=max_tokens + _PROMPT_OVERHEAD_TOKENS,
        )
        task = self._ask
        stream = inference.stream(
            self._run,
            self._member,
            [Message("user", f"{shown.text}\n\nTask, using only the text above: {task}")],
            purpose="answer",
            max_tokens=max_tokens,
            prefill="- " if self._as_list else "",
        )
        await self._say_supported(stream, [Support(r.id, r.text) for r in records])
        return shown.shown_fraction

    def _count_diffs(self, records: Sequence[EvidenceRecord]) -> None:
        """Open with what code can say of a diff."""
        for record in records:
            for line in diffs.describe(record.text):
                cited = CitedSentence(text=line, cites=(record.id,), support="supported")
                self._voice.say(Piece("\n", f"- {line}"), cited)

    def _show(self, records: Sequence[EvidenceRecord], gaps: Sequence[Gap]) -> Draft:
        """Answer with the texts as they are, up to a length that suits an answer."""
        for record in records:
            text = truncate(record.text.strip(), _SHOWN_CHARACTERS)
            cited = CitedSentence(text=text, cites=(record.id,), support="supported")
            self._voice.say(Piece("\n\n", text), cited)
            if len(record.text) > _SHOWN_CHARACTERS:
                self._voice.limits.append(f"only the start of {record.title} is shown")
        return self._voice.draft(gaps)

    def _limits(self, shown_fraction: float) -> list[str]:
        limits = []
        if shown_fraction < 1:
            limits.append(f"only the first {shown_fraction:.0%} of the text was read")
        if self._faults:
            count = len(self._faults)
            noun = "sentence" if count == 1 else "sentences"
            limits.append(f"{count} {noun} of the model had no support in the text: left out")
        return limits

    async def _say_supported(
        self, stream: AsyncGenerator[str, None], supports: Sequence[Support]
    ) -> None:
        """Say each sentence as soon as it is whole and holds; stop a list that does not end."""
        cutter = SentenceStream()
        async with aclosing(stream) as pieces:
            async for text in pieces:
                for piece in cutter.feed(text):
                    self._say_if_supported(piece, supports)
                if self._as_list and len(self._voice.sentences) >= _MAX_LIST_LINES:
                    return
        for piece in cutter.finish():
            self._say_if_supported(piece, supports)

    def _say_if_supported(self, piece: Piece, supports: Sequence[Support]) -> None:
        body = _LIST_MARK.sub("", piece.text)
        if not body.strip("-*• "):
            return
        judged = gate.judge_sentence(
            body,
            supports,
            self._ask,
            before=[sentence.text for sentence in self._voice.sentences],
            in_one_passage=not self._member.trust.writes_prose,
        )
        if judged.fault:
            self._faults.append(f"{one_line(body, 80)}: {judged.fault}")
        elif self._as_list:
            self._voice.say(Piece("\n", f"- {body}"), judged.sentence)
        else:
            begins = 0 < self._said_before == len(self._voice.sentences)
            lead = "\n" if begins else piece.lead if "\n" in piece.lead else " "
            self._voice.say(Piece(lead, piece.text), judged.sentence)

    def _quote_if_too_little(self, records: Sequence[EvidenceRecord]) -> None:
        """Add sentences of the texts where the model's own are none, or too few for a weak one."""
        said = self._voice.sentences[self._said_before :]
        short = self._as_list and not self._member.trust.writes_prose
        missing = (_ENOUGH_SENTENCES if short else 1) - len(said)
        if missing <= 0:
            return
        self._voice.degraded("too few sentences of the model hold; the text itself is quoted")
        if not self._as_list and not said:
            self._voice.limits.append(_ONLY_QUOTED)
        mark = "- " if self._as_list else ""
        for record in records:
            for sentence in extract.telling_sentences(
                record.text, "" if self._as_list else self._ask, count=missing
            ):
                self._voice.say(
                    Piece("\n", f"{mark}“{one_line(sentence, 320)}”"),
                    CitedSentence(text=sentence, cites=(record.id,), support="supported"),
                )
        if not self._voice.sentences:
            raise RunFailed(
                "the text has no sentence to answer with",
                fix="choose a larger model with -m, or take its unchecked words with --direct",
            )
