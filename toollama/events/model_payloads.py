"""What can happen to a model in memory: it is loaded, it is not, it leaves."""

from typing import Any

from toollama.events.payload import Payload, event


@event("model.load.started")
class ModelLoadStarted(Payload):
    """A model file starts to load."""

    model: str
    path: str
    predicted_bytes: int
    reason: str = ""


@event("model.load.progress")
class ModelLoadProgress(Payload):
    """Part of the weights is read. Not stored."""

    model: str
    fraction: float


@event("model.load.completed")
class ModelLoadCompleted(Payload):
    """A model is resident."""

    model: str
    duration_s: float
    bytes: int
    resident_bytes: int
    """Bytes of every resident model together."""
    budget_bytes: int | None = None
    context_tokens: int = 0
    gpu_layers: int = 0


@event("model.load.failed")
class ModelLoadFailed(Payload):
    """A model could not be loaded."""

    model: str
    code: str
    message: str

    def attributes(self) -> dict[str, Any]:
        """Return the error's class."""
        return {"error.type": self.code}


@event("model.load.rung_failed")
class ModelLoadRungFailed(Payload):
    """One way to load a model failed: what it asked for, and why. The next one asks for less."""

    model: str
    rung: int
    """From 1; there are `rungs`."""
    rungs: int
    code: str
    message: str
    context_tokens: int
    batch: int
    gpu_layers: int
    gpu_bytes: int
    cpu_bytes: int

    def attributes(self) -> dict[str, Any]:
        """Return the error's class."""
        return {"error.type": self.code}


@event("model.unloaded")
class ModelUnloaded(Payload):
    """A model left memory."""

    model: str
    reason: str
    resident_bytes: int
