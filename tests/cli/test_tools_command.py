"""`toollama tools` on a registry of one tool."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field
from pydantic_core import from_json, to_json

from tests.cli.fake_session import FakeSession
from tests.cli.harness import Cli, UseSession
from toollama.cli.tools import parse_arguments
from toollama.errors import InputError
from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.registry import Registry


class Mail(Arguments):
    """What to send."""

    to: str = Field(description="Who gets it.")
    copies: int = 1


class SendMail(Tool[Mail, None]):
    """Sends nothing: it is only looked at."""

    spec = ToolSpec(
        name="send_mail",
        summary="Send a mail.",
        utterances=("mail Ann that I am late",),
        parameters=Mail,
        packs=("drummer.api",),
        effects=frozenset({Effect.SEND}),
        egress=True,
        hosts=("mail.example.org",),
    )

    async def execute(self, args: Mail, context: ToolContext) -> None:
        raise AssertionError(args)

    def format(self, args: Mail, raw: None, context: ToolContext) -> ToolResult:
        raise AssertionError(args)


@pytest.fixture(autouse=True)
def _registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Registry, "builtin", lambda: Registry([SendMail()]))


def test_list_in_a_pipe_is_one_line_per_tool(cli: Cli) -> None:
    assert cli("tools", "list").out == "send_mail\tsend\tnever\tSend a mail.\n"


def test_list_json_carries_the_parameter_schema(cli: Cli) -> None:
    (tool,) = from_json(cli("tools", "list", "--json").out)
    assert (tool["name"], tool["effects"]) == ("send_mail", ["send"])
    assert tool["parameters"]["required"] == ["to"]


def test_info_names_each_parameter_as_it_is_typed(cli: Cli) -> None:
    out = cli("tools", "info", "send_mail").out
    assert "--arg to\tstring required Who gets it.\n" in out
    assert "--arg copies\tinteger\n" in out
    assert "verified live\tnever\n" in out


def test_info_of_an_unknown_tool_names_the_nearest(cli: Cli) -> None:
    done = cli("tools", "info", "send_male")
    assert done.code == 2
    assert "send_mail" in done.err


def test_run_prints_statements_and_text_and_tells_sources(
    cli: Cli, use_session: UseSession
) -> None:
    result = ToolResult(
        ("42 km = 26.1 mi.",), text="table\x1b\n", sources=(Source("convert", "local"),)
    )
    session = use_session(FakeSession(tool_result=result))
    done = cli("tools", "run", "send_mail", "--arg", "to=Ann", "--arg", "copies:=2")
    assert (done.out, done.err) == ("42 km = 26.1 mi.\n\ntable␛\n", "source: convert — local\n")
    assert session.tool_call == ("send_mail", {"to": "Ann", "copies": 2}, frozenset())


def test_a_text_that_repeats_the_statement_is_printed_once(
    cli: Cli, use_session: UseSession
) -> None:
    use_session(FakeSession(tool_result=ToolResult(("2^10 = 1024",), text="2^10 = 1024")))
    assert cli("tools", "run", "send_mail").out == "2^10 = 1024\n"


def test_run_json_is_the_whole_result(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(tool_result=ToolResult(("Done.",), data={"id": 7})))
    document = from_json(cli("tools", "run", "send_mail", "--json").out)
    assert (document["tool"], document["data"], document["status"]) == (
        "send_mail",
        {"id": 7},
        "ok",
    )


def test_yes_grants_what_the_tool_declares(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession(tool_result=ToolResult(("Done.",))))
    cli("tools", "run", "send_mail", "-y")
    assert session.tool_call == ("send_mail", {}, frozenset({Effect.SEND}))


@pytest.mark.parametrize(
    ("kind", "code"), [("unavailable", 5), ("denied", 4), ("invalid_input", 2), ("not_found", 1)]
)
def test_a_failed_call_exits_with_its_class(
    cli: Cli, use_session: UseSession, kind: str, code: int
) -> None:
    failure = ToolFailure("no", kind=kind, fix="later")  # type: ignore[arg-type]
    use_session(FakeSession(tool_result=failure))
    done = cli("tools", "run", "send_mail")
    assert (done.code, done.out, done.err) == (code, "", "error[tool.failed]: no — fix: later\n")


def test_a_repeated_argument_makes_a_list() -> None:
    assert parse_arguments(["a=1", "b=x", "a=2", "a:=3"]) == {"a": ["1", "2", 3], "b": "x"}


def test_text_keeps_later_equal_signs() -> None:
    assert parse_arguments(["query=a=b:=c"]) == {"query": "a=b:=c"}


@pytest.mark.parametrize("pair", ["", "key", "=value", ":=1", "key:={", "key:="])
def test_an_argument_that_cannot_be_read_is_refused(pair: str) -> None:
    with pytest.raises(InputError):
        parse_arguments([pair])


@settings(max_examples=100)
@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.integers() | st.booleans()))
def test_json_arguments_come_back_as_they_were(arguments: dict[str, int | bool]) -> None:
    pairs = [f"{name}:={to_json(value).decode()}" for name, value in arguments.items()]
    assert parse_arguments(pairs) == arguments
