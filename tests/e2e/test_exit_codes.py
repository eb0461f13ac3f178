"""Exit codes of the program itself that no other test provokes through it."""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Toollama, error_lines

pytestmark = pytest.mark.starter

SUM = "what is 15% of 80?"
CASES = {
    "what nobody can know": (["ask", "Who will win the election next year?"], 1),
    "an option that is none": (["ask", "--depht", SUM], 2),
    "a deletion that nobody can confirm": (["templates", "rm", "weekly"], 4),
    "a tool without its service": (["tools", "run", "xkcd_comic", "--arg", "number:=614"], 5),
    "a schema that nothing found fits": (["ask", SUM, "--schema", "eight.json"], 6),
    "a budget of no calls": (["ask", SUM, "--max-tool-calls", "0"], 7),
}


@pytest.mark.parametrize(("arguments", "code"), CASES.values(), ids=CASES)
def test_the_program_ends_with_the_documented_code(
    toollama: Toollama, environment: dict[str, str], tmp_path: Path, arguments: list[str], code: int
) -> None:
    environment |= {"TOOLLAMA_OFFLINE": "1", "PYTHONWARNINGS": ""}
    schema = {
        "type": "object",
        "properties": {"part": {"type": "string", "minLength": 8, "maxLength": 8}},
        "required": ["part"],
    }
    (tmp_path / "eight.json").write_text(json.dumps(schema))
    templates = tmp_path / "config" / "templates"
    templates.mkdir(parents=True)
    (templates / "weekly.md").write_text("Sum up: $input\n")
    done = toollama(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    [line] = error_lines(done)
    assert done.stderr.endswith(f"{line}\n")
    assert " — fix: " in line


def test_an_answer_without_all_of_its_parts_is_8_where_strict(
    toollama: Toollama, environment: dict[str, str]
) -> None:
    environment["TOOLLAMA_OFFLINE"] = "1"
    done = toollama("ask", "--strict", "what is 15% of 80, and what is the weather in Bergen?")
    assert (done.returncode, done.stdout) == (8, "15% of 80 = 12\n")
    assert "not answered: what is the weather in Bergen?" in done.stderr
