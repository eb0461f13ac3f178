"""A request broken in one way at a time: what a contract worth its name refuses."""

from collections.abc import Iterator
from dataclasses import replace

from tests.provider.declared import DeclaredOperation
from tests.provider.recorded import Exchange
from tests.provider.server import Expectation
from tests.provider.wire import Request

_CANARY = "canary-"


def broken_requests(request: Request, expectation: Expectation) -> Iterator[tuple[str, Request]]:
    """Yield how a request was broken, and the broken request."""
    other = "PUT" if request.method != "PUT" else "GET"
    yield "another method", replace(request, method=other)
    yield "another path", replace(request, path=f"{request.path}/nowhere/at-all")
    yield "an unknown parameter", request.with_query("no_such_parameter", "1")
    for name in dict(request.query):
        if _is_required(name, expectation):
            yield f"without {name}", request.without_query(name)
    for name, value in request.query:
        if _CANARY in value and _needs_key(expectation):
            yield "without its key in the query", request.without_query(name)
    for name, value in request.headers.items():
        if _CANARY in value and _needs_key(expectation):
            yield "without its key in a header", request.without_header(name)
    if request.body:
        yield "without its body", replace(request, body=b"")


def _is_required(name: str, expectation: Expectation) -> bool:
    if isinstance(expectation, Exchange):
        return True
    assert isinstance(expectation, DeclaredOperation)
    return any(
        one["name"] == name and one["in"] == "query" and expectation.is_required(one)
        for one in expectation.parameters
    )


def _needs_key(expectation: Expectation) -> bool:
    return not isinstance(expectation, DeclaredOperation) or [] not in expectation.schemes()
