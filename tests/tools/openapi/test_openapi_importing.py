import copy
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openapi_core.exceptions import OpenAPIError

from tests.tools.openapi.oracle import KEY, accept, arguments_of, oracle_of, request_of
from toollama.policy import Effect
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.openapi.faults import SpecRefused
from toollama.tools.openapi.importing import Imported, import_description

Json = dict[str, Any]
PET = {"$ref": "#/components/schemas/Pet"}
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
PETS: Json = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://api.pets.example/v1"}],
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        "schemas": {
            "Pet": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "example": "Rex"},
                    "id": {"type": "integer", "readOnly": True},
                    "parent": {"$ref": "#/components/schemas/Pet"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
            }
        },
    },
    "security": [{"key": []}],
    "paths": {
        "/pets/{petId}": {
            "parameters": [{"$ref": "#/paths/~1pets~1{petId}/get/parameters/0"}],
            "get": {
                "operationId": "getPet",
                "summary": "Get a pet.",
                "parameters": [
                    {"name": "petId", "in": "path", "required": True, "schema": NUMBER},
                    {"name": "ids", "in": "query", "schema": {"type": "array", "items": NUMBER}},
                    {
                        "name": "csv",
                        "in": "query",
                        "explode": False,
                        "schema": {"type": "array", "items": TEXT},
                    },
                    {"name": "X-Trace", "in": "header", "schema": {"type": "boolean"}},
                ],
                "responses": {"200": {"description": "a pet"}},
            },
        },
        "/pets": {
            "post": {
                "operationId": "addPet",
                "summary": "Add a pet.",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": PET}},
                },
                "responses": {"201": {"description": "added"}},
            }
        },
    },
}


def imported(document: Any, **options: Any) -> Imported:
    return import_description(json.dumps(document).encode(), label="pets.json", **options)


def with_operation(
    operation: Mapping[str, Any], *, path: str = "/a", method: str = "get", **top: Any
) -> Json:
    return {
        "openapi": "3.0.3",
        "servers": [{"url": "https://api.pets.example"}],
        **top,
        "paths": {path: {method: {"operationId": "one", **operation}}},
    }


def tool_of(document: Any, **options: Any) -> DeclaredTool:
    [tool] = imported(document, **options).tools
    return tool


def one(operation: Mapping[str, Any], **options: Any) -> DeclaredTool:
    return tool_of(with_operation(operation, **options))


def query(name: str, **more: Any) -> Json:
    schema = more.pop("schema", {"type": "string"})
    return {"name": name, "in": "query", "schema": schema, **more}


def notes_of(document: Any) -> str:
    return "\n".join(map(str, imported(document).notes))


def names(tool: DeclaredTool) -> list[str]:
    return list(tool.spec.parameters.model_fields)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
@settings(max_examples=10, phases=[Phase.generate])
@given(data=st.data())
def test_an_independent_reader_accepts_every_request(version: str, data: st.DataObject) -> None:
    document = {**PETS, "openapi": version}
    oracle = oracle_of({**document, "openapi": "3.1.0"})
    for tool in imported(document).tools:
        accept(oracle, tool, request_of(tool, data.draw(arguments_of(tool))))


def test_the_independent_reader_misses_a_key_that_is_not_sent() -> None:
    tool = imported(PETS).tools[0]
    request = request_of(tool, {"pet_id": 1})
    bare = type(request)(method=request.method, url=request.url)
    with pytest.raises(OpenAPIError):
        accept(oracle_of(PETS), tool, bare)


def test_reading_is_told_from_sending() -> None:
    get, post = imported(PETS).tools
    assert (get.spec.effects, post.spec.effects) == (
        frozenset({Effect.READ_PUBLIC}),
        frozenset({Effect.SEND}),
    )


def test_the_fields_of_a_body_are_arguments_and_what_is_read_only_is_not() -> None:
    assert names(imported(PETS).tools[1]) == ["name", "parent", "tags"]


def test_a_schema_that_contains_itself_is_cut() -> None:
    schema = json.dumps(imported(PETS).tools[1].spec.parameters.model_json_schema())
    assert schema.count('"parent"') <= 3


def test_an_operation_of_the_path_replaces_its_namesake() -> None:
    assert names(imported(PETS).tools[0]) == ["pet_id", "ids", "csv", "x_trace"]


def test_swagger_2_is_read_like_openapi_3() -> None:
    document = {
        "swagger": "2.0",
        "host": "api.pets.example",
        "basePath": "/v2",
        "schemes": ["http", "https"],
        "consumes": ["application/x-www-form-urlencoded"],
        "securityDefinitions": {"login": {"type": "basic"}},
        "security": [{"login": []}],
        "paths": {
            "/pets": {
                "post": {
                    "operationId": "addPet",
                    "parameters": [
                        {
                            "name": "tags",
                            "in": "query",
                            "type": "array",
                            "collectionFormat": "multi",
                        },
                        {"name": "name", "in": "formData", "type": "string", "required": True},
                    ],
                }
            }
        },
    }
    tool = tool_of(document)
    request = request_of(tool, {"tags": ["a", "b"], "name": "Rex"})
    assert request.url == "https://api.pets.example/v2/pets?tags=a&tags=b"
    assert request.form == (("name", "Rex"),)
    assert request.headers["Authorization"].startswith("Basic ")
    assert tool.spec.credentials == ("PETS_USER_PASSWORD",)


@pytest.mark.parametrize(
    "name", ["api_key", "apikey", "access_token", "appid", "x-api-key", "sig_token", "password"]
)
def test_a_credential_that_is_a_plain_parameter_is_hidden(name: str) -> None:
    tool = one({"parameters": [query(name, required=True), query("q")]})
    assert names(tool) == ["q"]
    assert KEY in request_of(tool, {}).url
    assert len(tool.spec.credentials) == 1


@pytest.mark.parametrize(
    "name", ["license_key", "pageToken", "sort_key", "q", "keyword", "author", "object_key"]
)
def test_what_a_call_is_about_is_not_hidden(name: str) -> None:
    tool = one({"parameters": [query(name, required=True)]})
    assert len(names(tool)) == 1
    assert not tool.spec.credentials


@pytest.mark.parametrize(
    "secret",
    [
        "sk_live_4f9aQ2xW8rT1",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "aZ3kQ9xW1rT7yU5bN2mL",
        "REDACTED",
    ],
)
def test_a_parameter_with_a_secret_as_its_default_is_hidden(secret: str) -> None:
    tool = one({"parameters": [query("account", schema={"type": "string", "default": secret})]})
    assert names(tool) == []
    assert secret not in json.dumps(imported(with_operation({})).document)


def test_no_secret_of_the_description_is_kept() -> None:
    secret = "aZ3kQ9xW1rT7yU5bN2mL"
    schema = {
        "type": "string",
        "enum": ["a", secret],
        "example": secret,
        "description": f"as {secret}",
    }
    parameters = [
        query("q", schema=schema),
        query("id", schema={"type": "string", "default": secret}),
    ]
    assert secret not in json.dumps(imported(with_operation({"parameters": parameters})).document)


def test_an_optional_credential_opens_more_where_it_is_set() -> None:
    tool = one({"parameters": [query("api_key")]})
    assert (tool.spec.credentials, tool.spec.optional_credentials) == ((), ("PETS_API_KEY",))


def test_a_value_that_the_author_fixed_is_always_sent() -> None:
    schema = {"type": "string", "default": "json", "x-global-disable": True}
    tool = one({"parameters": [query("format", required=True, schema=schema)]})
    assert names(tool) == []
    assert request_of(tool, {}).url.endswith("?format=json")


def test_a_default_that_is_an_example_is_not_sent() -> None:
    schema = {"type": "string", "default": "Santa Barbara"}
    tool = one({"parameters": [query("city", required=True, schema=schema)]})
    assert tool.spec.parameters.model_fields["city"].is_required()
    assert "Santa Barbara" in str(tool.spec.parameters.model_fields["city"].description)


def test_a_default_that_is_a_setting_is_sent() -> None:
    schema = {"type": "string", "default": "en"}
    tool = one({"parameters": [query("lang", required=True, schema=schema)]})
    assert request_of(tool, {}).url.endswith("?lang=en")


def test_a_get_has_no_body() -> None:
    body = {"content": {"application/json": {"schema": {"properties": {"q": {"type": "string"}}}}}}
    document = with_operation({"requestBody": body})
    assert names(tool_of(document)) == []
    assert "/paths/~1a/get/requestBody: a GET has no body" in notes_of(document)


@pytest.mark.parametrize(
    "media_type", ["multipart/form-data", "application/octet-stream", "text/xml"]
)
def test_a_body_that_cannot_be_sent_switches_its_tool_off(media_type: str) -> None:
    body = {"content": {media_type: {"schema": {"type": "string"}}}}
    assert media_type in one({"requestBody": body}, method="post").spec.off


def test_servers_of_the_operation_come_before_the_documents() -> None:
    tool = one(
        {
            "servers": [
                {"url": "https://{region}.pets.example", "variables": {"region": {"default": "eu"}}}
            ]
        }
    )
    assert tool.spec.hosts == ("eu.pets.example",)


def test_a_relative_server_is_read_against_the_base_url() -> None:
    document = with_operation({}, servers=[{"url": "/v1"}])
    tool = tool_of(document, base_url="https://api.pets.example/spec/openapi.json")
    assert request_of(tool, {}).url == "https://api.pets.example/v1/a"
    with pytest.raises(SpecRefused, match="--base-url"):
        imported(document)


def test_a_query_in_a_path_is_always_sent() -> None:
    assert request_of(one({}, path="/a?f=get"), {}).url == "https://api.pets.example/a?f=get"


def test_a_variable_of_the_path_that_is_not_declared_is_a_text() -> None:
    assert names(one({}, path="/a/{id}")) == ["id"]


def test_a_schema_of_a_tool_stays_small() -> None:
    schema = {
        "type": "string",
        "description": "x" * 900,
        "enum": [f"option {n}" for n in range(90)],
    }
    tool = one({"parameters": [query(f"p{n}", schema=schema, required=n < 3) for n in range(60)]})
    assert names(tool)[:3] == ["p0", "p1", "p2"]
    assert len(json.dumps(tool.spec.parameters.model_json_schema())) <= 1_500


def test_a_tool_that_needs_more_than_can_be_shown_is_off() -> None:
    tool = one({"parameters": [query(f"p{n}", required=True) for n in range(40)]})
    assert "needs 40 arguments" in tool.spec.off


@pytest.mark.parametrize(
    "pet",
    [
        {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"a": {}}}]},
        {"allOf": [{"properties": "x"}, {"properties": {"a": {}}}, {"required": 3}]},
        {"oneOf": [{"$ref": "#/components/schemas/Pet"}]},
        {"items": {"$ref": "#/components/schemas/Pet"}, "type": "array"},
        {"$ref": "#/components/schemas/Pet"},
    ],
)
def test_a_schema_that_leads_back_to_itself_ends(pet: Json) -> None:
    document = copy.deepcopy(PETS)
    document["components"]["schemas"]["Pet"] = pet
    assert len(imported(document).tools) == 2


def test_schemas_joined_by_all_of_are_one() -> None:
    document = copy.deepcopy(PETS)
    more = {"type": "object", "required": ["owner"], "properties": {"owner": TEXT}}
    schema = {"allOf": [PET, more]}
    document["paths"]["/pets"]["post"]["requestBody"]["content"]["application/json"] = {
        "schema": schema
    }
    fields = imported(document).tools[1].spec.parameters.model_fields
    assert [name for name, field in fields.items() if field.is_required()] == ["name", "owner"]


def test_the_list_of_results_is_guessed_from_the_answers_schema() -> None:
    items = {"type": "array", "items": {"type": "object"}}
    schema = {"type": "object", "properties": {"count": {"type": "integer"}, "hits": items}}
    content = {"application/json": {"schema": schema}}
    assert one({"responses": {"200": {"description": "", "content": content}}}).terms.list == "hits"


def test_one_bad_operation_does_not_keep_the_others_out() -> None:
    document = copy.deepcopy(PETS)
    document["paths"]["/bad path/{"] = {"get": {"operationId": "bad"}}
    result = imported(document)
    assert [tool.spec.name for tool in result.tools] == ["pets_get_pet", "pets_add_pet"]
    assert [note.where for note in result.refusals] == ["/paths/~1bad path~1{/get"]


def test_a_reference_out_of_the_file_is_not_followed() -> None:
    document = with_operation({"parameters": [{"$ref": "https://evil.example/p.json"}, query("q")]})
    assert names(tool_of(document)) == ["q"]
    assert "leads nowhere" in notes_of(document)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"openapi": "3.1.0"}, "/paths: a mapping of paths is needed"),
        ({"openapi": "3.1.0", "paths": {}}, "/paths: no operation is in it"),
        ({"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}, "/paths/~1a/get: no usable server"),
    ],
)
def test_what_gives_no_tool_is_refused_with_its_place(document: Json, reason: str) -> None:
    with pytest.raises(SpecRefused) as caught:
        imported(document)
    assert reason in caught.value.message


def test_two_hundred_operations_are_two_hundred_tools() -> None:
    paths = {f"/p{n}/{{id}}": {"get": {"operationId": f"get thing {n % 7}"}} for n in range(200)}
    result = imported(
        {"openapi": "3.1.0", "servers": [{"url": "https://a.example"}], "paths": paths}
    )
    found = [tool.spec.name for tool in result.tools]
    assert len(set(found)) == 200
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in found)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
ODD = st.recursive(
    SCALARS
    | st.sampled_from(["#/paths", "#", "#/components/schemas/Pet", "get", "path", "/a/{b}"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [here, *(place for key, part in inside for place in places(part, (*here, key)))]


@given(st.data())
@settings(max_examples=100)
def test_no_mutation_of_a_description_crashes_the_import(data: st.DataObject) -> None:
    document: Any = copy.deepcopy(PETS)
    for place in data.draw(st.lists(st.sampled_from(places(PETS)[1:]), min_size=1, max_size=3)):
        holder = document
        with suppress(LookupError, TypeError):
            for key in place[:-1]:
                holder = holder[key]
            holder[place[-1]] = data.draw(ODD)
    with suppress(SpecRefused):
        assert imported(document).tools
