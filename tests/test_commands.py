"""What a line typed into the chat says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic_core import to_json

from toollama.commands import (
    COMMANDS,
    Ask,
    Slash,
    ToolCall,
    arguments,
    commands_of,
    completions,
    help_lines,
    number,
    parse,
)
from toollama.errors import InputError


@pytest.mark.parametrize("line", ["", "  ", "\n"])
def test_an_empty_line_says_nothing(line: str) -> None:
    assert parse(line) is None


@pytest.mark.parametrize(
    ("line", "text", "files"),
    [
        ("what is 2 + 2?", "what is 2 + 2?", ()),
        ("sum up @report.pdf.", "sum up report.pdf.", ("report.pdf",)),
        ('compare @a.csv and @"b c.csv"', "compare a.csv and b c.csv", ("a.csv", "b c.csv")),
        ("@notes.md summarise", "summarise", ("notes.md",)),
        ("who wrote it? @a.md @b/c", "who wrote it?", ("a.md", "b/c")),
        ("@a.csv and @b.csv differ how?", "a.csv and b.csv differ how?", ("a.csv", "b.csv")),
        ("@a.md @b.md", "Summarise what is attached.", ("a.md", "b.md")),
        ("mail me@example.org", "mail me@example.org", ()),
        ("//etc is a path", "/etc is a path", ()),
        ("!!important", "!important", ()),
    ],
)
def test_a_request_names_its_files_with_an_at_sign(
    line: str, text: str, files: tuple[str, ...]
) -> None:
    assert parse(line) == Ask(text, files)


def test_a_command_has_the_rest_of_the_line() -> None:
    line = parse("/OPEN  my trip ")
    assert isinstance(line, Slash)
    assert (line.command.name, line.argument) == ("open", "my trip")


def test_a_tool_is_called_with_quoted_pairs() -> None:
    assert parse("!calculator expression='2 + 2'") == ToolCall(
        "calculator", {"expression": "2 + 2"}
    )


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("/hlep", "did you mean /help?"),
        ("/xyzzy", "/help lists the commands"),
        ("/plan", "/plan REQUEST"),
        ("/theme x", "the colours are the terminal's own; --color turns them off"),
        ("!", "/tools lists them"),
        ("!a 'b", "close the quotes"),
    ],
)
def test_a_line_that_cannot_be_meant_says_what_to_type(line: str, fix: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(line)
    assert fix in caught.value.fix


def test_every_command_is_in_the_help() -> None:
    for place in ("chat", "screen"):
        text = "\n".join(help_lines(place))
        assert all(c.usage in text and c.summary in text for c in commands_of(place))


def test_a_command_is_completed_from_its_beginning() -> None:
    assert completions("/s", "chat") == ["/sessions", "/sources", "/save"]
    assert completions("!calc", "screen", tools=["calculator"]) == ["!calculator"]


def test_a_command_of_one_place_only_names_what_does_it_in_the_other() -> None:
    assert all(command.instead for command in COMMANDS if command.where != "both")
    with pytest.raises(InputError) as caught:
        parse("/attach last", "screen")
    assert caught.value.fix == "toollama tui --attach RUN"


@pytest.mark.parametrize("argument", ["x", "-1", "²", "1.5"])
def test_what_is_no_number_names_no_task(argument: str) -> None:
    with pytest.raises(InputError):
        number(argument, of="task")
    assert number("[2]", of="source") == 2


def test_a_repeated_argument_makes_a_list() -> None:
    assert arguments(["a=1", "b=x", "a=2", "a:=3"]) == {"a": ["1", "2", 3], "b": "x"}


def test_text_keeps_later_equal_signs() -> None:
    assert arguments(["query=a=b:=c"]) == {"query": "a=b:=c"}


@pytest.mark.parametrize("pair", ["", "key", "=value", ":=1", "key:={", "key:="])
def test_an_argument_that_cannot_be_read_is_refused(pair: str) -> None:
    with pytest.raises(InputError):
        arguments([pair])


@settings(max_examples=100)
@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.integers() | st.booleans()))
def test_json_arguments_come_back_as_they_were(values: dict[str, int | bool]) -> None:
    pairs = [f"{name}:={to_json(value).decode()}" for name, value in values.items()]
    assert arguments(pairs) == values


@pytest.mark.parametrize("line", ["!", "!t a", '!t "a', "!t n:={"])
def test_a_malformed_tool_line_is_refused(line: str) -> None:
    with pytest.raises(InputError):
        parse(line)
