"""How a bench reports: one closing line with the value, the goal and whether it holds."""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Result:
    """What one bench measured."""

    name: str
    value: float
    goal: float
    """The least value that is good enough, or with `most` the greatest."""
    most: bool = False

    @property
    def holds(self) -> bool:
        """Return whether the goal is met."""
        return self.value <= self.goal if self.most else self.value >= self.goal

    def line(self) -> str:
        """Return `NAME: value (goal …) holds|falls short`."""
        outcome = "holds" if self.holds else "falls short"
        sign = "≤" if self.most else "≥"
        return f"{self.name}: {self.value:.3g} (goal {sign}{self.goal:g}) {outcome}"


def starter_model() -> Path:
    """Return the bundled SmolLM2 file. Raises `ModelMissing` without the extra `starter`."""
    from toollama.models.catalog import load_catalog

    catalog = load_catalog()
    return catalog.resolve(catalog.model("smollm2-135m"))


def larger_model(name: str) -> Path | None:
    """Return a file of the directory of larger models, or None after saying that it is skipped."""
    directory = os.environ.get("TOOLLAMA_EVAL_MODELS", "~/.cache/toollama-eval")
    path = Path(directory).expanduser() / name
    if path.exists():
        return path
    print(f"skipped: {name} is not in {path.parent}")
    return None
