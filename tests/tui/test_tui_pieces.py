"""The pure pieces: Markdown blocks, request text, commands, retry plans, history, replay times."""

from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stage import NOW, events, kept_run, recorded

from toollama import paths
from toollama.clock import FixedClock
from toollama.errors import InputError
from toollama.events import payloads
from toollama.fold import RunView, explain, subplan
from toollama.host.notices import EventNotice
from toollama.host.plan_draft import PlanDraft
from toollama.host.replay import LONGEST_PAUSE_S, ReplayCrew
from toollama.store import Store
from toollama.tui.history import KEPT_LINES, History
from toollama.tui.markdown import render
from toollama.tui.request_text import attachments
from toollama.tui.scrub import scrubbed


def _recorded_view() -> RunView:
    return RunView.of(recorded())


@pytest.mark.parametrize(
    ("block", "shown"),
    [
        ("# Title", "Title"),
        ("- **one** `x`", "• one x"),
        ("7. seven", "7. seven"),
        ("| a | b |\n|---|---|\n| 1 | 22 |", "a  b \n─  ──\n1  22"),
        ("```python\nx = 1\n```", "x = 1"),
        ("> said", "| said"),
        ("[w](https://e.org)", "w (https://e.org)"),
        ("<b>raw</b>", "<b>raw</b>"),
        ("[red]markup[/red]", "[red]markup[/red]"),
    ],
)
def test_a_block_reads_as_plain_text(block: str, shown: str) -> None:
    assert render(block).plain == shown


@given(st.text(alphabet="-*#`|>[]()!\\ \nab1.~_", max_size=80))
def test_any_text_can_be_rendered(block: str) -> None:
    render(block)


@given(st.text(max_size=60))
def test_a_scrubbed_line_is_printable_and_as_long(text: str) -> None:
    clean = scrubbed(text)
    assert "\x1b" not in clean
    assert "\n" not in clean
    assert len(clean) == len(text)


def test_a_file_name_may_be_followed_by_a_question_mark(tmp_path: Path) -> None:
    file = tmp_path / "a b.csv"
    file.write_text("x")
    text = f'what is in @"{file}" and @{tmp_path}/a b?'
    (found,) = attachments(text.partition(" and")[0])
    assert found.path == file


@pytest.mark.parametrize("word", ["@someone", "mail me@example.org", "@ alone"])
def test_a_word_with_an_at_sign_is_no_file(word: str) -> None:
    assert attachments(word) == ()


def test_a_plan_of_one_task_takes_along_what_it_needs_and_no_more() -> None:
    plan, request = subplan.plan_for(_recorded_view(), 3)
    assert [(task.task, task.needs) for task in plan.tasks] == [(1, ()), (2, (1,))]
    assert "orders.csv" in request


def test_a_task_that_the_plan_lacks_has_no_plan_of_its_own() -> None:
    with pytest.raises(InputError):
        subplan.plan_for(_recorded_view(), 9)


def test_tasks_of_an_edited_plan_are_numbered_by_their_place() -> None:
    draft = PlanDraft(
        "tasks:\n"
        "  - {task: 2, belter: knowledge, ask: second thing, needs: [1]}\n"
        "  - {task: 3, belter: knowledge, ask: third thing, needs: [2]}\n",
        "r",
    )
    assert [(task.task, task.needs) for task in draft.plan().tasks] == [(1, ()), (2, (1,))]


@pytest.mark.parametrize(
    "text", ["[", "just words", "tasks: []", "tasks: [1]", "tasks: [{task: [1]}]", "&a [*a]"]
)
def test_a_plan_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        PlanDraft(text, "r").plan()


def test_a_log_of_an_older_version_says_that_the_prompt_is_missing() -> None:
    view = RunView()
    for event in events(payloads.InferenceStarted(model="m", purpose="answer")):
        view.take(event)
    assert "not in this log" in explain.prompts(view, "run")


def test_the_exact_prompt_and_sampler_are_shown() -> None:
    shown = explain.prompts(_recorded_view(), "run")
    assert "[system]" in shown
    assert "temperature=" in shown


def test_two_screens_keep_what_was_typed_into_both(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    first, second = History(path), History(path)
    first.add("one")
    second.add("two")
    kept = History(path)
    assert [kept.older(""), kept.older("")] == ["two", "one"]


def test_the_history_file_is_cut_to_the_newest_lines(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('"old"\n' * 2 * KEPT_LINES)
    History(path).add("new")
    assert len(path.read_text().splitlines()) == KEPT_LINES
    assert History(path).older("") == "new"


def test_history_survives_a_restart_and_a_damaged_line(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    History(path).add("one\ntwo")
    path.write_bytes(b"\xff not json\n" + path.read_bytes())
    assert History(path).older("") == "one\ntwo"
    assert path.stat().st_mode & 0o077 == 0


def test_a_replay_keeps_the_recorded_times_but_not_long_pauses() -> None:
    first, second = events(payloads.Warned(message="a"), payloads.Warned(message="b"))
    clock = FixedClock(NOW)
    late = second.model_copy(update={"ts": first.ts + timedelta(hours=1)})
    crew = ReplayCrew([first, late], clock, speed=2)
    assert len(crew.drain(9)) == 1
    clock.advance(LONGEST_PAUSE_S / 2)
    assert isinstance(crew.drain(9)[0], EventNotice)


def test_runs_are_found_by_what_a_tool_was_given() -> None:
    archive = kept_run()
    assert [row.run_id for row in archive.find("42 km")] == [recorded()[0].run_id]
    assert archive.find("zebra") == []
    assert len(archive.find(' "')) == 1


def test_a_conversation_goes_on_from_its_last_run_which_its_first_run_is_not() -> None:
    archive, first = kept_run(), recorded()[0].run_id
    with closing(Store.open(paths.database(), FixedClock(NOW))) as store:
        store.copy_run(first, new_run_id="20261123-000000-0002", session=first)
    assert archive.go_on_from(first)[0].run_id == "20261123-000000-0002"
    assert archive.load(first)[0].run_id == first
