"""`toollama agents`, and the options that shape a request and its answer."""

import json
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.fake_session import SOURCES, FakeSession
from tests.cli.harness import Cli, UseSession
from toollama import paths

OWN = """
[roles."belter.legal"]
instructions = "You read contracts."
summary = "Reads contracts."
utterances = ["when can I cancel"]
pack = ["read_file"]
model = "mistral-7b"
done = ["cited"]
"""


@pytest.fixture
def config(_own_directories: None) -> Path:
    paths.templates_dir().mkdir(parents=True)
    return paths.config_dir()


def template(config: Path, text: str, name: str = "review.md") -> None:
    (config / "templates" / name).write_text(text)


def test_every_role_is_listed_with_its_layer_model_and_tools(cli: Cli) -> None:
    rows = [line.split("\t") for line in cli("agents", "list").out.splitlines()]
    assert rows[0][:3] == ["camina", "camina", "smollm2-135m"]
    assert [row[0] for row in rows][-1] == "observer"
    property_row = next(row for row in rows if row[0] == "belter.property")
    assert "mortgage" in property_row[5]


def test_an_own_role_is_listed_with_its_own_model(cli: Cli, config: Path) -> None:
    (config / "models.toml").write_text(OWN)
    [legal] = [r for r in from_json(cli("agents", "list", "--json").out) if r["own"]]
    assert (legal["role"], legal["model"], legal["state"]) == (
        "belter.legal",
        "mistral-7b",
        "missing",
    )
    assert legal["tools"] == ["read_file"]
    assert legal["resident"] is False


def test_a_role_shows_what_it_is_told_and_when_it_is_done(cli: Cli, config: Path) -> None:
    (config / "models.toml").write_text(OWN)
    shown = from_json(cli("agents", "show", "belter.legal", "--json").out)
    assert shown["prompt"] == "You read contracts."
    assert shown["definition of done"] == ["cited"]


def test_a_prompt_of_the_users_own_wins_over_the_packaged_one(cli: Cli, config: Path) -> None:
    (config / "camina.md").write_text("Answer like a pirate.\n")
    shown = from_json(cli("agents", "show", "camina", "--json").out)
    assert shown["prompt"] == "Answer like a pirate."


def test_a_role_that_does_not_exist_names_the_nearest(cli: Cli) -> None:
    done = cli("agents", "show", "belter.reserch")
    assert done.code == 2
    assert "belter.research" in done.err


def test_a_role_runs_by_itself(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession(answer="36"))
    assert cli("agents", "run", "drummer.analysis", "15%", "of", "240").out == "36\n"
    assert session.asked is not None
    assert (session.asked.role, session.asked.prompt) == ("drummer.analysis", "15% of 240")


def test_depth_reaches_the_session(cli: Cli, use_session: UseSession) -> None:
    session = use_session(FakeSession())
    cli("ask", "--depth", "comprehensive", "x")
    assert session.asked is not None
    assert session.asked.depth == "comprehensive"


def test_markdown_has_its_sources_as_a_section(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(sources=SOURCES))
    assert cli("ask", "--format", "markdown", "x").out == (
        "Paris.\n\n## Sources\n\n1. sales.csv: `/data/sales.csv`\n"
    )


def test_plain_text_drops_the_marks(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession(answer="## City\n\n**Paris**"))
    assert cli("ask", "--format", "text", "x").out == "City\n\nParis\n"


def test_the_format_json_is_the_option_json(cli: Cli, use_session: UseSession) -> None:
    use_session(FakeSession())
    assert from_json(cli("ask", "--format", "json", "x").out)["answer"] == "Paris."


def test_under_a_schema_stdout_is_the_document_alone(
    cli: Cli, use_session: UseSession, tmp_path: Path
) -> None:
    path = tmp_path / "schema.json"
    path.write_text('{"type": "object"}')
    session = use_session(FakeSession(answer='{"city": "Paris"}', sources=SOURCES))
    assert json.loads(cli("ask", "--schema", str(path), "x").out) == {"city": "Paris"}
    assert session.asked is not None
    assert session.asked.schema == {"type": "object"}


@pytest.mark.parametrize("content", [None, "{", "[]"])
def test_a_schema_file_that_is_none_is_refused(
    cli: Cli, tmp_path: Path, content: str | None
) -> None:
    path = tmp_path / "schema.json"
    if content is not None:
        path.write_text(content)
    done = cli("ask", "--schema", str(path), "x")
    assert done.code == 2
    assert str(path) in done.err


def test_a_template_is_filled_in(cli: Cli, use_session: UseSession, config: Path) -> None:
    template(config, "Review for $audience, it costs $$5: $input")
    session = use_session(FakeSession())
    cli("ask", "-t", "review", "-p", "audience=children", "the plan")
    assert session.asked is not None
    assert session.asked.prompt == "Review for children, it costs $5: the plan"


def test_a_template_without_input_needs_no_prompt(
    cli: Cli, use_session: UseSession, config: Path
) -> None:
    template(config, "What day is it?")
    session = use_session(FakeSession())
    cli("ask", "-t", "review")
    assert session.asked is not None
    assert session.asked.prompt == "What day is it?"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("-t", "review", "x"), "needs audience"),
        (("-t", "review", "-p", "audience=a", "-p", "b=c", "x"), "no parameter b"),
        (("-t", "review", "-p", "audience", "x"), "not key=value"),
        (("-t", "absent", "x"), "no such template; there are review"),
        (("-t", "../review", "x"), "no such template"),
        (("-p", "a=b", "x"), "-p is for a template"),
    ],
)
def test_a_template_that_cannot_be_filled_is_refused(
    cli: Cli, config: Path, arguments: tuple[str, ...], problem: str
) -> None:
    template(config, "Review for $audience: $input")
    done = cli("ask", *arguments)
    assert done.code == 2
    assert problem in done.err
