"""Which models are in memory, what each does, and how memory went over time. Pure."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

from toollama.events import Event, payloads
from toollama.text import Visible, one_line

ModelState = Literal["loading", "idle", "writing", "evicted", "failed"]
Residency = Literal["away", "idle", "loading", "writing"]
TIMELINE_SAMPLES = 60
_NOTHING = Visible("")
_RANK: tuple[Residency, ...] = get_args(Residency)
"""Of the states that a cell of time holds, the last of these is shown."""
_RESIDENCY: dict[ModelState, Residency] = {
    "loading": "loading",
    "idle": "idle",
    "writing": "writing",
    "evicted": "away",
    "failed": "away",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model that the run has met."""

    model: Visible
    state: ModelState
    bytes: int = 0
    loaded_fraction: float = 0.0
    context_tokens: int = 0
    gpu_layers: int = 0
    tokens_per_second: float | None = None
    note: Visible = _NOTHING
    """Why it left, or what is wrong with it."""


class ModelsFold:
    """The models met so far, in the order in which they were first loaded."""

    def __init__(self) -> None:
        self.rows: dict[str, ModelRow] = {}
        self.resident_bytes = 0
        self.budget_bytes: int | None = None
        self.loads = 0
        self.load_seconds = 0.0
        self._steps: list[tuple[float, int]] = []
        self._changes: dict[str, list[tuple[float, Residency]]] = {}
        """Of each model: from which POSIX time on it was what."""
        self._begins_empty = True

    @classmethod
    def after(cls, before: "ModelsFold") -> "ModelsFold":
        """Return the state in which the next run of the same engine begins: what is in memory."""
        fold = cls()
        for name, row in before.rows.items():
            if row.state in ("idle", "writing"):
                fold.rows[name] = replace(row, state="idle")
                fold._changes[name] = [(0.0, _RESIDENCY["idle"])]
        fold._begins_empty = not fold.rows
        fold.resident_bytes = before.resident_bytes if fold.rows else 0
        fold.budget_bytes = before.budget_bytes
        fold._steps = [(0.0, fold.resident_bytes)]
        return fold

    def take(self, event: Event, payload: payloads.Payload) -> bool:
        """Let one event change the rows; return whether it did."""
        changed = self._take(event, payload)
        if changed:
            self._note_residency(event.ts.timestamp())
        return changed

    def _take(self, event: Event, payload: payloads.Payload) -> bool:
        match payload:
            case payloads.ModelLoadStarted():
                self._set(payload.model, state="loading", loaded_fraction=0.0, note=one_line(""))
            case payloads.ModelLoadProgress():
                self._set(payload.model, state="loading", loaded_fraction=payload.fraction)
            case payloads.ModelLoadCompleted():
                self._loaded(event, payload)
            case payloads.ModelLoadFailed():
                self._set(payload.model, state="failed", note=one_line(payload.message, 80))
            case payloads.ModelUnloaded():
                self._set(payload.model, state="evicted", note=one_line(payload.reason, 80))
                self._step(event, payload.resident_bytes)
            case payloads.InferenceStarted():
                self._set(payload.model, state="writing")
            case payloads.InferenceCompleted():
                speed = payload.usage.tokens_per_second
                self._set(payload.model, state="idle")
                if speed is not None:
                    self._set(payload.model, tokens_per_second=speed)
            case payloads.InferenceFailed():
                self._set(payload.model, state="idle")
            case _:
                return False
        return True

    @property
    def swaps(self) -> int:
        """Return the loads beyond the first into an empty memory."""
        return max(self.loads - self._begins_empty, 0)

    def timeline(
        self, *, since_s: float, until_s: float, samples: int = TIMELINE_SAMPLES
    ) -> list[float]:
        """Return resident bytes at even times between two POSIX times."""
        width_s = max(until_s - since_s, 0.001) / samples
        found: list[float] = []
        at, resident = 0, 0
        for sample in range(samples):
            end_s = since_s + width_s * (sample + 1)
            while at < len(self._steps) and self._steps[at][0] <= end_s:
                resident = self._steps[at][1]
                at += 1
            found.append(float(resident))
        return found

    def residency(
        self, model: str, *, since_s: float, until_s: float, cells: int
    ) -> list[Residency]:
        """Return what a model was in each of `cells` even parts between two POSIX times.

        A part that holds several states shows the most telling one: what was short is seen too.
        """
        changes = self._changes.get(model, [])
        width_s = max(until_s - since_s, 0.001) / cells
        found: list[Residency] = []
        at, now = 0, _RANK[0]
        for cell in range(cells):
            shown = now
            while at < len(changes) and changes[at][0] < since_s + width_s * (cell + 1):
                now = changes[at][1]
                shown = max(shown, now, key=_RANK.index)
                at += 1
            found.append(shown)
        return found

    def swap_tax(self, *, elapsed_s: float) -> float:
        """Return which share of a run's time models were loading, 0…1."""
        return min(self.load_seconds / elapsed_s, 1.0) if elapsed_s > 0 else 0.0

    def _note_residency(self, at_s: float) -> None:
        for name, row in self.rows.items():
            now = _RESIDENCY[row.state]
            changes = self._changes.setdefault(name, [])
            if not changes or changes[-1][1] != now:
                changes.append((at_s, now))

    def _loaded(self, event: Event, payload: payloads.ModelLoadCompleted) -> None:
        self._set(
            payload.model,
            state="idle",
            bytes=payload.bytes,
            context_tokens=payload.context_tokens,
            gpu_layers=payload.gpu_layers,
            loaded_fraction=1.0,
        )
        self.loads += 1
        self.load_seconds += payload.duration_s
        self.budget_bytes = payload.budget_bytes
        self._step(event, payload.resident_bytes)

    def _step(self, event: Event, resident_bytes: int) -> None:
        self.resident_bytes = resident_bytes
        self._steps.append((event.ts.timestamp(), resident_bytes))

    def _set(self, model: str, **fields: object) -> None:
        name = one_line(model, 60)
        known = self.rows.get(name) or ModelRow(model=name, state="loading")
        self.rows[name] = replace(known, **fields)  # type: ignore[arg-type]
