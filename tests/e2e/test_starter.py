"""What a newcomer does, with the real SmolLM2-135M."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import Toollama, command
from toollama.events import TERMINAL_TYPES

pytestmark = pytest.mark.starter

SALES = Path(__file__).parent.parent / "data" / "sales.csv"
NOTES = """\
The library opened on 3 May 1921 in Harrow Street. A brewer gave 12,000 pounds for it.
In 1940 a bomb damaged the reading room, and 4,300 books were lost. The building reopened in 1948.
Today the library lends 210,000 books a year. Its members can also borrow musical instruments.
The roof needs repair, which the council expects to cost 85,000 pounds in 2027.
"""


DIFF = """\
diff --git a/one.py b/one.py
--- a/one.py
+++ b/one.py
@@ -1,2 +1,3 @@
 import os
+import sys
+print(os.sep)
diff --git a/two.py b/two.py
--- a/two.py
+++ b/two.py
@@ -1 +1 @@
-the old line of the second file
+the new line of the second file
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 15% of 240?", "15% of 240 = 36\n"),
        ("How many miles is 42 km?", "42 km = 26.1 mi\n"),
        ("What weekday was 20 July 1969?", "20 July 1969 was a Sunday.\n"),
    ],
)
def test_an_exact_question_is_answered_exactly(
    toollama: Toollama, question: str, answer: str
) -> None:
    outcome = toollama("ask", question)
    assert (outcome.stdout, outcome.returncode) == (answer, 0)


def test_what_the_words_leave_open_is_owned_up_to(toollama: Toollama) -> None:
    outcome = toollama("ask", "-f", str(SALES), "Which shop has the highest total sales?")
    assert outcome.stdout.startswith("Harbour has the highest total revenue: 27,135.75 (44.9%")
    assert "value was taken to be revenue" in outcome.stderr


def test_a_question_that_needs_reading_is_read_by_the_model(toollama: Toollama) -> None:
    outcome = toollama("ask", "--jsonl", "summarise", stdin=NOTES)
    events = [json.loads(line) for line in outcome.stdout.splitlines()]
    [inference] = [e for e in events if e["type"] == "inference.completed"]
    assert inference["data"]["model"] == "smollm2-135m"
    assert inference["data"]["usage"]["output_tokens"] > 0


def test_a_summary_says_only_what_the_text_says(toollama: Toollama) -> None:
    outcome = toollama("ask", "summarise", stdin=NOTES)
    assert outcome.returncode == 0, outcome.stderr
    figures = {"1921", "1940", "1948", "2027", "12,000", "4,300", "210,000", "85,000", "3", "1"}
    words = outcome.stdout.replace("[", " ").replace("]", " ").split()
    shown = {word.strip(".,:;“”-") for word in words if word.strip(".,:;“”-")[:1].isdigit()}
    assert shown <= figures


def test_the_starter_model_invents_no_capital(toollama: Toollama) -> None:
    outcome = toollama("ask", "Who will win the election next year?")
    assert outcome.stdout == ""
    assert outcome.returncode != 0


def test_every_line_of_jsonl_is_an_event_and_the_last_is_terminal(toollama: Toollama) -> None:
    outcome = toollama("ask", "--jsonl", "summarise", stdin=NOTES)
    events = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert events[0]["type"] == "run.started"
    assert events[-1]["type"] in TERMINAL_TYPES
    assert sum(event["type"] in TERMINAL_TYPES for event in events) == 1


def test_a_reader_that_leaves_ends_the_run_quietly(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        command("ask", "summarise"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(DIFF.encode())
        process.stdin.close()
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 141
        assert b"rror" not in process.stderr.read()


def _start_long_prompt(environment: dict[str, str], tmp_path: Path) -> "subprocess.Popen[bytes]":
    """Start a run and return it while the model reads a long prompt."""
    text = tmp_path / "long.txt"
    text.write_text("The quick brown fox jumps over the lazy dog near the river. " * 200)
    process = subprocess.Popen(
        command("ask", "-v", "-f", str(text), "--direct", "What happens here?"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )
    assert process.stderr
    for line in process.stderr:
        if b"inference.started" in line:
            break
    time.sleep(0.3)
    return process


def test_ctrl_c_in_a_long_prompt_stops_and_is_recorded(
    environment: dict[str, str], tmp_path: Path, toollama: Toollama
) -> None:
    process = _start_long_prompt(environment, tmp_path)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    shown = json.loads(toollama("runs", "show", "last", "--json").stdout)
    assert shown["run"]["status"] == "cancelled"


def test_a_killed_run_is_shown_as_interrupted(
    environment: dict[str, str], tmp_path: Path, toollama: Toollama
) -> None:
    process = _start_long_prompt(environment, tmp_path)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=20)
    shown = json.loads(toollama("runs", "show", "last", "--json").stdout)
    assert shown["run"]["status"] == "interrupted"


def test_runs_show_prints_the_tree_of_the_hierarchy(toollama: Toollama) -> None:
    toollama("ask", "-f", str(SALES), "Which shop has the highest total revenue?")
    lines = toollama("runs", "show", "last").stdout.splitlines()
    order = [
        next(at for at, line in enumerate(lines) if name in line)
        for name in ("✓ camina", "✓ belter.document", "✓ drummer.analysis", "✓ data_group")
    ]
    assert order == sorted(order)
