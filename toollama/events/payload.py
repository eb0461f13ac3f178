"""What every event's `data` is: a frozen class that names its event type."""

from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

P = TypeVar("P", bound="type[Payload]")


class Payload(BaseModel):
    """What happened. `type` names the event type."""

    # Most processes meet few of the types, and a schema takes longer to build than to import.
    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    type: ClassVar[str]

    def attributes(self) -> dict[str, Any]:
        """Return the OpenTelemetry-shaped attributes of this event."""
        return {}


PAYLOADS: dict[str, type[Payload]] = {}
"""Every event type by name."""


def event(name: str) -> Any:
    """Give a class its event type, and list it."""

    def register(cls: P) -> P:
        cls.type = name
        PAYLOADS[name] = cls
        return cls

    return register
