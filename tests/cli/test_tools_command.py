"""`toollama tools`, with a tool of the user's own beside those that ship."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession
from tests.tools.discovery.folder import write_tool
from toollama import paths
from toollama.cli import doctor
from toollama.clock import SystemClock
from toollama.policy import Effect
from toollama.tools.base import Rate, Source, ToolFailure, ToolResult
from toollama.tools.discovery import gone, live
from toollama.tools.reliability.cache import ResultCache
from toollama.tools.reliability.rates import RateLedger


@pytest.fixture
def echo(cli: Cli) -> Path:
    """A tool of the user's own that needs nothing."""
    path = write_tool()
    assert cli("tools", "enable", "--trust", str(path)).code == 0
    return path


@pytest.fixture
def keyed(cli: Cli) -> Path:
    """A networked tool of the user's own that needs a key."""
    path = write_tool("keyed", egress=True, credentials=("ECHO_KEY",), pack="drummer.search")
    assert cli("tools", "enable", "--trust", str(path)).code == 0
    return path


def listed(cli: Cli, *options: str) -> dict[str, list[str]]:
    """Return the columns of each listed tool by its name."""
    lines = cli("tools", "list", *options).out.splitlines()
    return {line.split("\t")[0]: line.split("\t") for line in lines}


def test_list_in_a_pipe_is_one_line_per_tool_with_its_state(cli: Cli, echo: Path) -> None:
    assert listed(cli)["echo"] == ["echo", "ready", "none", "never", "Say a word back."]
    assert listed(cli)["write_file"][1:4] == ["ready", "write_local", "local"]


def test_a_tool_without_its_key_is_listed_with_the_name_of_the_key(
    cli: Cli, keyed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert listed(cli)["keyed"][1] == "needs ECHO_KEY"
    monkeypatch.setenv("ECHO_KEY", "canary-value")
    assert listed(cli)["keyed"][1] == "ready"


def test_list_shows_one_pack_or_one_state(cli: Cli, echo: Path) -> None:
    assert "echo" in listed(cli, "--pack", "drummer.api")
    assert "calculator" not in listed(cli, "--pack", "drummer.api")
    assert "echo" not in listed(cli, "--state", "needs")


@pytest.mark.parametrize(
    ("option", "value", "said"), [("--pack", "drummer.no", "drummer.api"), ("--state", "x", "off")]
)
def test_an_unknown_pack_or_state_names_those_there_are(
    cli: Cli, option: str, value: str, said: str
) -> None:
    done = cli("tools", "list", option, value)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_list_all_tells_what_is_gone_upstream_and_what_replaces_it(cli: Cli) -> None:
    dead = gone.load()[0]
    line = listed(cli, "--all")[dead.name]
    assert (line[1], line[4]) == ("gone", f"{dead.reason}; instead: {dead.replacement}")
    assert dead.name not in listed(cli)


def test_a_tool_hidden_by_another_of_its_name_is_told(cli: Cli) -> None:
    path = write_tool("calculator")
    cli("tools", "enable", "--trust", str(path))
    done = cli("tools", "list")
    assert f"warning: calculator of user:{path} is hidden by that of builtin\n" in done.err
    assert f"user:{path}, by builtin" in cli("tools", "list", "--all").out


def test_doctor_counts_the_tools_and_tells_the_one_that_is_hidden(cli: Cli, keyed: Path) -> None:
    needing = len(listed(cli, "--state", "needs"))
    counted = doctor.examine(doctor._tools)
    assert counted.state == "ok"
    assert f"{needing} needs" in counted.detail
    cli("tools", "enable", "--trust", str(write_tool("calculator")))
    found = doctor.examine(doctor._tools)
    assert (found.state, found.fix) == ("warn", "toollama tools list")
    assert f"calculator of user:{keyed} is hidden" in found.detail


def test_a_file_that_is_not_trusted_is_told_with_what_trusts_it(cli: Cli) -> None:
    path = write_tool()
    done = cli("tools", "list")
    assert "echo\t" not in done.out
    assert f"toollama tools enable --trust {path}" in done.err


def test_list_json_carries_the_parameter_schema_and_what_is_needed(cli: Cli, keyed: Path) -> None:
    tools = {tool["name"]: tool for tool in from_json(cli("tools", "list", "--json").out)}
    assert tools["keyed"]["parameters"]["required"] == ["word"]
    assert tools["keyed"]["needs"] == ["ECHO_KEY"]
    assert tools["keyed"]["fix"] == "toollama keys set ECHO_KEY"


def test_info_names_each_parameter_as_it_is_typed(cli: Cli) -> None:
    out = cli("tools", "info", "weather").out
    assert "--arg place\tstring required" in out
    assert "verified live\tnever\n" in out
    assert "state\tready\n" in out


def test_info_of_an_unknown_tool_names_the_nearest(cli: Cli) -> None:
    done = cli("tools", "info", "calculater")
    assert done.code == 2
    assert "calculator" in done.err


def test_schema_is_the_json_schema_of_the_arguments(cli: Cli) -> None:
    schema = from_json(cli("tools", "schema", "weather").out)
    assert (schema["type"], schema["required"]) == ("object", ["place"])


def test_a_disabled_tool_neither_runs_nor_hides(cli: Cli, echo: Path) -> None:
    assert cli("tools", "disable", "echo").err == "disabled: echo\n"
    assert listed(cli)["echo"][1] == "disabled (by you)"
    done = cli("tools", "run", "echo", "--arg", "word=hi")
    assert done.code == 2
    assert "toollama tools enable echo" in done.err
    cli("tools", "enable", "echo")
    assert cli("tools", "run", "echo", "--arg", "word=hi").out == "hi\n"


def test_enabling_a_tool_tells_what_it_still_lacks(cli: Cli, keyed: Path) -> None:
    done = cli("tools", "enable", "keyed")
    assert "warning: keyed needs ECHO_KEY — fix: toollama keys set ECHO_KEY\n" in done.err


def test_a_whole_pack_is_switched_at_once(cli: Cli, echo: Path) -> None:
    cli("tools", "disable", "--pack", "drummer.api")
    states = {columns[1] for columns in listed(cli, "--pack", "drummer.api").values()}
    assert states == {"disabled (by you)"}
    assert listed(cli)["calculator"][1] == "ready"


@pytest.mark.parametrize("arguments", [(), ("no_such_tool",), ("--pack", "drummer.no")])
def test_switching_nothing_or_something_unknown_is_refused(
    cli: Cli, arguments: tuple[str, ...]
) -> None:
    assert cli("tools", "disable", *arguments).code == 2


def test_a_write_that_nobody_can_be_asked_about_waits_as_json(cli: Cli, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "x.md"
    done = cli(
        "tools", "run", "write_file", "--arg", f"path={target}", "--arg", "text=hi", "--json"
    )
    document = from_json(done.out)
    assert (done.code, document["exit_code"], document["status"]) == (4, 4, "failed")
    [waiting] = document["waiting"]
    assert (waiting["tool"], waiting["arguments"]["text"]) == ("write_file", "hi")
    assert not target.exists()


def test_a_missing_key_is_told_before_any_call(cli: Cli, keyed: Path) -> None:
    done = cli("tools", "test", "keyed", "--live")
    assert done.out == "skipped\tkeyed\tneeds ECHO_KEY\n"


def test_test_runs_the_examples_of_local_tools(cli: Cli) -> None:
    done = cli("tools", "test", "calculator", "weather", "write_file")
    lines = [line.split("\t") for line in done.out.splitlines()]
    assert (done.code, [line[0] for line in lines]) == (0, ["passed", "skipped", "skipped"])
    assert "--live" in lines[1][2]


def test_a_live_test_is_on_record_whatever_came_of_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLLAMA_OFFLINE", "1")
    done = cli("tools", "test", "weather", "--live")
    assert (done.code, done.out.split("\t")[:2]) == (1, ["failed", "weather"])
    assert live.load()["weather"].passed is False
    assert listed(cli)["weather"][3] == "never"


def test_a_live_test_that_passed_dates_the_tool(cli: Cli) -> None:
    live.record({"weather": live.LiveCheck(date="2026-11-22", passed=True)})
    assert listed(cli)["weather"][3] == "2026-11-22"


def service(cli: Cli, name: str) -> dict[str, Any]:
    rows = from_json(cli("tools", "health", "--json").out)["services"]
    [row] = [row for row in rows if row["service"] == name]
    return dict(row)


def test_health_has_a_line_per_service(cli: Cli, keyed: Path) -> None:
    row = service(cli, "keyed")
    assert (row["tools"], row["ready"], row["last_live"]) == (["keyed"], 0, "never")
    assert "keyed\t1\t0\t0/5 in 60 s\t\tnever\n" in cli("tools", "health").out


def test_health_leaves_no_file_behind(cli: Cli) -> None:
    cli("tools", "health")
    assert not paths.rates_database().exists()
    assert not paths.results_database().exists()


def test_health_tells_the_quota_used_and_the_rest_a_service_asked_for(
    cli: Cli, keyed: Path
) -> None:
    now_s = SystemClock().now().timestamp()
    ledger = RateLedger(paths.rates_database())
    ledger.take("keyed", [Rate(5, 60.0)], now_s=now_s)
    ledger.close_until("keyed", now_s + 600, now_s=now_s)
    ledger.close()
    row = service(cli, "keyed")
    assert row["quota"] == [{"used": 1, "allowed": 5, "window_s": 60.0}]
    assert row["rests_until"] > SystemClock().now().isoformat()


def test_docs_prints_the_page_of_all_tools(cli: Cli) -> None:
    out = cli("tools", "docs").out
    assert "| `calculator` |" in out
    assert "## What is dead or closed upstream and what replaces it" in out


def test_run_prints_statements_and_text_and_tells_sources(
    cli: Cli, use_session: UseSession
) -> None:
    result = ToolResult(
        ("42 km = 26.1 mi.",), text="table\x1b\n", sources=(Source("convert", "local"),)
    )
    session = use_session(FakeSession(tool_result=result))
    done = cli("tools", "run", "write_file", "--arg", "to=Ann", "--arg", "copies:=2")
    assert (done.out, done.err) == ("42 km = 26.1 mi.\n\ntable␛\n", "source: convert — local\n")
    assert session.tool_call == ("write_file", {"to": "Ann", "copies": 2}, frozenset())


def test_a_text_that_repeats_the_statement_is_printed_once(
    cli: Cli, use_session: UseSession
) -> None:
    use_session(FakeSession(tool_result=ToolResult(("2^10 = 1024",), text="2^10 = 1024")))
    assert cli("tools", "run", "write_file").out == "2^10 = 1024\n"


def test_run_json_is_the_whole_result(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(tool_result=ToolResult(("Done.",), data={"id": 7})))
    document = from_json(cli("tools", "run", "write_file", "--json").out)
    assert (document["tool"], document["data"], document["status"]) == (
        "write_file",
        {"id": 7},
        "ok",
    )


def test_yes_grants_what_the_tool_declares(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession(tool_result=ToolResult(("Done.",))))
    cli("tools", "run", "write_file", "-y")
    assert session.tool_call == ("write_file", {}, frozenset({Effect.WRITE_LOCAL}))


@pytest.mark.parametrize(
    ("kind", "code"), [("unavailable", 5), ("denied", 4), ("invalid_input", 2), ("not_found", 1)]
)
def test_a_failed_call_exits_with_its_class(
    cli: Cli, use_session: UseSession, kind: str, code: int
) -> None:
    failure = ToolFailure("no", kind=kind, fix="later")  # type: ignore[arg-type]
    use_session(FakeSession(tool_result=failure))
    done = cli("tools", "run", "write_file")
    assert (done.code, done.out, done.err) == (code, "", "error[tool.failed]: no — fix: later\n")


def test_what_services_answered_is_counted_and_forgotten(cli: Cli) -> None:
    answers = ResultCache(paths.results_database())
    answers.put("k", ToolResult(statements=("So.",)), now=datetime(2026, 11, 22, tzinfo=UTC))
    answers.close()
    assert from_json(cli("tools", "cache", "--json").out)["answers"] == 1
    assert cli("tools", "cache", "clear").out.endswith("bytes: forgotten\n")
    assert from_json(cli("tools", "cache", "show", "--json").out)["answers"] == 0


def test_nothing_is_made_to_forget_nothing(cli: Cli) -> None:
    assert cli("tools", "cache", "clear").code == 0
    assert not paths.results_database().exists()
