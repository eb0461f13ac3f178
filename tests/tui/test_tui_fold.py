"""The folds from events to what the panes show."""

import itertools
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from stage import events, recorded

from toollama.events import payloads
from toollama.fold import RunView, explain
from toollama.fold.answer import FENCE_LINES, AnswerFold, BlockCommitter
from toollama.fold.plan import order

_MARKDOWN = st.lists(
    st.sampled_from(
        [
            "- item",
            "",
            "text",
            "```python",
            "```",
            "| a | b |",
            "1. one",
            "   deeper",
            "# head",
            "~~~",
        ]
    ),
    max_size=40,
).map("\n".join)


def _view(*payload: payloads.Payload) -> RunView:
    view = RunView()
    for event in events(*payload):
        view.take(event)
    return view


def _committed(text: str, cuts: list[int]) -> list[str]:
    committer = BlockCommitter()
    blocks = []
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in itertools.pairwise(places):
        blocks += committer.feed(text[start:end])
    return blocks + committer.finish()


@given(_MARKDOWN, st.lists(st.integers(0, 500), max_size=20))
def test_blocks_do_not_depend_on_how_a_stream_is_cut(text: str, cuts: list[int]) -> None:
    assert _committed(text, cuts) == _committed(text, [])


@given(_MARKDOWN)
def test_blocks_keep_every_line_that_says_something(text: str) -> None:
    kept = [line for block in _committed(text, []) for line in block.splitlines()]
    assert [line for line in kept if line.strip()] == [
        line for line in text.splitlines() if line.strip()
    ]


def test_each_item_of_a_list_is_a_block() -> None:
    assert _committed("- one\n- two\n  more\n- three\n", []) == [
        "- one",
        "- two\n  more",
        "- three",
    ]


def test_a_blank_line_inside_a_fence_ends_no_block() -> None:
    fenced = "```\na\n\nb\n```"
    assert _committed(f"{fenced}\n", []) == [fenced]


def test_a_long_fence_is_committed_in_parts_that_are_fences() -> None:
    code = "\n".join(f"line {number}" for number in range(FENCE_LINES * 2))
    first, *_ = _committed(f"```py\n{code}\n```\n", [])
    assert first.startswith("```py\nline 0")
    assert len(first.splitlines()) == FENCE_LINES + 1


def test_a_whole_answer_that_goes_on_from_the_stream_keeps_its_blocks() -> None:
    answer = AnswerFold()
    answer.add("one\n\ntw")
    answer.end("one\n\ntwo")
    assert (answer.blocks, answer.rewritten) == (["one", "two"], 0)


def test_a_whole_answer_that_differs_takes_the_place_of_the_stream() -> None:
    answer = AnswerFold()
    answer.add("wrong\n\n")
    answer.end("right")
    assert (answer.blocks, answer.rewritten) == (["right"], 1)


def test_every_event_type_can_be_folded() -> None:
    for payload in payloads.PAYLOADS.values():
        event = events(payloads.Warned(message="x"))[0]
        RunView().take(event.model_copy(update={"type": payload.type, "data": {}}))


@settings(max_examples=30)
@given(st.data())
def test_a_log_with_holes_can_be_folded(data: st.DataObject) -> None:
    whole = recorded()
    view = RunView()
    for event in data.draw(st.lists(st.sampled_from(whole), max_size=60)):
        view.take(event)
    assert {node.key for node in order(view.plan.nodes.values())} <= set(view.plan.nodes)


def test_the_recorded_run_has_three_finished_tasks() -> None:
    view = RunView()
    for event in recorded():
        view.take(event)
    assert view.plan.counts() == (3, 0, 3)
    assert [node.task for node in view.plan.tasks()] == [1, 2, 3]


def test_calls_hang_below_their_task() -> None:
    view = RunView()
    for event in recorded():
        view.take(event)
    assert {node.parent for node in view.plan.nodes.values() if node.key.startswith("call:")} == {
        "task:1",
        "task:2",
        "task:3",
    }


def test_what_never_ended_is_cancelled_with_its_run() -> None:
    view = _view(
        payloads.RunStarted(prompt="p", version="0", profile=""),
        payloads.TaskChanged(task=1, state="running"),
        payloads.RunCancelled(reason="stopped", exit_code=130),
    )
    assert view.plan.nodes["task:1"].status == "cancelled"


def test_the_timeline_has_the_bytes_of_each_moment() -> None:
    view = _view(
        payloads.ModelLoadCompleted(model="m", duration_s=1, bytes=5, resident_bytes=5),
    )
    at_s = view.started_s
    assert view.models.timeline(since_s=at_s - 10, until_s=at_s + 10, samples=4) == [0, 5, 5, 5]


def _loads_and_leaves() -> RunView:
    """Return a run in which a model loads for a second, writes for one and leaves."""
    happened = events(
        payloads.ModelLoadStarted(model="m", path="p", predicted_bytes=5),
        payloads.ModelLoadCompleted(model="m", duration_s=1, bytes=5, resident_bytes=5),
        payloads.InferenceStarted(model="m", purpose="answer"),
        payloads.InferenceCompleted(
            model="m", purpose="answer", finish_reason="stop", usage=payloads.Usage()
        ),
        payloads.ModelUnloaded(model="m", reason="room", resident_bytes=0),
    )
    view = RunView()
    for at_s, event in enumerate(happened):
        view.take(event.model_copy(update={"ts": event.ts + timedelta(seconds=at_s)}))
    return view


def test_a_model_has_a_cell_for_each_part_of_the_run() -> None:
    view = _loads_and_leaves()
    found = view.models.residency(
        "m", since_s=view.started_s - 1, until_s=view.started_s + 6, cells=7
    )
    assert found == ["away", "loading", "loading", "writing", "writing", "idle", "away"]


def test_what_was_shorter_than_a_cell_is_seen_in_it() -> None:
    view = _loads_and_leaves()
    found = view.models.residency("m", since_s=view.started_s, until_s=view.started_s + 6, cells=1)
    assert found == ["writing"]


def test_the_swap_tax_is_the_share_of_time_that_went_into_loading() -> None:
    assert _loads_and_leaves().models.swap_tax(elapsed_s=4) == 0.25


def test_an_unfinished_run_has_what_its_calls_found() -> None:
    view = _view(
        payloads.RunStarted(prompt="p", version="0", profile=""),
        payloads.ToolCallCompleted(call_id="c", tool="t", status="ok", statements=["1 = 1"]),
    )
    assert explain.so_far(view) == "1 = 1"


def test_a_spent_budget_is_a_full_share() -> None:
    view = _view(
        payloads.RunStarted(
            prompt="p", version="0", profile="", request={"budget": {"calls": 1, "tokens": None}}
        ),
        payloads.ToolCallStarted(call_id="c1", tool="t"),
    )
    shares = {share.unit: share for share in view.usage.shares(swaps=0, elapsed_s=0)}
    assert (shares["calls"].fraction, shares["tokens"].limit) == (1.0, None)


def test_the_failure_line_names_the_fix() -> None:
    view = _view(payloads.RunFailed(code="c", message="m", fix="f", exit_code=1))
    assert view.failure == "error[c]: m — fix: f"


def test_the_next_run_of_an_engine_begins_with_what_is_in_memory() -> None:
    load = payloads.ModelLoadCompleted(
        model="m", bytes=8, resident_bytes=8, budget_bytes=9, context_tokens=1, gpu_layers=0,
        duration_s=1.0,
    )  # fmt: skip
    before = RunView.of(events(load))
    after = RunView.after(before)
    (row,) = after.models.rows.values()
    assert (row.state, row.bytes, after.models.resident_bytes) == ("idle", 8, 8)
    assert after.models.timeline(since_s=5.0, until_s=6.0, samples=2) == [8.0, 8.0]
    assert (before.models.swaps, after.models.swaps, after.models.loads) == (0, 0, 0)
    for event in events(load):
        after.take(event)
    assert after.models.swaps == 1


def test_tasks_of_a_run_that_only_made_a_plan_have_not_failed() -> None:
    view = _view(
        payloads.RunStarted(prompt="p", version="0", profile=""),
        payloads.PlanCreated(goal="p", tasks=[{"belter": "knowledge", "ask": "a"}], source="rule"),
        payloads.RunCompleted(status="complete", answer="the plan", exit_code=0),
    )
    assert view.plan.nodes["task:1"].status == "waiting"
    assert view.plan.counts() == (0, 0, 1)
