"""The 44 descriptions of the mission's collection, where it lies beside the code."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.tools.openapi.oracle import accept, arguments_of, oracle_of, request_of
from toollama.tools.openapi.document import read
from toollama.tools.openapi.faults import Notes
from toollama.tools.openapi.importing import Imported, import_description

SEEDS = Path(__file__).parents[4] / "shared" / "data" / "seed_schemas"
FILES = sorted(SEEDS.glob("*")) if SEEDS.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="the mission's collection is not here")


@cache
def imported(path: Path) -> Imported:
    return import_description(path.read_bytes(), label=path.name)


def repaired(path: Path) -> dict[str, Any]:
    """Return the description as the oracle needs it.

    Bodies of GETs are taken out: 93 of 100 declare an empty one, which the oracle would miss.
    """
    document = read(path.read_bytes(), name=path.name, notes=Notes())
    for item in document["paths"].values():
        item.get("get", {}).pop("requestBody", None)
    return document


def test_every_file_and_every_operation_is_a_tool() -> None:
    assert len(FILES) == 44
    declared = sum(len(item) for path in FILES for item in repaired(path)["paths"].values())
    assert sum(len(imported(path).tools) for path in FILES) == declared >= 111
    assert not [note for path in FILES for note in imported(path).refusals]


def test_no_two_tools_of_all_files_share_a_name() -> None:
    names = [tool.spec.name for path in FILES for tool in imported(path).tools]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_credential_and_no_secret_is_visible(path: Path) -> None:
    for tool in imported(path).tools:
        schema = json.dumps(tool.spec.parameters.model_json_schema())
        names = set(tool.spec.parameters.model_fields)
        hidden = {
            "api_key",
            "access_token",
            "token",
            "key",
            "x_api_key",
            "password",
            "x_rapidapi_key",
        }
        described = {"key"} if tool.spec.name == "forismatic_quotes_get_quote" else set()
        assert not names & (hidden - described)
        assert "REDACTED" not in schema
        assert not re.search(r"[A-Za-z0-9+/_-]{20,}={1,2}", schema)
        assert len(schema) <= 1_500


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@settings(max_examples=4, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_an_independent_reader_accepts_every_request(path: Path, data: st.DataObject) -> None:
    oracle = oracle_of(repaired(path))
    for tool in imported(path).tools:
        accept(oracle, tool, request_of(tool, data.draw(arguments_of(tool))))
