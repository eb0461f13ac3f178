"""`toollama models` on a catalogue of one present and many missing files."""

from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.cli.harness import Cli
from tests.tiny_gguf import write_tiny_gguf


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf")


def test_an_added_model_is_listed_as_present(cli: Cli, tiny: Path) -> None:
    added = cli("models", "add", str(tiny), "--name", "mine")
    assert (added.code, added.out) == (0, "mine\n")
    rows = [line.split("\t") for line in cli("models", "list").out.splitlines()]
    assert [row[1] for row in rows if row[0] == "mine"] == ["present"]


def test_a_model_is_named_after_its_file_unless_named(cli: Cli, tiny: Path) -> None:
    assert cli("models", "add", str(tiny)).out == "tiny\n"


def test_a_taken_name_needs_replace(cli: Cli, tiny: Path) -> None:
    cli("models", "add", str(tiny))
    assert cli("models", "add", str(tiny)).code == 2
    assert cli("models", "add", str(tiny), "--replace").code == 0


def test_a_file_that_is_no_model_is_refused_with_code_3(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "no.gguf").write_bytes(b"not a model")
    done = cli("models", "add", str(tmp_path / "no.gguf"))
    assert (done.code, done.err.count("\n")) == (3, 1)


def test_list_json_names_sizes_in_bytes_and_profiles(cli: Cli, tiny: Path) -> None:
    cli("models", "add", str(tiny))
    listed = {model["id"]: model for model in from_json(cli("models", "list", "--json").out)}
    assert listed["tiny"]["file_bytes"] == tiny.stat().st_size
    assert "starter" in listed["smollm2-135m"]["profiles"]


def test_info_of_a_file_shows_its_header_and_memory(cli: Cli, tiny: Path) -> None:
    document = from_json(cli("models", "info", str(tiny), "--json").out)
    parts = [document[f"{part}_bytes"] for part in ("weights", "kv", "compute")]
    assert (document["architecture"], document["tier"]) == ("llama", "T0")
    assert document["total_bytes"] == sum(parts)


def test_info_in_a_pipe_is_one_field_per_line(cli: Cli, tiny: Path) -> None:
    fields = dict(line.split("\t") for line in cli("models", "info", str(tiny)).out.splitlines())
    assert fields["path"] == str(tiny)
    assert fields["trained_context"] == "512"
    assert fields["total size"].endswith(" MiB")


def test_info_of_an_unknown_model_is_a_usage_error(cli: Cli) -> None:
    done = cli("models", "info", "nonesuch")
    assert (done.code, done.out) == (2, "")
