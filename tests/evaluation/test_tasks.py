from pathlib import Path
from typing import Any

import pytest
from pydantic_core import to_json

from toollama.errors import InputError, UnknownName
from toollama.evaluation import tasks
from toollama.evaluation.marking import Call
from toollama.evaluation.trial import is_valid

LINE = {
    "id": "one",
    "question": [[{"role": "user", "content": "hello"}]],
    "function": [{"name": "greet", "parameters": {"type": "dict", "properties": {}}}],
}


def write(path: Path, *lines: object) -> Path:
    path.write_bytes(b"\n".join(to_json(line) for line in lines))
    return path


def test_answers_lie_beside_the_questions_as_bfcl_has_them(tmp_path: Path) -> None:
    questions = write(tmp_path / "BFCL_v4_live_simple.json", LINE)
    answer = {"id": "one", "ground_truth": [{"greet": {}}]}
    write(tmp_path / "possible_answer_live_simple.json", answer)
    (task,) = tasks.load(str(questions))
    assert (task.request, task.answers) == ("hello", ({"greet": {}},))


def test_every_answer_of_the_own_set_keeps_to_its_schema() -> None:
    for task in tasks.load("own"):
        ((name, expected),) = task.answers[0].items()
        given = {key: meant(values) for key, values in expected.items()}
        call = Call(name, {key: one for key, one in given.items() if one not in ("", None)})
        assert is_valid(call, task.functions), task.id


def meant(values: list[Any]) -> Any:
    """Return the value that is left out last."""
    value = next((one for one in values if one != ""), "")
    return {k: meant(v) for k, v in value.items()} if isinstance(value, dict) else value


def test_a_set_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(UnknownName, match="nothing") as refused:
        tasks.load("nothing")
    assert "own" in refused.value.fix


@pytest.mark.parametrize("line", ['{"id": "x"}', "[1]", "{", '{"id": 1, "question": []}'])
def test_a_broken_line_is_named_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(to_json(LINE) + b"\n" + line.encode())
    with pytest.raises(InputError, match=r"set\.jsonl:2: "):
        tasks.load(str(path))
