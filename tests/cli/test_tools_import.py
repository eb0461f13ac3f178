"""`toollama tools import` and `toollama tools schemas`, as a user runs them."""

import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from toollama.cli.app import build_command
from toollama.errors import InputError, ToolLamaError
from toollama.tools.openapi import kept

PETS = """
openapi: 3.0.3
servers: [{url: https://api.pets.example}]
paths:
  /pets:
    get:
      operationId: listPets
      summary: List all pets.
      parameters:
        - {name: api_key, in: query, required: true, schema: {type: string, default: REDACTED}}
    post: {operationId: addPet, summary: Add a pet.}
"""


@dataclass(frozen=True)
class Result:
    """What a command printed."""

    stdout: str
    stderr: str
    exit_code: int


def toollama(*arguments: str) -> Result:
    """Run a command of the group. Raises what it raises."""
    stdout, stderr = StringIO(), StringIO()
    with redirect_stdout(stdout), redirect_stderr(stderr):
        code = build_command().main(["tools", *arguments], standalone_mode=False)
    return Result(stdout.getvalue(), stderr.getvalue(), code or 0)


def document(*arguments: str) -> Any:
    return json.loads(toollama(*arguments, "--json").stdout)


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    path = tmp_path / "pets.yaml"
    path.write_text(PETS)
    return path


def test_an_import_is_kept_and_listed(pets: Path) -> None:
    result = toollama("import", str(pets))
    assert result.stdout.splitlines()[0].split("\t")[:4] == [
        "pets_list_pets",
        "GET /pets",
        "read_public",
        "PETS_API_KEY",
    ]
    assert "imported 2 tools from pets.yaml as pets" in result.stderr
    [record] = document("schemas", "list")
    assert (record["name"], record["source"]) == ("pets", str(pets))


def test_what_is_kept_loads_as_the_same_tools(pets: Path) -> None:
    toollama("import", str(pets))
    tools = kept.load(kept.directory() / "pets.json")
    assert [tool.spec.name for tool in tools] == ["pets_list_pets", "pets_add_pet"]
    assert {(tool.spec.origin, tool.spec.verified_live) for tool in tools} == {
        ("openapi:pets.yaml", "never")
    }


@pytest.mark.parametrize("arguments", [["import", "--dry-run"], ["schemas", "validate"]])
def test_a_look_keeps_nothing(pets: Path, arguments: list[str]) -> None:
    found = document(*arguments, str(pets))
    assert [tool["effects"] for tool in found["tools"]] == [["read_public"], ["send"]]
    assert "credential" in found["notes"][0]["text"]
    assert not kept.records()


def test_the_same_file_is_not_compiled_again(pets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = document("import", str(pets))
    monkeypatch.setattr("toollama.tools.openapi.importing.import_description", None)
    again = document("import", str(pets))
    assert again["unchanged"]
    assert (again["tools"], again["notes"]) == (first["tools"], first["notes"])


def test_an_update_tells_what_came_and_what_went(pets: Path) -> None:
    toollama("import", str(pets))
    pets.write_text(PETS.replace("addPet", "makePet"))
    result = toollama("schemas", "update", "pets")
    assert "added: pets_make_pet" in result.stderr
    assert "gone: pets_add_pet" in result.stderr


def test_a_damaged_index_is_made_again_from_the_files(pets: Path) -> None:
    toollama("import", str(pets))
    (kept.directory() / "_index.json").write_text("{")
    assert list(kept.records()) == ["pets"]


def test_a_directory_is_imported_file_by_file(pets: Path) -> None:
    (pets.parent / "bad.json").write_text("{}")
    result = toollama("import", str(pets.parent))
    assert result.exit_code == 8
    assert "bad.json: no OpenAPI or Swagger description is in it" in result.stderr
    assert list(kept.records()) == ["pets"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
        (["import", "http://api.example/spec.json"], "only https URLs are fetched"),
        (["schemas", "update", "cats"], "no import is called cats"),
        (["schemas", "validate"], "a FILE or URL is missing"),
    ],
)
def test_what_cannot_be_imported_says_why(arguments: list[str], message: str) -> None:
    with pytest.raises(ToolLamaError, match=message):
        toollama(*arguments)


def test_a_refusal_names_the_file_and_the_place(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("openapi: 3.1.0\npaths: {/a: {get: {}}}\n")
    with pytest.raises(InputError, match=r"broken\.yaml: /paths/~1a/get: no usable server"):
        toollama("import", str(path))
