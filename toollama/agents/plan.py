"""Plans: task graphs that cannot be wrong in form. Pure.

A plan made by rules follows the parts of the request. A plan made by a model is generated under a
schema in which every tool and Belter is an enum and a dependency can only name an earlier task;
what arrives is checked again, because a schema cannot say everything.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from toollama.agents import clauses
from toollama.agents.cite import overlap
from toollama.agents.crew import belter_of
from toollama.agents.messages import MAX_TASKS, Clause, PlannedTask, RouteDecision, TaskGraph
from toollama.agents.route import CONFIDENT, clear, confident, foreign, group
from toollama.tools.base import ToolSpec
from toollama.tools.registry import Registry

_MAX_ASK_CHARACTERS = 140
_LEAST_OWN_WORDS = 0.5
"""Share of a task's longer words that must stand in the request."""
_NO_TOOL = "none"
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


class PlanTaskDraft(BaseModel):
    """One task as a model writes it."""

    model_config = ConfigDict(extra="forbid")

    tool: str
    ask: str = Field(max_length=_MAX_ASK_CHARACTERS)
    needs: int = Field(ge=0, le=MAX_TASKS)
    """The earlier task whose result it uses, 0 for none."""


class PlanDraft(BaseModel):
    """A plan as a model writes it."""

    model_config = ConfigDict(extra="forbid")

    tasks: list[PlanTaskDraft] = Field(min_length=1, max_length=MAX_TASKS)


def from_route(text: str, decision: RouteDecision, registry: Registry) -> TaskGraph:
    """Return the plan that the request's own structure gives."""
    tasks: list[PlannedTask] = []
    for parts in group(decision.clauses)[:MAX_TASKS]:
        head = next(filter(confident, parts), parts[0])
        confident_ones = [c.tool for c in head.candidates if c.score >= CONFIDENT]
        tools = tuple(confident_ones or [c.tool for c in head.candidates[:1]])
        tasks.append(
            PlannedTask(
                belter=belter_of(registry.get(tools[0]).spec) if tools else "document",
                ask=_ask(parts, head),
                tools=tools,
                clear=clear(head),
                needs=(len(tasks),) if head.follows and tasks else (),
            )
        )
    return TaskGraph(
        goal=text[:160],
        tasks=tuple(tasks),
        unanswered=tuple(part.text for part in decision.clauses if foreign(part)),
    )


def _ask(parts: Sequence[Clause], head: Clause) -> str:
    """Return what a task is asked: all of its parts, or the one that says it all.

    What only asks on, such as `what weekday is that?`, would blur a part that was read whole.
    """
    if head.candidates and head.candidates[0].complete and head is parts[0]:
        return head.text[:400]
    return _join(parts)


def _join(parts: Sequence[Clause]) -> str:
    return "; ".join(part.text for part in parts)[:400]


def in_own_words(by_model: TaskGraph, by_rules: TaskGraph) -> TaskGraph:
    """Return the model's plan only where it wants other tools, in no fewer tasks than the rules'.

    With the rules' tools both want the same done, and only the rules' plan asks in the user's own
    words: a paraphrase loses a `lowest` that no check of figures misses. With fewer tasks one of
    the model's would have to do two things, and a tool does one.
    """
    wanted = Counter(task.tools[0] for task in by_rules.tasks if task.tools)
    planned = Counter(task.tools[0] for task in by_model.tasks if task.tools)
    lost = len(by_model.tasks) < len(by_rules.tasks)
    return by_rules if lost or wanted <= planned else by_model


def schema(tools: Sequence[str], *, tasks: int) -> dict[str, Any]:
    """Return the JSON Schema of a plan over these tools, with at most `tasks` tasks."""
    task = {
        "type": "object",
        "properties": {
            "tool": {"enum": [*tools, _NO_TOOL]},
            "ask": {"type": "string", "minLength": 3, "maxLength": _MAX_ASK_CHARACTERS},
            "needs": {"type": "integer", "minimum": 0, "maximum": max(tasks - 1, 0)},
        },
        "required": ["tool", "ask", "needs"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"tasks": {"type": "array", "items": task, "minItems": 1, "maxItems": tasks}},
        "required": ["tasks"],
        "additionalProperties": False,
    }


def from_draft(text: str, draft: PlanDraft, specs: dict[str, ToolSpec]) -> TaskGraph | None:
    """Return a model's plan made sound, or None where it cannot be trusted.

    Dropped: tasks without a tool, repeated tasks, dependencies on oneself or on later tasks.
    A plan that loses a number of the request, or brings a new one, is not trusted; nor is one that
    asks for something in words that are not the request's, or of a file without its name.
    """
    kept: list[PlannedTask] = []
    new_number: dict[int, int] = {}
    seen: set[tuple[str, str]] = set()
    for number, task in enumerate(draft.tasks, start=1):
        key = (task.tool, " ".join(task.ask.lower().split()))
        if task.tool not in specs or key in seen:
            continue
        seen.add(key)
        needs = new_number.get(task.needs) if task.needs < number else None
        kept.append(
            PlannedTask(
                belter=belter_of(specs[task.tool]),
                ask=task.ask,
                tools=(task.tool,),
                needs=(needs,) if needs else (),
            )
        )
        new_number[number] = len(kept)
    asked = set(_NUMBER.findall(text))
    planned = {number for task in kept for number in _NUMBER.findall(task.ask)}
    if not kept or planned != asked:
        return None
    if any(overlap(task.ask, text) < _LEAST_OWN_WORDS for task in kept):
        return None
    if any(_loses_file(task, text, specs) for task in kept):
        return None
    return TaskGraph(goal=text[:160], tasks=tuple(kept))


def _loses_file(task: PlannedTask, text: str, specs: dict[str, ToolSpec]) -> bool:
    """Return whether a task for a tool that reads a file names none, though the request does."""
    reads = "path" in specs[task.tools[0]].parameters.model_fields
    return reads and clauses.names_file(text) and not clauses.names_file(task.ask)
