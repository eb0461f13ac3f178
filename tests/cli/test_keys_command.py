"""`toollama keys` on a registry of one tool."""

import getpass
import io
import sys
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli, Terminal
from toollama.cli import keys
from toollama.secrets import Redactor
from toollama.secrets.keys import Keys
from toollama.tools.base import Arguments, ToolSpec

NAME = "EXAMPLE_API_KEY"
VALUE = "canary-51e0-77aa"
SPEC = ToolSpec(
    name="send_mail",
    summary="Send a mail.",
    utterances=(),
    parameters=Arguments,
    packs=("drummer.api",),
    credentials=(NAME,),
    optional_credentials=("EXTRA_KEY",),
)


@pytest.fixture(autouse=True)
def _specs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_specs", lambda: [SPEC])


@pytest.fixture(autouse=True)
def _unredacted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed must lack the value without the redactor's help."""
    monkeypatch.setattr(sys.modules["toollama.secrets.redactor"], "process_redactor", Redactor())


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def kept() -> str | None:
    found = Keys.open({}).find(NAME)
    return found.value if found else None


def test_a_key_is_set_from_stdin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, f"{VALUE}\n")
    done = cli("keys", "set", NAME)
    assert (done.code, done.out, done.err) == (0, "", f"{NAME} is kept in the file of keys\n")
    assert kept() == VALUE


def test_a_key_is_set_from_another_variable(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_OLD_NAME", VALUE)
    assert cli("keys", "set", NAME, "--from-env", "MY_OLD_NAME").code == 0
    assert kept() == VALUE


def test_on_a_terminal_the_key_is_typed_unseen(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal())
    monkeypatch.setattr(getpass, "getpass", lambda prompt: VALUE)
    done = cli("keys", "set", NAME)
    assert (VALUE in done.out + done.err, kept()) == (False, VALUE)


def test_a_value_in_the_arguments_is_refused_unseen(cli: Cli) -> None:
    done = cli("keys", "set", NAME, VALUE)
    assert done.code == 2
    assert kept() is None


def test_a_value_in_place_of_the_name_is_refused_unseen(cli: Cli) -> None:
    done = cli("keys", "set", VALUE)
    assert (done.code, VALUE in done.out + done.err) == (2, False)


@pytest.mark.parametrize("text", ["", "\n", "two words", "line\nline", "x" * 9000])
def test_what_is_no_key_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    piped(monkeypatch, text)
    assert cli("keys", "set", NAME).code == 2
    assert kept() is None


def test_an_unset_variable_is_refused(cli: Cli) -> None:
    assert cli("keys", "set", NAME, "--from-env", "NOT_SET_AT_ALL").code == 2


def test_a_key_that_no_tool_asks_for_is_kept_with_a_warning(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    piped(monkeypatch, VALUE)
    assert "no tool asks for OTHER_KEY" in cli("keys", "set", "OTHER_KEY").err


def test_list_shows_where_a_key_is_set_and_who_wants_it(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, VALUE)
    done = cli("keys", "list")
    assert done.out == (f"{NAME}\tenv\tsend_mail\t\nEXTRA_KEY\tunset\t\tsend_mail\n")


def test_list_as_json_has_every_field_but_the_value(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(NAME, VALUE)
    done = cli("keys", "list", "--json")
    assert from_json(done.out)[0] == {
        "name": NAME,
        "source": "env",
        "fault": "",
        "needed_by": ["send_mail"],
        "optional_for": [],
    }
    assert VALUE not in done.out


def test_check_says_what_a_key_opens(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, VALUE)
    done = cli("keys", "check", NAME)
    assert (done.code, done.out) == (0, f"{NAME}\tenv: well formed\tsend_mail\n")


@pytest.mark.parametrize(("value", "said"), [("", "unset"), ("a b", "contains a blank")])
def test_check_fails_for_a_key_that_cannot_work(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, value: str, said: str
) -> None:
    monkeypatch.setenv(NAME, value)
    done = cli("keys", "check", NAME)
    assert (done.code, said in done.out) == (1, True)


def test_check_names_the_key_that_was_nearly_written(cli: Cli) -> None:
    done = cli("keys", "check", "EXAMPLE_API_KE")
    assert (done.code, f"did you mean {NAME}?" in done.err) == (2, True)


def test_check_of_nothing_says_so(cli: Cli) -> None:
    done = cli("keys", "check")
    assert (done.code, done.err) == (0, "no key is set\n")


def test_path_names_the_file(cli: Cli, tmp_path: Path) -> None:
    assert cli("keys", "path").out == f"{tmp_path / 'config' / 'credentials.toml'}\n"


def test_rm_forgets_a_key(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    piped(monkeypatch, VALUE)
    cli("keys", "set", NAME)
    assert cli("keys", "rm", NAME).err == f"{NAME} is gone from: file\n"
    assert kept() is None
    assert cli("keys", "rm", NAME).code == 2


def test_rm_says_that_a_variable_stays(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, VALUE)
    assert "still set in this shell" in cli("keys", "rm", NAME).err


def test_a_file_that_others_can_read_is_one_clear_line(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    piped(monkeypatch, VALUE)
    cli("keys", "set", NAME)
    (tmp_path / "config" / "credentials.toml").chmod(0o644)
    done = cli("keys", "list")
    assert (done.code, "chmod 600" in done.err) == (2, True)
