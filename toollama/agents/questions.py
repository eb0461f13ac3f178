"""The one question a run may ask back: a required argument that nothing gives a value for."""

from collections.abc import Awaitable, Callable, Sequence

from toollama.agents.messages import Question
from toollama.errors import ExitCode
from toollama.models.slots import Slot
from toollama.text import one_line
from toollama.tools.base import Candidate, ToolFailure, ToolSpec

Clarify = Callable[[Question], Awaitable[str]]
"""Ask a person; an empty text is no answer."""


class ArgumentNeeded(ToolFailure):
    """A call waits for a value that only the user can give."""

    def __init__(self, question: Question) -> None:
        super().__init__(
            f"{question.tool} needs {question.parameter}, which your words do not give",
            kind="invalid_input",
            fix=f"say it in the request, or: toollama tools info {question.tool}",
        )
        self.question = question
        self.exit_code = ExitCode.APPROVAL
        self.waiting = ({"kind": "question", **question.model_dump(mode="json")},)


def question(spec: ToolSpec, slot: Slot[Candidate]) -> Question:
    """Return what to ask for one argument, in the words of the parameter's own description."""
    described = spec.parameters.model_fields[slot.name].description or ""
    options = tuple(str(option) for option in slot.schema.get("enum", ()))
    return Question(
        tool=spec.name,
        parameter=slot.name,
        text=one_line(f"{spec.name} needs {slot.name}: {described}".rstrip(": ")),
        options=options,
    )


def first_unanswerable(spec: ToolSpec, slots: Sequence[Slot[Candidate]]) -> Question | None:
    """Return the question for the first required argument that nothing gives a value for."""
    missing = (slot for slot in slots if slot.required and not slot.candidates)
    return next((question(spec, slot) for slot in missing), None)
