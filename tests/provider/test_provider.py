"""The provider itself: it refuses what its contract does not have, and its faults are real."""

from pathlib import Path
from typing import Any

import pytest

from tests.provider import scripts
from tests.provider.calls import call
from tests.provider.cases import Case
from tests.provider.declared import DeclaredOperation, argument_name
from tests.provider.keys import key_of
from tests.provider.recorded import Exchange, exchange
from tests.provider.server import Script
from tests.provider.wire import Reply, Request, json_reply
from toollama.policy import Effect
from toollama.tools.base import (
    Arguments,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)

HOST = "api.example.org"
ORDER = {
    "servers": [{"url": f"https://{HOST}/v1"}],
    "security": [{"key": []}],
    "components": {
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key", "x-env": "EXAMPLE_KEY"}
        }
    },
    "paths": {
        "/items/{id}": {
            "get": {
                "operationId": "item",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {
                        "name": "page",
                        "in": "query",
                        "required": True,
                        "schema": {"type": "integer"},
                    },
                    {"name": "perPage", "in": "query", "schema": {"type": "integer"}},
                    {"name": "units", "in": "query", "x-send": "metric"},
                ],
            },
            "post": {
                "operationId": "order",
                "parameters": [{"name": "id", "in": "path", "required": True}],
                "security": [{}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["count"],
                                "properties": {"count": {"type": "integer"}},
                            }
                        }
                    }
                },
            },
        }
    },
}
GOOD = Request(
    "GET",
    HOST,
    "/v1/items/7",
    (("page", "1"), ("units", "metric")),
    {"x-key": key_of("EXAMPLE_KEY")},
)


def operation(method: str = "get", **arguments: Any) -> DeclaredOperation:
    return DeclaredOperation(ORDER, "/items/{id}", method, arguments, json_reply({}))


def test_a_request_as_declared_has_no_faults() -> None:
    assert operation(id=7, page=1).faults(GOOD) == []


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (Request("PUT", HOST, GOOD.path, GOOD.query, GOOD.headers), "method"),
        (Request("GET", "evil.example.org", GOOD.path, GOOD.query, GOOD.headers), "host"),
        (Request("GET", HOST, "/v1/items", GOOD.query, GOOD.headers), "path"),
        (
            Request("GET", HOST, "/v1/items/x", GOOD.query, GOOD.headers),
            "path id is of the wrong type",
        ),
        (GOOD.without_query("page"), "query page is missing"),
        (GOOD.with_query("page", "one"), "query page is of the wrong type"),
        (GOOD.with_query("units", "imperial"), "query units is not 'metric'"),
        (GOOD.with_query("debug", "1"), "query debug is not in the contract"),
        (GOOD.without_header("x-key"), "key EXAMPLE_KEY is not in its place"),
    ],
)
def test_a_request_that_is_not_as_declared_is_named_by_its_fault(
    request_: Request, fault: str
) -> None:
    assert operation(id=7, page=1).faults(request_) == [fault]


def test_an_argument_of_the_call_must_be_sent_though_the_contract_lets_it_out() -> None:
    assert operation(id=7, page=1, per_page=5).faults(GOOD) == ["query perPage is missing"]


def test_a_body_is_checked_by_its_schema() -> None:
    headers = {"content-type": "application/json"}
    wrong = Request("POST", HOST, "/v1/items/7", (), headers, b'{"count": "two"}')
    [fault] = operation("post").faults(wrong)
    assert fault.startswith("body: 'two'")


def test_names_on_the_wire_become_names_of_arguments() -> None:
    assert [argument_name(name) for name in ("perPage", "from-date", "q")] == [
        "per_page",
        "from_date",
        "q",
    ]


def recorded(**request: Any) -> Exchange:
    document = {"host": HOST, "path": "/find", "query": {"q": "a b"}, **request}
    return exchange({"request": document, "reply": {"body": {"hits": []}}})


def test_an_exchange_takes_its_own_request_only() -> None:
    asked = Request("GET", HOST, "/find", (("q", "a b"),), {})
    assert recorded().faults(asked) == []
    assert recorded().faults(asked.with_query("q", "c")) != []
    assert recorded().faults(asked.with_query("extra", "1")) != []
    assert recorded(headers={"X-Key": "${EXAMPLE_KEY}"}).faults(asked) == ["header X-Key"]


def test_an_exchange_names_keys_and_not_their_values() -> None:
    headers = {"authorization": f"Bearer {key_of('EXAMPLE_KEY')}"}
    asked = Request("GET", HOST, "/find", (("q", "a b"),), headers)
    assert recorded(headers={"Authorization": "Bearer ${EXAMPLE_KEY}"}).faults(asked) == []


class Nothing(Arguments):
    """No arguments."""


class Find(Tool[Nothing, Any]):
    """Asks the provider the one question of these tests."""

    spec = ToolSpec(
        name="find",
        summary="Find something.",
        utterances=(),
        parameters=Nothing,
        packs=(),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(HOST,),
    )
    query = "a b"

    async def execute(self, args: Nothing, context: ToolContext) -> Any:
        return await context.http.get_json(
            f"https://{HOST}/find", params={"q": self.query}, hosts=self.spec.hosts
        )

    def format(self, args: Nothing, raw: Any, context: ToolContext) -> ToolResult:
        return ToolResult((f"{len(raw['hits'])} hits.",), sources=(Source("find", HOST),))


CASE = Case("find", {}, (recorded(),))


async def test_the_expected_request_is_served_over_a_real_socket(tmp_path: Path) -> None:
    done = await call(Find(), CASE, tmp_path)
    assert (done.result.statements, done.provider.refused) == (("0 hits.",), [])


async def test_any_other_request_is_refused_over_the_socket_too(tmp_path: Path) -> None:
    class Elsewhere(Find):
        query = "c"

    done = await call(Elsewhere(), CASE, tmp_path)
    assert isinstance(done.outcome, ToolFailure)
    assert len(done.provider.refused) == 1


async def test_the_same_request_again_gets_the_next_reply(tmp_path: Path) -> None:
    class Twice(Find):
        async def execute(self, args: Nothing, context: ToolContext) -> Any:
            await super().execute(args, context)
            return await super().execute(args, context)

    later = exchange(
        {
            "request": {"host": HOST, "path": "/find", "query": {"q": "a b"}},
            "reply": {"body": {"hits": [1]}},
        }
    )
    done = await call(Twice(), Case("find", {}, (recorded(), later)), tmp_path)
    assert done.result.statements == ("1 hits.",)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (scripts.unauthorised, "missing_credential"),
        (scripts.forbidden, "blocked"),
        (scripts.too_many, "rate_limited"),
        (scripts.broken, "unavailable"),
        (scripts.hanging, "unavailable"),
        (scripts.dripping, "unavailable"),
        (scripts.garbage, "upstream"),
        (scripts.hollow, "upstream"),
        (scripts.truncated_gzip, "upstream"),
        (scripts.bomb, "upstream"),
        (scripts.inward, "blocked"),
        (scripts.flood, "upstream"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_each_fault_of_a_service_is_a_typed_failure(
    script: Script, kind: str, tmp_path: Path
) -> None:
    patience_s = 0.1 if kind == "unavailable" else 5.0
    outcome = (await call(Find(), CASE, tmp_path, script=script, deadline_s=patience_s)).outcome
    assert isinstance(outcome, ToolFailure)
    assert outcome.kind == kind


def test_a_page_in_place_of_data_and_noise_in_place_of_a_page() -> None:
    assert scripts.garbage(json_reply({})).headers["Content-Type"] == "text/html"
    page = Reply(200, {"Content-Type": "text/html; charset=utf-8"}, b"<p>Hello</p>")
    assert scripts.garbage(page).body.startswith(b"\x00\x01")


def test_a_slash_within_a_value_of_the_path_must_be_encoded() -> None:
    work = DeclaredOperation(
        {
            "servers": [{"url": f"https://{HOST}"}],
            "paths": {"/works/{doi}": {"get": {"parameters": []}}},
        },
        "/works/{doi}",
        "get",
        {},
        json_reply({}),
    )
    assert work.faults(Request("GET", HOST, "/works/10.1%2Fab", (), {})) == []
    assert work.faults(Request("GET", HOST, "/works/10.1/ab", (), {})) == ["path"]
