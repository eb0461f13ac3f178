"""A task set run through an arm, item by item, and what the outcomes add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from toollama.clock import Clock
from toollama.evaluation import intervals, marking
from toollama.evaluation.arms import Arm, Attempt
from toollama.evaluation.intervals import Interval
from toollama.evaluation.marking import Call
from toollama.evaluation.tasks import Task
from toollama.tools.foreign.schema import json_schema


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one arm did on one task."""

    task: str
    calls: tuple[Call, ...]
    fault: str
    """What is wrong; empty where the calls are right."""
    valid: bool
    """Every call validates against the schema of its function, with no parameter too many."""
    input_tokens: int
    output_tokens: int
    seconds: float

    @property
    def right(self) -> bool:
        """Return whether the calls are right."""
        return not self.fault


@dataclass(frozen=True, slots=True)
class Score:
    """What the outcomes of one arm add up to; tokens and seconds are means of an item."""

    arm: str
    items: int
    right: Interval
    valid_share: float
    input_tokens: float
    output_tokens: float
    seconds: float
    swaps: int = 0


async def outcome(arm: Arm, task: Task, clock: Clock) -> Outcome:
    """Let the arm do one task, and mark it."""
    started_s = clock.monotonic_s()
    attempt = await arm.attempt(task)
    return _outcome(task, attempt, clock.monotonic_s() - started_s)


def _outcome(task: Task, attempt: Attempt, seconds: float) -> Outcome:
    return Outcome(
        task=task.id,
        calls=attempt.calls,
        fault=attempt.refused or marking.fault(attempt.calls, task.answers, task.functions),
        valid=bool(attempt.calls) and all(is_valid(call, task.functions) for call in attempt.calls),
        input_tokens=attempt.input_tokens,
        output_tokens=attempt.output_tokens,
        seconds=seconds,
    )


def is_valid(call: Call, functions: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a call keeps to the schema of its function."""
    import jsonschema

    for function in functions:
        if function["name"].replace(".", "_") == call.name.replace(".", "_"):
            schema = json_schema(function["parameters"])
            strict = {**schema, "additionalProperties": False}
            return bool(jsonschema.Draft202012Validator(strict).is_valid(dict(call.arguments)))
    return False


def score(arm: str, outcomes: Sequence[Outcome], *, swaps: int = 0) -> Score:
    """Return what the outcomes add up to. Raises `ValueError` for none."""
    count = len(outcomes)
    return Score(
        arm=arm,
        items=count,
        right=intervals.share(sum(one.right for one in outcomes), count),
        valid_share=sum(one.valid for one in outcomes) / count,
        input_tokens=sum(one.input_tokens for one in outcomes) / count,
        output_tokens=sum(one.output_tokens for one in outcomes) / count,
        seconds=sum(one.seconds for one in outcomes) / count,
        swaps=swaps,
    )


def advantage(ours: Sequence[Outcome], theirs: Sequence[Outcome]) -> Interval:
    """Return how much larger our share of right calls is, over the items that both have done."""
    done = {one.task: one.right for one in theirs}
    both = [one for one in ours if one.task in done]
    return intervals.difference([one.right for one in both], [done[one.task] for one in both])
