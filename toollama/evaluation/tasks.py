"""Task sets: requests with the functions offered and the calls that count as right.

A set is JSON lines in the format of the Berkeley Function Calling Leaderboard (BFCL): `id`,
`question`, `function` in one file, `id` and `ground_truth` in a second one beside it that is called
`possible_answer_….json`, or `ground_truth` in the same line. A broken line is refused by number.
Format: https://github.com/ShishirPatil/gorilla, `berkeley-function-call-leaderboard`.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from toollama.errors import InputError, UnknownName
from toollama.paths import written

_SETS = {"own": "own.jsonl"}
"""The sets that ship with the program."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a question."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Task:
    """One request, what may be called for it, and which calls are right."""

    id: str
    turns: tuple[Turn, ...]
    functions: tuple[Mapping[str, Any], ...]
    """Name, description and parameters as the set writes them, in BFCL's own type names."""
    answers: tuple[Mapping[str, Any], ...]
    """One entry for each call: `{name: {parameter: [values that are right]}}`."""

    @property
    def request(self) -> str:
        """Return the last words of the user."""
        return next(turn.content for turn in reversed(self.turns) if turn.role == "user")


def sets() -> tuple[str, ...]:
    """Return the names of the sets that ship with the program."""
    return tuple(_SETS)


def load(name: str) -> list[Task]:
    """Return the tasks of a set by name, or of a file. Raises `UnknownName` or `InputError`."""
    if name in _SETS:
        text = files("toollama.evaluation").joinpath("sets", _SETS[name]).read_text("utf-8")
        return list(_tasks(name, text, {}))
    path = written(name)
    if not os.path.isfile(path):  # noqa: PTH113 - Path's own raises for a name that is too long
        raise UnknownName(
            f"no task set is called {name}, and there is no such file",
            fix=f"use {', '.join(_SETS)} or a file of JSON lines",
        )
    answers = _answers(path.with_name(_answer_name(path.name)))
    return list(_tasks(path.name, _text(path), answers))


def _answer_name(name: str) -> str:
    return "possible_answer_" + re.sub(r"^BFCL_v\d+_", "", name)


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read: {error}", fix="give UTF-8 text") from error


def _answers(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    return {str(line["id"]): line["ground_truth"] for line in _lines(path.name, _text(path))}


def _tasks(name: str, text: str, answers: Mapping[str, Any]) -> Iterator[Task]:
    for number, line in enumerate(_lines(name, text), start=1):
        try:
            yield _task(line, answers)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise InputError(
                f"{name}:{number}: not a task: {type(error).__name__} {error}",
                fix="each line needs id, question, function and ground_truth",
            ) from error


def _lines(name: str, text: str) -> Iterator[Any]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            try:
                yield from_json(line)
            except ValueError as error:
                raise InputError(
                    f"{name}:{number}: not JSON: {error}", fix="write one object a line"
                ) from error


def _task(line: Mapping[str, Any], answers: Mapping[str, Any]) -> Task:
    question = line["question"]
    turns = question[0] if isinstance(question[0], list) else question
    truth: Sequence[Mapping[str, Any]] = answers.get(line["id"], line.get("ground_truth", []))
    task = Task(
        id=str(line["id"]),
        turns=tuple(Turn(str(turn["role"]), str(turn["content"])) for turn in turns),
        functions=tuple(dict(function) for function in line["function"]),
        answers=tuple(dict(answer) for answer in truth),
    )
    if not any(turn.role == "user" for turn in task.turns) or not all(
        isinstance(function["name"], str) and isinstance(function["parameters"], dict)
        for function in task.functions
    ):
        raise ValueError("it has no user's words, or a function without a name")
    return task
