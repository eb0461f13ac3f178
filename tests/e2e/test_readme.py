"""README's examples do what README says."""

import re
import shlex
from pathlib import Path

import pytest

from tests.e2e.conftest import Toollama

pytestmark = pytest.mark.starter

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"^\.venv/bin/toollama (.+?)\s+# (.+)$", README, re.MULTILINE)


@pytest.mark.parametrize(("line", "shown"), EXAMPLES)
def test_an_example_prints_what_is_beside_it(toollama: Toollama, line: str, shown: str) -> None:
    outcome = toollama(*shlex.split(line), cwd=ROOT)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.splitlines()[0] == shown


def test_readme_has_examples() -> None:
    assert len(EXAMPLES) >= 2


def test_the_first_command_ends_with_the_answer_that_readme_gives(toollama: Toollama) -> None:
    question = re.search(r"toollama ask (\".+?\")\n```", README)
    promised = re.search(r"It ends with `(.+?)`", README)
    assert question
    assert promised
    outcome = toollama("ask", *shlex.split(question[1]))
    assert outcome.stdout == f"{promised[1]}\n"
