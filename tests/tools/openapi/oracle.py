"""What openapi-core, an independent reader of OpenAPI, says of the requests that are built."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import strategies as st
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.openapi.requests import PreparedRequest, build

KEY = "k3y-of-the-user"


def oracle_of(document: Mapping[str, Any]) -> OpenAPI:
    """Return the oracle of a description whose faults outside requests do not matter."""
    config = Config(spec_validator_cls=None)  # type: ignore[arg-type]
    return OpenAPI.from_dict({**document, "openapi": str(document["openapi"])}, config=config)


def request_of(tool: DeclaredTool, arguments: Mapping[str, Any]) -> PreparedRequest:
    """Return the request of a call whose arguments passed the tool's own validation."""
    checked = tool.spec.parameters.model_validate(dict(arguments))
    keys = {key: KEY for keys in tool.operation.alternatives[:1] for key in keys}
    return build(tool.operation, checked.model_dump(mode="json", exclude_none=True), keys)


def accept(oracle: OpenAPI, tool: DeclaredTool, request: PreparedRequest) -> None:
    """Raise what openapi-core finds wrong with a request."""
    parts = urlsplit(request.url)
    base = f"{parts.scheme}://{parts.netloc}"
    is_form = request.form is not None
    data: Any = None
    if is_form:
        data = "&".join(f"{name}={value}" for name, value in request.form or ()).encode()
    elif request.json is not None:
        from pydantic_core import to_json

        data = to_json(request.json)
    oracle.validate_request(
        MockRequest(
            base,
            request.method.lower(),
            parts.path,
            args=_query(parts.query),
            headers={
                "Accept": tool.operation.accepted,
                "Content-Type": _type(tool),
                **request.headers,
            },
            data=data,
            content_type=_type(tool),
        )
    )


def _type(tool: DeclaredTool) -> str:
    return tool.operation.body_type or "application/json"


def _query(query: str) -> Any:
    from werkzeug.datastructures import ImmutableMultiDict

    return ImmutableMultiDict(parse_qsl(query, keep_blank_values=True))


def arguments_of(tool: DeclaredTool) -> st.SearchStrategy[dict[str, Any]]:
    """Return arguments that the tool's own schema allows."""
    schema = tool.spec.parameters.model_json_schema()
    required = set(schema.get("required", []))
    values = {name: _values(part) for name, part in schema["properties"].items()}
    return st.fixed_dictionaries(
        {name: value for name, value in values.items() if name in required},
        optional={name: value for name, value in values.items() if name not in required},
    )


def _values(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type"):
        case "integer":
            return st.integers(schema.get("minimum", 0), schema.get("maximum", 1_000))
        case "number":
            return st.floats(-90, 90).map(lambda number: round(number, 4))
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(_values(schema.get("items", {})), min_size=1, max_size=3)
        case "object":
            parts = schema.get("properties", {})
            return st.fixed_dictionaries({name: _values(part) for name, part in parts.items()})
    least = max(schema.get("minLength", 1), 1)
    letters = st.text("abc xyz-_.äß'&=?%+", min_size=least, max_size=least + 10)
    return letters.map(lambda text: text.strip() or "x" * least)
