"""What `toollama ask` writes where."""

from pathlib import Path

import pytest
from pydantic_core import from_json, to_json

from tests.cli.fake_session import SOURCES, FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.errors import ModelMissing
from toollama.events.payloads import MessageDelta, ModelLoadProgress, Warned
from toollama.policy import Effect


def test_the_answer_ends_in_exactly_one_line_feed(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer="Paris.\n\n"))
    assert cli("ask", "capital", "of", "France?").out == "Paris.\n"


def test_streamed_pieces_are_the_answer_once(cli: Cli, use_session: UseSession) -> None:
    pieces = [MessageDelta(text=text) for text in ("Par", "is", ".\n", "\nIt is.", "\n\n")]
    use_session(FakeSession(answer="Paris.\n\nIt is.", payloads=pieces))
    assert cli("ask", "x").out == "Paris.\n\nIt is.\n"


def test_what_was_not_streamed_follows(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer="Paris, France.", payloads=[MessageDelta(text="Paris")]))
    assert cli("ask", "x").out == "Paris, France.\n"


def test_an_answer_that_differs_from_its_stream_follows_it(
    cli: Cli, use_session: UseSession
) -> None:
    use_session(FakeSession(answer="Rome.", payloads=[MessageDelta(text="Paris.")]))
    assert cli("ask", "x").out == "Paris.\n\nRome.\n"


def test_sources_follow_after_a_blank_line(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(sources=SOURCES))
    assert cli("ask", "x").out == "Paris.\n\n[1] sales.csv — /data/sales.csv\n"


def test_quiet_prints_the_answer_and_nothing_else(cli: Cli, use_session: UseSession) -> None:
    use_session(
        FakeSession(sources=SOURCES, limits=("unverified",), payloads=[Warned(message="slow")])
    )
    done = cli("ask", "-q", "x")
    assert (done.out, done.err) == ("Paris.\n", "")


def test_limits_and_warnings_go_to_stderr(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(limits=("unverified",), payloads=[Warned(message="slow\ndisk")]))
    assert cli("ask", "x").err == "warning: slow disk\nnote: unverified\n"


def test_control_characters_of_a_model_never_reach_stdout(
    cli: Cli, use_session: UseSession
) -> None:
    use_session(FakeSession(answer="\x1b[2Jhi\x9b", payloads=[MessageDelta(text="\x1b[2J")]))
    assert cli("ask", "x").out == "␛[2Jhi\N{REPLACEMENT CHARACTER}\n"


def test_the_exit_code_is_the_answers(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(status="partial", exit_code=8))
    assert cli("ask", "x").code == 8


def test_json_is_one_document(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(sources=SOURCES, payloads=[MessageDelta(text="Paris.")], swaps=2))
    document = from_json(cli("ask", "--json", "x").out)
    assert list(document) == [
        "answer", "status", "sources", "limits", "sentences", "usage", "tool_calls", "swaps",
        "duration_s", "run_id", "exit_code",
    ]  # fmt: skip
    assert (document["answer"], document["swaps"]) == ("Paris.", 2)
    assert document["sources"][0]["locator"] == "/data/sales.csv"
    assert document["run_id"] == "20261122-154218-3f2a"


def test_json_escapes_what_a_terminal_would_act_on(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer="\x9b2J \u202e \U000e0041"))
    out = cli("ask", "--json", "x").out
    assert from_json(out)["answer"] == "\x9b2J \u202e \U000e0041"
    assert out.isascii()


def test_json_of_a_failure_names_its_code_and_fix(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(failure=ModelMissing("no file", fix="get it")))
    done = cli("ask", "--json", "x")
    document = from_json(done.out)
    assert document["error"] == {"code": "model.missing", "message": "no file", "fix": "get it"}
    assert document["exit_code"] == done.code == 3


def test_jsonl_is_the_stored_events_and_nothing_else(cli: Cli, use_session: UseSession) -> None:
    payloads = [
        MessageDelta(text="Paris."),
        ModelLoadProgress(model="m", fraction=0.5),
        Warned(message="slow"),
    ]
    use_session(FakeSession(payloads=payloads, sources=SOURCES))
    events = [from_json(line) for line in cli("ask", "--jsonl", "x").out.splitlines()]
    assert [event["type"] for event in events] == [
        "run.started", "agent.started", "warning", "agent.completed", "run.completed",
    ]  # fmt: skip


def test_jsonl_of_a_failure_ends_in_its_event(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(failure=ModelMissing("no file", fix="get it")))
    done = cli("ask", "--jsonl", "x")
    assert from_json(done.out.splitlines()[-1])["type"] == "run.failed"
    assert done.err == "error[model.missing]: no file — fix: get it\n"


def test_json_and_jsonl_exclude_each_other(cli: Cli) -> None:
    done = cli("ask", "--json", "--jsonl", "x")
    assert done.code == 2


def test_verbose_prints_one_line_per_event(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession())
    lines = cli("ask", "-v", "x").err.splitlines()
    assert [line.split()[3] for line in lines] == [
        "run.started", "agent.started", "agent.completed", "run.completed",
    ]  # fmt: skip
    assert "camina agent.started doing=answer" in lines[1]


def test_a_plan_is_printed_as_text_or_as_its_data(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession(answer="goal: compare", data={"goal": "compare"}))
    assert cli("ask", "--plan-only", "x").out == "goal: compare\n"
    assert from_json(cli("ask", "--plan-only", "--json", "x").out) == {"goal": "compare"}
    assert session.asked
    assert session.asked.plan_only


@pytest.mark.parametrize("key", ["request", "goal"])
def test_a_plan_from_a_file_brings_its_request(
    cli: Cli, use_session: UseSession, tmp_path: Path, key: str
) -> None:
    session = use_session(FakeSession())
    plan = tmp_path / "plan.json"
    task = {"task": 1, "belter": "knowledge", "ask": "15% of 240", "tools": ["calculator"]}
    plan.write_bytes(to_json({key: "what is it?", "tasks": [task]}))
    assert cli("ask", "--from-plan", str(plan)).code == 0
    assert session.asked
    assert session.asked.prompt == "what is it?"
    assert session.asked.plan.tasks[0].ask == "15% of 240"


def test_a_plan_that_cannot_be_read_is_refused(cli: Cli, tmp_path: Path) -> None:
    done = cli("ask", "--from-plan", str(tmp_path / "none.json"), "x")
    assert done.code == 2
    assert "none.json: cannot be read" in done.err


def test_options_reach_the_session(cli: Cli, use_session: UseSession, tmp_path: Path) -> None:
    session = use_session(FakeSession())
    file = tmp_path / "sales.csv"
    file.write_text("a,b\n")
    done = cli(
        *("ask", "-f", str(file), "-m", "camina=big", "-m", "drummer=small", "--profile", "8gb"),
        *(
            "--vram",
            "8GiB",
            "-y",
            "send",
            "-y",
            "write_local",
            "--direct",
            "--no-tools",
            "sum",
            "b",
        ),
    )
    assert done.code == 0
    asked = session.asked
    assert asked is not None
    assert asked.prompt == "sum b"
    assert [attached.path for attached in asked.attachments] == [file.resolve()]
    assert asked.models == {"camina": "big", "drummer": "small"}
    assert (asked.profile, asked.vram_bytes) == ("8gb", 8 << 30)
    assert asked.granted == {Effect.SEND, Effect.WRITE_LOCAL}
    assert (asked.direct, asked.use_tools, asked.interactive) == (True, False, False)


@pytest.mark.parametrize("pair", ["camina", "=big", "camina="])
def test_a_model_override_without_both_sides_is_refused(cli: Cli, pair: str) -> None:
    assert cli("ask", "-m", pair, "x").code == 2


def test_an_unknown_effect_is_refused_with_the_known_ones(cli: Cli) -> None:
    done = cli("ask", "-y", "everything", "x")
    assert done.code == 2
    assert "read_private" in done.err


def test_the_session_is_closed_after_an_answer_and_after_a_failure(
    cli: Cli, use_session: UseSession
) -> None:
    answered = use_session(FakeSession())
    cli("ask", "x")
    failed = use_session(FakeSession(failure=ModelMissing("no file", fix="get it")))
    cli("ask", "x")
    assert (answered.closed, failed.closed) == (True, True)
