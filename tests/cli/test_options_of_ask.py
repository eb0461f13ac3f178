"""What the options of `ask` change: the request, its limits, and where the answer goes."""

import os
import stat
import sys
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.fake_session import MARKDOWN, SOURCES, FakeSession
from tests.cli.harness import Cli, UseSession
from tests.loopback import Answer, Loopback
from toollama.agents.budget import DEPTH_BUDGETS
from toollama.cli import attachments
from toollama.cli.warming import WarmUp
from toollama.events.payloads import (
    InferenceCompleted,
    MessageDelta,
    ModelLoadProgress,
    ModelLoadStarted,
    PlanCreated,
    ReasoningDelta,
    Usage,
)


def test_o_writes_the_whole_answer_and_leaves_stdout_empty(
    cli: Cli, use_session: UseSession, tmp_path: Path
) -> None:
    use_session(FakeSession(sources=SOURCES, payloads=[MessageDelta(text="Paris.")]))
    done = cli("ask", "-o", str(tmp_path / "a.md"), "x")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"written to {tmp_path}/a.md\n"
    written = (tmp_path / "a.md").read_text()
    assert written == "Paris.\n\n[1] sales.csv — /data/sales.csv\n"


def test_o_keeps_the_mode_of_a_file_it_replaces(
    cli: Cli, use_session: UseSession, tmp_path: Path
) -> None:
    use_session(FakeSession())
    old = tmp_path / "a.md"
    old.write_text("old")
    old.chmod(0o640)
    cli("ask", "-o", str(old), "x")
    assert (old.read_text(), stat.S_IMODE(old.stat().st_mode)) == ("Paris.\n", 0o640)
    assert [path.name for path in tmp_path.glob("*a.md*")] == ["a.md"]


@pytest.mark.parametrize("place", ["", "gone/a.md"])
def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(
    cli: Cli, use_session: UseSession, tmp_path: Path, place: str
) -> None:
    session = use_session(FakeSession())
    assert cli("ask", "-o", str(tmp_path / place), "x").code == 2
    assert session.asked is None


def test_json_goes_to_the_file_too(cli: Cli, use_session: UseSession, tmp_path: Path) -> None:
    use_session(FakeSession())
    cli("ask", "--json", "-o", str(tmp_path / "a.json"), "x")
    assert from_json((tmp_path / "a.json").read_bytes())["answer"] == "Paris."


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["-x"], 'print("hi")\n'), (["--extract-language", "python"], 'print("hi")\n')],
)
def test_x_prints_the_code_and_nothing_else(
    cli: Cli, use_session: UseSession, arguments: list[str], code: str
) -> None:
    use_session(FakeSession(answer=MARKDOWN, sources=SOURCES))
    assert cli("ask", *arguments, "x").out == code


def test_x_without_such_a_block_prints_all_and_says_so(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer=MARKDOWN))
    done = cli("ask", "--extract-language", "rust", "x")
    assert done.out == MARKDOWN
    assert "no such code block" in done.err


def test_system_and_tool_globs_reach_the_session(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    cli("ask", "-S", "Answer in German.", "-T", "date_*", "-T", "weather", "x")
    assert session.asked is not None
    assert session.asked.system == "Answer in German."
    assert session.asked.tools == ("date_*", "weather")


@pytest.mark.parametrize(
    "arguments", [["--budget", "90s"], ["--timeout", "1.5m"], ["--budget", "seconds=90"]]
)
def test_a_time_limits_the_seconds_of_the_run(
    cli: Cli, use_session: UseSession, arguments: list[str]
) -> None:
    session = use_session(FakeSession())
    cli("ask", *arguments, "x")
    assert session.asked is not None
    assert session.asked.budget.seconds == 90
    assert session.asked.budget.calls == DEPTH_BUDGETS["detailed"].calls


def test_calls_and_tokens_have_limits_of_their_own(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    cli("ask", "--max-tool-calls", "3", "--max-tokens", "200", "x")
    assert session.asked is not None
    assert (session.asked.budget.calls, session.asked.budget.tokens) == (3, 200)


def test_show_tells_the_plan_and_the_cost_on_stderr(cli: Cli, use_session: UseSession) -> None:
    plan = PlanCreated(
        goal="x",
        tasks=[{"belter": "research", "ask": "find"}, {"belter": "knowledge", "ask": "add",
                                                       "needs": [1]}],
        source="rule",
    )  # fmt: skip
    use_session(FakeSession(payloads=[plan], duration_s=2.0))
    done = cli("ask", "--show", "plan,usage", "x")
    assert "1. research: find\n2. knowledge: add (after 1)\n" in done.err
    assert "0 swaps, 2.0 s" in done.err
    assert done.out == "Paris.\n"


def test_show_reasoning_tells_what_a_model_thinks_line_by_line(
    cli: Cli, use_session: UseSession
) -> None:
    thoughts = [ReasoningDelta(text=text) for text in ("15% of", " 240\nis 36", "")]
    ended = InferenceCompleted(model="m", purpose="answer", finish_reason="stop", usage=Usage())
    use_session(FakeSession(payloads=[*thoughts, ended]))
    assert cli("ask", "--show", "reasoning", "x").err == "15% of 240\nis 36\n"
    assert cli("ask", "x").err == ""


def test_vv_tells_every_event_with_its_data(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(payloads=[MessageDelta(text="a\x1b[2Jb")]))
    first, *_ = lines = cli("ask", "-vv", "x").err.splitlines()
    assert from_json(first.partition("run.started ")[2])["profile"] == "starter"
    delta = next(line for line in lines if "message.delta" in line)
    assert from_json(delta.partition("message.delta ")[2]) == {"text": "a\x1b[2Jb"}


def test_a_seed_and_a_run_that_is_not_kept_reach_the_session(
    cli: Cli, use_session: UseSession
) -> None:
    session = use_session(FakeSession())
    cli("ask", "--seed", "7", "--no-save", "x")
    assert session.asked is not None
    assert (session.asked.seed, session.asked.keep) == (7, False)


def test_a_dry_run_is_printed_as_it_is_and_not_kept(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession(answer="scores:\n- part: x", data={"scores": []}))
    assert cli("ask", "--dry-run", "--render", "always", "x").out == "scores:\n- part: x\n"
    assert from_json(cli("ask", "--dry-run", "--json", "x").out) == {"scores": []}
    assert session.asked is not None
    assert (session.asked.dry_run, session.asked.keep) == (True, False)


def test_a_refused_request_that_is_not_to_be_kept_leaves_no_log(cli: Cli, tmp_path: Path) -> None:
    assert cli("ask", "--no-save", "--timeout", "soon", "x").code == 2
    assert not (tmp_path / "data").exists()


def test_a_picture_is_attached_and_told_to_be_for_tools(
    cli: Cli, use_session: UseSession, tmp_path: Path
) -> None:
    session = use_session(FakeSession())
    picture = tmp_path / "scan.PNG"
    picture.write_bytes(b"\x89PNG\0")
    assert "scan.PNG is for tools that read one" in cli("ask", "-a", str(picture), "x").err
    assert session.asked is not None
    assert [attached.path for attached in session.asked.attachments] == [picture]
    assert cli("ask", "-q", "-a", str(picture), "x").err == ""


def test_quiet_with_sources_shown_keeps_them(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(sources=SOURCES))
    assert "[1] sales.csv" in cli("ask", "-q", "--show", "sources", "x").out


def test_a_source_cannot_forge_a_line(cli: Cli, use_session: UseSession) -> None:
    forged = SOURCES[0].model_copy(update={"title": "a\n[2] b"})
    use_session(FakeSession(sources=(forged,)))
    assert "[1] a [2] b — /data/sales.csv\n" in cli("ask", "x").out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--show", "nonsense"],
        ["--jsonl", "-o", "a"],
        ["--json", "-x"],
        ["--json", "--jsonl"],
        ["--timeout", "soon"],
        ["--stdin-timeout", "x"],
        ["--max-stdin", "much"],
    ],
)
def test_options_that_cannot_be_meant_are_usage_errors(cli: Cli, arguments: list[str]) -> None:
    done = cli("ask", *arguments, "x")
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith("error[input.invalid]: ")


def test_render_always_draws_in_a_pipe_too(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer="- **a**", payloads=[MessageDelta(text="- **a**")]))
    assert cli("ask", "--render", "always", "x").out == " • a\n"


def test_color_always_colours_a_pipe(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer="**a**"))
    assert cli("ask", "--render", "always", "--color", "always", "x").out == "\x1b[1ma\x1b[0m\n"


def test_a_plan_of_yaml_is_run_as_it_is(cli: Cli, use_session: UseSession, tmp_path: Path) -> None:
    session = use_session(FakeSession())
    (tmp_path / "plan.yaml").write_text(
        'tasks:\n  - task: 1\n    belter: "knowledge"\n    ask: "add these"\n    tools: []\n'
    )
    assert cli("ask", "--from-plan", str(tmp_path / "plan.yaml"), "x").code == 0
    assert session.asked is not None
    assert session.asked.plan.tasks[0].ask == "add these"


@pytest.mark.parametrize("text", ["a: &a [1]\nb: *a\n", "- [", "tasks: 3\n"])
def test_a_plan_that_is_none_is_refused(cli: Cli, tmp_path: Path, text: str) -> None:
    (tmp_path / "plan.yaml").write_text(text)
    assert cli("ask", "--from-plan", str(tmp_path / "plan.yaml"), "x").code == 2


def test_a_model_is_loaded_while_a_pipe_is_silent(
    cli: Cli, use_session: UseSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_end, write_end = os.pipe()
    session = use_session(FakeSession(on_warm_up=lambda: os.close(write_end)))
    with os.fdopen(read_end) as source:
        monkeypatch.setattr(sys, "stdin", source)
        assert cli("ask", "x").out == "Paris.\n"
    assert session.warmed


@pytest.mark.parametrize(
    ("fraction", "line"),
    [
        (0.0, "loading mistral-7b"),
        (0.25, "loading mistral-7b 25% · ready in about 6 s"),
        (1.0, "loading mistral-7b 100% · ready in about 0 s"),
    ],
)
def test_a_load_tells_when_it_is_done_at_the_speed_it_had(fraction: float, line: str) -> None:
    warm_up = WarmUp(shown=True)
    warm_up.follow(ModelLoadStarted(model="mistral-7b", path="/m.gguf", predicted_bytes=1))
    warm_up.follow(ModelLoadProgress(model="mistral-7b", fraction=fraction))
    assert warm_up.line(elapsed_s=2.0) == line


async def test_a_page_is_attached_as_the_text_of_strangers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = b"<html><head><title>Ships</title></head><body><p>Ships sail the sea.</p></body></html>"
    async with Loopback("example.org") as server:
        server.expect("example.org", "/page", Answer(page, headers={"Content-Type": "text/html"}))
        monkeypatch.setenv("TOOLLAMA_BASE_URLS", f"example.org={server.base_urls['example.org']}")
        page = "https://example.org/page"
        attached = await attachments._fetched(page, "example.org", offline=False)
    assert (attached.name, attached.untrusted) == ("https://example.org/page", True)
    assert "Ships sail the sea." in (attached.text or "")


def test_offline_refuses_a_page_before_anything_runs(cli: Cli) -> None:
    done = cli("ask", "--offline", "-f", "https://example.org/page", "x")
    assert done.code == 5
    assert done.err.startswith("error[")
