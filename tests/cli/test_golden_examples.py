"""The promises of docs/pipes.md and the exit codes, each with the test that proves it.

What these lists name runs the program itself: with the bundled model, or with a session that plays.
"""

import re
from pathlib import Path

import pytest

from toollama.errors import ExitCode

ROOT = Path(__file__).parents[2]
_EXAMPLES = "e2e/test_examples.py"
EXAMPLES = {
    'git diff | toollama ask "review" | less': (
        "cli/test_terminal_bytes.py",
        "test_in_a_pipe_the_answer_is_raw_and_the_status_line_is_erased",
    ),
    'git diff | toollama ask "review" 2>/dev/null | head -3': (
        "e2e/test_starter.py",
        "test_a_reader_that_leaves_ends_the_run_quietly",
    ),
    'toollama ask "capital of France?" --quiet': (
        _EXAMPLES,
        "test_a_quiet_answer_is_one_line_and_nothing_else",
    ),
    "toollama ask \"3 papers on LoRA\" --schema papers.json | jq -r '.papers[].title'": (
        "e2e/test_served.py",
        "test_an_answer_under_a_schema_is_one_document_of_what_was_found",
    ),
    'toollama ask "…" --jsonl | jq …': (
        _EXAMPLES,
        "test_every_call_can_be_picked_out_of_the_json_lines",
    ),
    "toollama ask -f 'src/**/*.py' -f https://… \"explain\" -o answer.md": (
        "e2e/test_served.py",
        "test_files_and_a_page_are_attached_and_the_answer_is_a_file",
    ),
    'toollama ask --plan-only "compare A and B"; toollama ask --from-plan plan.yaml': (
        _EXAMPLES,
        "test_a_plan_is_printed_edited_and_run",
    ),
    'toollama ask "x" </dev/null': ("cli/test_stdin.py", "test_the_null_device_adds_nothing"),
    "toollama ask": (
        "cli/test_terminal_bytes.py",
        "test_ask_without_words_shows_how_it_is_used",
    ),
    'toollama ask -c "and in Italian?"': (
        _EXAMPLES,
        "test_c_goes_on_from_this_terminal_and_from_no_other",
    ),
    "toollama models | fzf | xargs toollama models info": (
        _EXAMPLES,
        "test_a_line_that_was_picked_from_the_models_is_what_info_takes",
    ),
}
_ENDS = ("e2e/test_exit_codes.py", "test_the_program_ends_with_the_documented_code")
_STOPPED = ("cli/test_signals.py", "test_a_signal_stops_the_run_with_its_code")
EXIT_CODES = {
    ExitCode.OK: (_EXAMPLES, "test_a_quiet_answer_is_one_line_and_nothing_else"),
    ExitCode.FAILED: _ENDS,
    ExitCode.USAGE: _ENDS,
    ExitCode.MODEL: (
        "e2e/test_bad_input.py",
        "test_the_error_is_one_line_with_its_code_and_next_step",
    ),
    ExitCode.APPROVAL: _ENDS,
    ExitCode.NETWORK: _ENDS,
    ExitCode.SCHEMA: _ENDS,
    ExitCode.BUDGET: _ENDS,
    ExitCode.PARTIAL: (
        "e2e/test_exit_codes.py",
        "test_an_answer_without_all_of_its_parts_is_8_where_strict",
    ),
    ExitCode.HANGUP: _STOPPED,
    ExitCode.INTERRUPTED: _STOPPED,
    ExitCode.TERMINATED: _STOPPED,
    ExitCode.BROKEN_PIPE: ("e2e/test_starter.py", "test_a_reader_that_leaves_ends_the_run_quietly"),
}


@pytest.mark.parametrize(("file", "test"), {*EXAMPLES.values(), *EXIT_CODES.values()})
def test_the_test_that_proves_a_promise_exists(file: str, test: str) -> None:
    text = (ROOT / "tests" / file).read_text("utf-8")
    assert re.search(rf"^(async )?def {test}\(", text, re.MULTILINE)


def test_every_exit_code_is_provoked() -> None:
    assert EXIT_CODES.keys() == set(ExitCode)
