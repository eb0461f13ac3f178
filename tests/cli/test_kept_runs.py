"""Searching, exporting, comparing, deleting and replaying runs; conversations by name."""

from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.cli.kept_runs import FIRST, MAIL, OTHER, SECOND, keep
from toollama.cli import replaying
from toollama.clock import FixedClock
from toollama.events import Bus
from toollama.events.payloads import Warned

pytestmark = pytest.mark.usefixtures("_kept")


@pytest.fixture
def _kept() -> None:
    keep()


def test_a_run_is_found_by_what_its_tool_gave(cli: Cli) -> None:
    run_id, _, field, excerpt, prompt = cli("runs", "search", "1200").out.strip().split("\t")
    assert (run_id, field, prompt) == (SECOND, "results", "And Bergen?")
    assert excerpt == "«1200» km."


def test_search_json_is_the_whole_hit(cli: Cli) -> None:
    (hit,) = from_json(cli("runs", "search", "--json", "far").out)
    assert (hit["run"]["run_id"], hit["field"]) == (FIRST, "prompt")


def test_a_search_without_a_hit_says_so_on_stderr(cli: Cli) -> None:
    done = cli("runs", "search", "zebra")
    assert (done.code, done.out, done.err) == (0, "", "no run has all of these words\n")


def test_last_is_the_newest_run(cli: Cli) -> None:
    assert cli("runs", "last").out.startswith(OTHER)


def test_the_tree_alone_has_every_call_with_its_time(cli: Cli) -> None:
    lines = cli("runs", "show", FIRST, "--tree").out.splitlines()
    assert lines[0].startswith("✓")
    assert any("distance" in line for line in lines)
    assert "It is 1000 km." not in "\n".join(lines)


def test_markdown_holds_the_answer_and_what_was_done(cli: Cli) -> None:
    text = cli("runs", "export", FIRST).out
    assert text.startswith("# How far is Oslo?\n")
    assert "## Answer\n\nIt is 1000 km.\nBy road.\n" in text
    assert "```text\n✓" in text


def test_jsonl_is_every_event_in_order(cli: Cli) -> None:
    events = [
        from_json(line) for line in cli("runs", "export", FIRST, "-F", "jsonl").out.split("\n")[:-1]
    ]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert (events[0]["type"], events[-1]["type"]) == ("run.started", "run.completed")


def test_json_is_one_document(cli: Cli) -> None:
    document = from_json(cli("runs", "export", OTHER, "-F", "json").out)
    assert document["run"]["run_id"] == OTHER


def test_a_page_of_html_runs_nothing(cli: Cli, tmp_path: Path) -> None:
    done = cli("runs", "export", OTHER, "-F", "html", "-o", str(tmp_path / "run.html"))
    page = (tmp_path / "run.html").read_text()
    assert (done.out, page.startswith("<!doctype html>")) == ("", True)
    assert "default-src 'none'" in page
    assert "\x1b" not in page


def test_redacting_hides_addresses_keys_and_the_home_directory(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", "By road")
    text = cli("runs", "export", OTHER, "--redact").out
    assert MAIL not in text
    assert "[mail]" in text
    assert "By road" not in text


@pytest.mark.parametrize("form", ["md", "json", "jsonl", "html"])
def test_no_export_holds_a_control_character(cli: Cli, form: str) -> None:
    assert "\x1b" not in cli("runs", "export", OTHER, "-F", form).out


def test_a_diff_tells_calls_and_answers_that_differ(cli: Cli) -> None:
    text = cli("runs", "diff", FIRST, SECOND).out
    assert "calls\tdistance(city=s Oslo?)\tdistance(city=Bergen?)\n" in text
    assert "-It is 1000 km.\n+It is 1200 km.\n By road.\n" in text
    assert "status\t" not in text


def test_a_run_is_not_unlike_itself(cli: Cli) -> None:
    assert cli("runs", "diff", FIRST, FIRST).out.endswith("the answers are the same\n")


def test_deleting_asks_first_and_a_script_must_say_yes(cli: Cli) -> None:
    assert cli("runs", "rm", FIRST).code == 4
    assert cli("runs", "rm", FIRST, "--yes").out == f"{FIRST}\n"
    assert cli("runs", "show", FIRST).code == 2


def test_a_replay_is_what_the_run_showed_then(cli: Cli) -> None:
    done = cli("replay", FIRST)
    assert done.out == "It is 1000 km.\nBy road.\n"
    assert [line.split()[3] for line in done.err.splitlines()] == [
        "run.started",
        "agent.started",
        "tool.call.requested",
        "tool.call.completed",
        "agent.completed",
        "message.completed",
        "run.completed",
    ]


def test_a_replay_stops_after_the_event_that_is_named(cli: Cli) -> None:
    done = cli("replay", FIRST, "--until", "3")
    assert (done.out, len(done.err.splitlines())) == ("", 3)


def test_a_replay_as_json_lines_is_the_export(cli: Cli) -> None:
    exported = cli("runs", "export", FIRST, "-F", "jsonl").out
    assert cli("replay", FIRST, "--jsonl").out == exported


def test_a_replay_at_speed_waits_a_part_of_what_the_run_took() -> None:
    from datetime import UTC, datetime

    clock = FixedClock(datetime(2026, 11, 22, tzinfo=UTC))
    bus = Bus("r", clock)
    told = []
    for pause_s in (0.0, 2.0, 3600.0):
        clock.advance(pause_s)
        told.append(bus.emit(Warned(message="x")))
    waits: list[float] = []
    list(replaying.paced(told, speed=4.0, until=None, wait=waits.append))
    assert waits == [0.0, 0.5, 10.0]


def test_conversations_are_listed_the_last_used_first(cli: Cli) -> None:
    rows = [line.split("\t") for line in cli("sessions", "list").out.splitlines()]
    assert [(row[0], row[1]) for row in rows] == [(OTHER, "1"), ("trip", "2")]


def test_a_conversation_is_shown_in_order(cli: Cli) -> None:
    assert cli("sessions", "show", "trip").out == (
        "> How far is Oslo?\n\nIt is 1000 km.\nBy road.\n\n"
        "> And Bergen?\n\nIt is 1200 km.\nBy road.\n"
    )


def test_a_conversation_is_renamed_forked_and_deleted(cli: Cli) -> None:
    assert cli("sessions", "rename", "trip", "norway").out == "norway\n"
    assert cli("sessions", "fork", "norway", "bergen").out == "bergen\n"
    assert "And Bergen?" in cli("sessions", "show", "bergen").out
    assert cli("sessions", "rm", "norway", "-y").out == "norway\n"
    assert [line.split("\t")[0] for line in cli("sessions", "list").out.splitlines()] == [
        OTHER,
        "bergen",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "tripp"],
        ["rename", "trip", OTHER],
        ["rename", "trip", "../x"],
        ["fork", "none", "x"],
        ["prune", "--older-than", "soon"],
    ],
)
def test_what_cannot_be_done_to_a_conversation_is_a_usage_error(
    cli: Cli, arguments: list[str]
) -> None:
    done = cli("sessions", *arguments)
    assert (done.code, done.out) == (2, "")


def test_a_misspelt_conversation_names_the_nearest(cli: Cli) -> None:
    assert "nearest: trip" in cli("sessions", "show", "tripp").err


def test_pruning_keeps_what_was_used_lately(cli: Cli) -> None:
    assert cli("sessions", "prune", "--older-than", "10000d", "-y").out == ""
    assert cli("sessions", "prune", "--older-than", "0s", "-y").out == f"{OTHER}\ntrip\n"
    assert cli("runs", "list").out == ""


@pytest.mark.parametrize("group", ["models", "tools", "agents", "runs", "sessions", "templates"])
def test_a_list_in_a_pipe_is_lines_of_tab_separated_cells(cli: Cli, group: str) -> None:
    cli("templates", "save", "brief", "Briefly: $input")
    lines = cli(group, "list").out.splitlines()
    assert lines
    assert len({line.count("\t") for line in lines}) == 1
    assert isinstance(from_json(cli(group, "list", "--json").out), list)


@pytest.mark.parametrize("speed", ["fast", "-1", "inf", "nan"])
def test_a_speed_that_is_none_is_refused(cli: Cli, speed: str) -> None:
    done = cli("replay", "--speed", speed)
    assert (done.code, f"--speed {speed} is not a speed" in done.err) == (2, True)
