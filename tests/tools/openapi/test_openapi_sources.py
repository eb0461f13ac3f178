from typing import Any

import pytest

from tests.loopback import Answer, Loopback, json_answer
from toollama.errors import InputError
from toollama.tools.base import ToolFailure
from toollama.tools.http import Door, HttpSettings
from toollama.tools.openapi.sources import Fetched, fetch

HOST, GURU = "specs.example", "api.apis.guru"


async def fetched(source: str, *routes: tuple[str, str, Answer]) -> Fetched:
    async with Loopback(HOST, GURU) as server:
        for host, path, answer in routes:
            server.expect(host, path, answer)
        async with Door(HttpSettings(base_urls=server.base_urls)) as door:
            return await fetch(source, door)


async def test_a_url_is_fetched_and_relative_servers_are_read_against_it() -> None:
    url = f"https://{HOST}/v1/pets.yaml"
    found = await fetched(url, (HOST, "/v1/pets.yaml", Answer(b"openapi: 3.1.0")))
    assert (found.data, found.label, found.base_url) == (b"openapi: 3.1.0", "pets.yaml", url)


def listing(**apis: Any) -> Answer:
    return json_answer({"apis": apis})


async def test_a_name_of_apis_guru_leads_to_its_description() -> None:
    chosen = {"swaggerUrl": f"https://{GURU}/v2/specs/pets.example/1/openapi.json"}
    found = await fetched(
        "apis-guru:pets.example",
        (GURU, "/v2/pets.example.json", listing(**{"pets.example": chosen})),
        (GURU, "/v2/specs/pets.example/1/openapi.json", Answer(b"{}")),
    )
    assert (found.source, found.label) == ("apis-guru:pets.example", "pets.example")


async def test_of_several_services_one_is_to_be_named() -> None:
    several = listing(**{"x.example:a": {}, "x.example:b": {}})
    with pytest.raises(ToolFailure, match=r"x\.example:a, x\.example:b"):
        await fetched("apis-guru:x.example", (GURU, "/v2/x.example.json", several))


async def test_only_https_is_fetched() -> None:
    with pytest.raises(InputError, match="only https"):
        await fetched(f"http://{HOST}/a.yaml")
