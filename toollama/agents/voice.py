"""Everything the user is told passes here: sentence by sentence, displayable, numbered sources.

Owns what was said so far. It judges nothing: the gate has spoken before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from toollama.agents import cite
from toollama.agents.cite import Support
from toollama.agents.messages import CitedSentence, CitedSource, Depth, EvidenceRecord, Gap
from toollama.agents.prose import Piece
from toollama.agents.run import Run
from toollama.events.payloads import GateDecided, MessageDelta, Rung
from toollama.text import visible


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as written."""

    text: str
    sentences: tuple[CitedSentence, ...] = ()
    sources: tuple[CitedSource, ...] = ()
    limits: tuple[str, ...] = ()
    status: Literal["complete", "partial"] = "complete"
    exit_code: int = 0
    data: dict[str, Any] = field(default_factory=dict)
    """The answer as JSON-ready data, where a schema was asked for."""
    unsupported: tuple[str, ...] = ()
    """Its sentences that hold a figure or a name which no source has."""


class Voice:
    """Says one answer."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.sentences: list[CitedSentence] = []
        self.limits: list[str] = []
        """What a careful reader must know."""
        self.unsupported: list[str] = []
        """What was said although no source has its figures or names."""

    @property
    def depth(self) -> Depth:
        """Return how thorough the answer is to be."""
        return self._run.request.depth

    def say(self, piece: Piece, sentence: CitedSentence | None = None) -> None:
        """Let words out; the white space before the first ones is dropped."""
        lead = piece.lead if self._run.said else ""
        mark = ""
        if sentence is not None:
            self.sentences.append(sentence)
            mark = self._mark(sentence)
        text = visible(f"{lead}{piece.text}{mark}")
        self._run.said.append(text)
        self._run.bus.emit(MessageDelta(text=text))

    def draft(self, gaps: Sequence[Gap] = ()) -> Draft:
        """Return what was said, with its sources and its limits."""
        records = self._run.evidence
        return Draft(
            text="".join(self._run.said).strip(),
            sentences=tuple(self.sentences),
            sources=tuple(
                CitedSource(number=number, title=records[e].title, locator=records[e].locator)
                for e, number in self._numbers().items()
            ),
            limits=(*self.limits, *(f"not answered: {gap.what}" for gap in gaps)),
            status="partial" if gaps else "complete",
            unsupported=(
                *self.unsupported,
                *(said.text for said in self.sentences if said.support == "none"),
            ),
        )

    def judged(
        self,
        verdict: Literal["pass", "warn", "fail", "unchecked"],
        *,
        checks: Mapping[str, str] | None = None,
        faults: Sequence[str] = (),
    ) -> None:
        """Record what the gate found."""
        self._run.bus.emit(
            GateDecided(verdict=verdict, checks=dict(checks or {}), removed=list(faults[:10]))
        )

    def unchecked(self) -> None:
        """Record that nobody checked the words; sentences without support are shown with a mark.

        Those are the ones with a figure or a name that stands neither in a text of the run nor in
        the request.
        """
        supports = [Support(record.id, record.text) for record in self._run.evidence.values()]
        said = cite.sentences("".join(self._run.said))
        question = self._run.request.text
        self.unsupported += [text for text in said if cite.unsupported(text, supports, question)]
        self.judged("unchecked")

    def degraded(self, reason: str) -> None:
        """Record that plainer words are used than the model's."""
        self._run.bus.emit(Rung(rung="degrade", error_class="gate", reason=reason))

    def _mark(self, sentence: CitedSentence) -> str:
        """Return the source numbers of a sentence; a single source needs none."""
        if len(self._listed()) < 2:
            return ""
        numbers = self._numbers()
        return "".join(f" [{numbers[e]}]" for e in sentence.cites if e in numbers)

    def _listed(self) -> list[EvidenceRecord]:
        """Return the evidence a reader can go to; a local computation is its own proof."""
        return [r for r in self._run.evidence.values() if r.locator != r.tool]

    def _numbers(self) -> dict[str, int]:
        listed = {record.id for record in self._listed()}
        numbers = cite.number_sources(self.sentences)
        kept = [evidence_id for evidence_id in numbers if evidence_id in listed]
        return {evidence_id: at for at, evidence_id in enumerate(kept, start=1)}
