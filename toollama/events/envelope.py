"""The envelope of an event: who, when, where in the tree of spans. One JSON line each."""

import math
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from toollama.events.payloads import PAYLOADS, Payload
from toollama.text import visible

SCHEMA_VERSION = 1
"""Version of the envelope; raised when a reader of older events would misread newer ones."""

Role = Literal["camina", "belter", "drummer", "observer"]


class Agent(BaseModel):
    """Who acts: one member of the hierarchy."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    role: Role


class Event(BaseModel):
    """One thing that happened in one run. `seq` is strictly increasing from 1 without gaps."""

    model_config = ConfigDict(frozen=True)

    v: int = SCHEMA_VERSION
    seq: int
    ts: datetime
    type: str
    run_id: str
    trace_id: str
    span_id: str
    parent_span_id: str | None = None
    agent: Agent | None = None
    task_id: str | None = None
    attributes: dict[str, Any] = Field(default_factory=dict)
    data: dict[str, Any] = Field(default_factory=dict)

    def payload(self) -> Payload:
        """Return the data as its typed payload.

        Raises `KeyError` for a type that this version does not know.
        """
        return PAYLOADS[self.type].model_validate(self.data)

    def known_payload(self) -> Payload | None:
        """Return the typed payload, or None where this version cannot read it."""
        try:
            return self.payload()
        except (KeyError, ValidationError):
            return None

    def for_readers(self) -> dict[str, Any]:
        """Return the event as JSON data in which every text has been made visible.

        What took a while has its `duration_ms` beside the envelope's other keys. The event itself
        stays whole, so that a resumed run goes on from what a tool really said.
        """
        shown = {name: _shown(value) for name, value in self.model_dump(mode="json").items()}
        duration_s = self.data.get("duration_s")
        if isinstance(duration_s, int | float) and math.isfinite(duration_s):
            shown["duration_ms"] = round(duration_s * 1000)
        return shown

    def to_line(self) -> str:
        """Return the event for readers, as one line of JSON without a line feed."""
        present = {name: value for name, value in self.for_readers().items() if value is not None}
        return to_json(present, inf_nan_mode="null").decode()


def _shown(value: Any) -> Any:
    match value:
        case str():
            return visible(value)
        case list():
            return [_shown(entry) for entry in value]
        case dict():
            return {_shown(name): _shown(entry) for name, entry in value.items()}
        case _:
            return value
