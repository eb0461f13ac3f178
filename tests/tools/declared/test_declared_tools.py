from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.loopback import Answer, Loopback, json_answer
from toollama.clock import FixedClock
from toollama.errors import ConfigError
from toollama.policy import Effect
from toollama.tools.base import HttpReply, NoNetwork, Rate, ToolContext, ToolFailure, ToolResult
from toollama.tools.declared.__main__ import main
from toollama.tools.declared.catalogue import load, tools_of
from toollama.tools.declared.rehearsal import rehearse
from toollama.tools.declared.tool import Answer as DeclaredAnswer
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.http import Door, HttpSettings
from toollama.tools.run import run, validate

HOST = "api.parks.example"
GEOCODING = "geocoding-api.open-meteo.com"
DOCUMENT = """
openapi: 3.1.0
info: {title: Parks, version: "1"}
servers: [{url: https://api.parks.example/v1}]
x-toollama:
  provider: parks
  homepage: https://parks.example/docs
  rates: [60/min, 1 per 3s]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: Authorization, x-prefix: "Token ", x-env: PARKS_API_KEY}
paths:
  /near:
    get:
      operationId: parks_near
      summary: Find parks near a place, by Parks.
      parameters:
        - {name: lat, in: query, required: true, schema: {type: number}}
        - {name: lon, in: query, required: true, schema: {type: number}}
        - {name: per-page, in: query, schema: {type: integer, minimum: 1, maximum: 50}}
        - {name: kind, in: query, schema: {type: string, enum: [city, national]}}
        - {name: format, in: query, schema: {type: string}, x-send: json}
      responses: {"200": {description: parks}}
      x-toollama:
        packs: [drummer.api]
        cache: 10min
        locate: {parameter: place, latitude: lat, longitude: lon}
        asks: ['parks near (?P<place>[^?.]+)']
        list: parks
        limit: 2
        fields: {name: name, area: size.hectares, note: note, slug: slug}
        html: [note]
        say:
          - "{name} covers {area:,} hectares: {note}"
          - "{name} covers {area:,} hectares."
        answer: name
        empty: "Parks knows no park near {place}."
        source: {title: "Parks: {name}", url: "https://parks.example/{slug}"}
"""
PARK = {"name": "Byparken", "size": {"hectares": 1200}, "slug": "by parken"}


class Keys:
    def __init__(self, **values: str) -> None:
        self._values = values

    def get(self, name: str, *, host: str) -> str | None:
        return self._values.get(name)


def document(**terms: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(DOCUMENT)
    parsed["paths"]["/near"]["get"]["x-toollama"].update(terms)
    return parsed


def tool_of(parsed: Mapping[str, Any]) -> DeclaredTool:
    [tool] = tools_of(parsed, name="parks.yaml", origin="test")
    return tool


def context(http: Any = None, **keys: str) -> ToolContext:
    clock = FixedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    return ToolContext(clock=clock, http=http or NoNetwork(), credentials=Keys(**keys))


async def parks(
    answer: Answer, query: Mapping[str, str] | None = None, **arguments: Any
) -> ToolResult:
    place = {"name": "Bergen", "latitude": 60.4, "longitude": 5.3, "country": "Norway"}
    async with Loopback(HOST, GEOCODING) as server:
        server.expect(
            GEOCODING,
            "/v1/search",
            json_answer({"results": [place]}),
            query={"name": "Bergen", "count": "5", "language": "en", "format": "json"},
        )
        sent = {"lat": "60.4", "lon": "5.3", "format": "json", **(query or {})}
        server.expect(HOST, "/v1/near", answer, query=sent)
        async with Door(HttpSettings(base_urls=server.base_urls)) as door:
            return await run(tool_of(document()), {"place": "Bergen", **arguments}, context(door))


async def test_a_result_is_said_by_the_first_template_that_it_fills() -> None:
    noted = {**PARK, "note": "<p>Open <b>all</b> day.</p><p>No dogs.</p>"}
    result = await parks(json_answer({"parks": [PARK, noted]}))
    assert result.statements == (
        "Byparken covers 1,200 hectares.",
        "Byparken covers 1,200 hectares: Open all day. No dogs.",
    )
    assert result.answer == "Byparken"


async def test_what_is_over_the_limit_is_counted() -> None:
    result = await parks(json_answer({"parks": [PARK] * 5}))
    assert (len(result.statements), result.statements[-1]) == (3, "3 more results are not listed.")
    assert result.truncated


async def test_each_said_result_is_cited_with_its_page() -> None:
    result = await parks(json_answer({"parks": [PARK]}))
    [source] = result.sources
    assert (source.title, source.locator) == (
        "Parks: Byparken",
        "https://parks.example/by%20parken",
    )
    assert source.untrusted


async def test_an_argument_goes_by_its_name_on_the_wire() -> None:
    await parks(
        json_answer({"parks": [PARK]}), {"per-page": "7", "kind": "city"}, per_page="7", kind="City"
    )


@pytest.mark.parametrize("answer", [json_answer({"parks": []}), json_answer({}, status=404)])
async def test_nothing_is_said_honestly(answer: Answer) -> None:
    result = await parks(answer)
    assert (result.status, result.statements) == (
        "empty",
        ("Parks knows no park near Bergen, Norway.",),
    )


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(b"<html>down</html>"), "upstream"),
        (Answer(b"", 429), "rate_limited"),
        (Answer(b"", 503), "unavailable"),
    ],
)
async def test_a_failing_service_is_a_typed_failure(answer: Answer, kind: str) -> None:
    with pytest.raises(ToolFailure) as caught:
        await parks(answer)
    assert caught.value.kind == kind


async def test_results_that_no_template_fits_are_a_fault_of_the_service() -> None:
    parsed = document()
    del parsed["paths"]["/near"]["get"]["x-toollama"]["empty"]
    tool = tool_of(parsed)
    with pytest.raises(ToolFailure, match="not answer as documented"):
        tool.format(
            tool.spec.parameters(place="Bergen"),  # type: ignore[call-arg,arg-type]
            DeclaredAnswer({"parks": [{"x": 1}]}),
            context(),
        )


def test_the_spec_holds_what_the_document_declares() -> None:
    spec = tool_of(document()).spec
    assert spec.hosts == (HOST, GEOCODING)
    assert spec.rates == (Rate(60, 60.0), Rate(1, 3.0))
    assert (spec.cache_ttl_s, spec.effects) == (600.0, frozenset({Effect.READ_PUBLIC}))
    assert list(spec.parameters.model_fields) == ["place", "per_page", "kind"]


def test_a_pattern_of_the_tool_makes_its_value_certain() -> None:
    proposal = tool_of(document()).propose("any parks near Bergen, Norway?", context())
    [candidate] = proposal["place"]
    assert (candidate.value, candidate.certain) == ("Bergen, Norway", True)


def test_what_no_pattern_reads_is_found_by_its_cues() -> None:
    proposal = tool_of(document()).propose("the national kind of parks near Oslo", context())
    assert [one.value for one in proposal["kind"]] == ["national"]


@pytest.mark.parametrize("arguments", [{}, {"place": ""}, {"place": "X", "per_page": 99}, {"x": 1}])
def test_an_argument_outside_the_schema_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ToolFailure, match="parks_near"):
        validate(tool_of(document()), arguments)


class RecordingDoor:
    def __init__(self) -> None:
        self.sent: dict[str, Any] = {}

    async def request(self, method: str, url: str, **options: Any) -> HttpReply:
        self.sent = {"method": method, "url": url, **options}
        return HttpReply(status=200, url=url, headers={}, body=b'{"id": 7}')

    async def get_json(self, url: str, **options: Any) -> Any:
        raise AssertionError(url)


def keyed(security: list[Any]) -> dict[str, Any]:
    parsed = document()
    item = parsed["paths"].pop("/near")
    operation = item.pop("get")
    operation["security"] = security
    operation["parameters"] = []
    operation["requestBody"] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {"name": {"type": "string"}, "tags": {"type": "array"}},
                }
            }
        },
    }
    operation["x-toollama"] = {
        "packs": ["drummer.api"],
        "fields": {"id": "id"},
        "say": "Made {id}.",
    }
    parsed["paths"]["/parks"] = {"post": operation}
    return parsed


async def test_a_post_sends_its_arguments_and_its_key() -> None:
    door = RecordingDoor()
    tool = tool_of(keyed([{"key": []}]))
    result = await run(tool, {"name": "A", "tags": "x, y"}, context(door, PARKS_API_KEY="s3cret"))
    assert result.statements == ("Made 7.",)
    assert door.sent["json"] == {"name": "A", "tags": ["x", "y"]}
    assert door.sent["headers"] == {"Authorization": "Token s3cret"}
    assert "s3cret" in door.sent["secrets"]
    assert tool.spec.effects == frozenset({Effect.SEND})


async def test_a_request_that_is_taken_without_content_is_no_empty_result() -> None:
    tool = tool_of(keyed([{}]))
    result = tool.format(
        tool.spec.parameters(name="A"),  # type: ignore[call-arg,arg-type]
        DeclaredAnswer(None, 204),
        context(),
    )
    assert (result.status, result.statements) == ("ok", ("Parks accepted it (204).",))


async def test_without_a_key_that_is_needed_nothing_is_sent() -> None:
    door = RecordingDoor()
    with pytest.raises(ToolFailure) as caught:
        await run(tool_of(keyed([{"key": []}])), {"name": "A"}, context(door))
    assert (caught.value.kind, caught.value.fix) == (
        "missing_credential",
        "toollama keys set PARKS_API_KEY",
    )
    assert not door.sent


async def test_an_optional_key_is_sent_where_it_is_set() -> None:
    tool = tool_of(keyed([{}, {"key": []}]))
    assert (tool.spec.credentials, tool.spec.optional_credentials) == ((), ("PARKS_API_KEY",))
    door = RecordingDoor()
    await run(tool, {"name": "A"}, context(door))
    assert door.sent["headers"] == {}
    await run(tool, {"name": "A"}, context(door, PARKS_API_KEY="k1"))
    assert door.sent["headers"] == {"Authorization": "Token k1"}


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({"say": ["{nam}"]}, "paths./near.get: x-toollama.say: {nam} is no field"),
        ({"say": ["{name.real}"]}, "say[0]"),
        ({"fields": {"name": "a["}}, "fields.name"),
        ({"asks": ["("]}, "asks[0]"),
        ({"asks": ["(?P<town>x)"]}, "x-toollama.asks[0]: 'town' is no parameter"),
        ({"cache": "soon"}, "cache"),
        ({"sayy": ["x"]}, "sayy"),
        ({"answer": "size"}, "answer"),
        ({"packs": ["drummer.nobody"]}, "packs[0]"),
    ],
)
def test_a_wrong_term_is_located(terms: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        tool_of(document(**terms))
    assert caught.value.message.startswith("parks.yaml: paths./near.get")
    assert message in caught.value.message


def test_a_bundled_document_needs_twenty_requests_and_an_example(tmp_path: Path) -> None:
    path = tmp_path / "parks.yaml"
    path.write_text(DOCUMENT)
    with pytest.raises(ConfigError, match="utterances: 20 different ones"):
        load(path)


async def test_an_example_is_rehearsed_without_its_service() -> None:
    example = {"arguments": {"place": "Bergen"}, "reply": {"parks": [PARK]}}
    tool = tool_of(document(examples=[example]))
    rehearsed = await rehearse(tool, tool.terms.examples[0])
    assert rehearsed.requests[-1] == f"GET {HOST}/v1/near?lat=60.39&lon=5.32&format=json"
    assert rehearsed.result.statements == ("Byparken covers 1,200 hectares.",)


def test_off_is_a_key_and_not_the_boolean_of_yaml_1_1(tmp_path: Path) -> None:
    path = tmp_path / "parks.yaml"
    path.write_text(DOCUMENT.replace("provider: parks", "provider: parks\n  off: closed"))
    with pytest.raises(ConfigError, match="utterances"):
        load(path)


def test_checking_a_document_prints_what_its_examples_give(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example = {"arguments": {"place": "Bergen"}, "reply": {"parks": [PARK]}}
    utterances = ["what is there to do", *(f"parks near {n} Hill" for n in range(20))]
    path = tmp_path / "parks.yaml"
    path.write_text(yaml.safe_dump(document(examples=[example], utterances=utterances)))
    assert main([str(path)]) == 0
    printed = capsys.readouterr().out
    assert f"> GET {HOST}/v1/near?lat=60.39" in printed
    assert "< Byparken covers 1,200 hectares." in printed
    assert "not read by code alone: what is there to do" in printed


def test_checking_a_wrong_document_fails_with_its_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "parks.yaml"
    path.write_text(yaml.safe_dump(document(cache="soon")))
    assert main([str(path)]) == 1
    assert "parks.yaml: paths./near.get.x-toollama.cache" in capsys.readouterr().out
