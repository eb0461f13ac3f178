"""`toollama config` and `toollama templates`."""

import sys
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from toollama import paths


def test_every_setting_tells_where_it_comes_from_and_what_it_beat(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli("config", "set", "vram", "8GiB")
    monkeypatch.setenv("TOOLLAMA_VRAM", "4GiB")
    rows = {
        line.split("\t")[0]: line.split("\t")[1:]
        for line in cli("config", "show", "--origin").out.splitlines()
    }
    file = paths.user_config_toml()
    assert rows["vram"] == ["4GiB", "TOOLLAMA_VRAM", f"{file}:1: 8GiB; default:"]
    assert rows["offline"] == ["false", "default", ""]


def test_a_setting_is_written_and_the_comments_stay(cli: Cli) -> None:
    cli("config", "init")
    assert cli("config", "set", "timezone", "Europe/Oslo").out == "timezone = Europe/Oslo\n"
    assert cli("config", "get", "timezone").out == "Europe/Oslo\n"
    assert "# ToolLama's settings." in paths.user_config_toml().read_text()
    cli("config", "set", "offline", "yes")
    assert cli("config", "get", "offline").out == "true\n"
    cli("config", "set", "timezone", "")
    assert (
        "Oslo" not in paths.user_config_toml().read_text().replace("# timezone", "").split("#")[0]
    )


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("tui.theme", "ansi-dark", "ansi-dark"),
        ("tui.mouse", "no", "false"),
        ("terminal.notify_after_s", "5", "5.0"),
        ("tui.keys.task.retry", "f5", "f5"),
        ("network.base_urls.api.example.org", "http://localhost:1", "http://localhost:1"),
    ],
)
def test_a_setting_inside_a_table_is_written_and_taken_out(
    cli: Cli, key: str, value: str, shown: str
) -> None:
    cli("config", "set", "vram", "8GiB")
    before = paths.user_config_toml().read_text()
    assert cli("config", "set", key, value).out == f"{key} = {shown}\n"
    assert cli("config", "get", key).out == f"{shown}\n"
    assert cli("config", "set", key, "").code == 0
    assert paths.user_config_toml().read_text().rstrip() == before.rstrip()


def test_every_setting_that_is_shown_can_be_asked_for(cli: Cli) -> None:
    keys = [line.split("\t")[0] for line in cli("config", "show").out.splitlines()]
    assert "tui.theme" in keys
    assert {cli("config", "get", key).code for key in keys} == {0}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["set", "tui.them", "x"], "did you mean tui.theme?"),
        (["set", "tui.mouse", "maybe"], "tui.mouse: neither yes nor no"),
        (["set", "terminal.notify_after_s", "soon"], "not a number: 'soon'"),
        (["set", "tui.keys", "x"], "toollama config set tui.keys.NAME VALUE"),
        (["set", "vram", "much"], "vram: not a size"),
        (["set", "vrma", "8GiB"], "did you mean vram?"),
        (["get", "nonsense"], "there is no setting nonsense"),
    ],
)
def test_a_wrong_setting_is_refused_and_nothing_is_written(
    cli: Cli, arguments: list[str], told: str
) -> None:
    done = cli("config", *arguments)
    assert (done.code, told in done.err) == (2, True)
    assert not paths.user_config_toml().exists()


def test_init_leaves_a_file_that_exists(cli: Cli) -> None:
    assert cli("config", "init").code == 0
    assert cli("config", "init").code == 2
    assert cli("config", "path").out == f"{paths.user_config_toml()}\n"


def test_validate_names_the_line_of_a_fault(cli: Cli) -> None:
    assert cli("config", "validate").code == 0
    paths.user_config_toml().parent.mkdir(parents=True, exist_ok=True)
    paths.user_config_toml().write_text("\nvrma = 1\n")
    done = cli("config", "validate")
    assert (done.code, f"{paths.user_config_toml()}:2 vrma" in done.out) == (2, True)


def test_the_schema_names_every_setting(cli: Cli) -> None:
    schema = from_json(cli("config", "schema").out)
    shown = from_json(cli("config", "show", "--json").out)
    assert list(schema["properties"]) == list(dict.fromkeys(key.split(".")[0] for key in shown))


def test_an_editor_is_not_started_without_a_terminal(cli: Cli) -> None:
    assert "needs a terminal" in cli("config", "edit").err


def test_a_template_is_kept_listed_shown_and_deleted(cli: Cli) -> None:
    assert cli("templates", "save", "brief", "In $n words: $input").out == "brief\n"
    assert cli("templates", "list").out == "brief\tn\tIn $n words: $input\n"
    assert cli("templates", "show", "brief").out == "In $n words: $input\n"
    assert cli("templates", "save", "brief", "x").code == 2
    assert cli("templates", "save", "brief", "x", "--replace").code == 0
    assert cli("templates", "rm", "brief").code == 4
    assert cli("templates", "rm", "brief", "-y").out == "brief\n"
    assert "no templates yet" in cli("templates", "list").err


def test_a_template_is_read_from_stdin(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "prompt").write_text("Sum up: $input")
    with (tmp_path / "prompt").open() as source:
        monkeypatch.setattr(sys, "stdin", source)
        cli("templates", "save", "sum")
    assert cli("templates", "show", "sum").out == "Sum up: $input\n"


@pytest.mark.parametrize("arguments", [["../x", "y"], ["x", "costs $ 5"], ["x", " "]])
def test_a_template_that_could_not_be_filled_in_is_not_kept(cli: Cli, arguments: list[str]) -> None:
    assert cli("templates", "save", *arguments).code == 2
    assert not list(paths.templates_dir().glob("*"))
