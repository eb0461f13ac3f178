"""The body of a chat completion, as each kind of server wants it. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from toollama.models.engine import (
    Choice,
    Constraint,
    GenerationRequest,
    JsonSchema,
    Regex,
    Sampling,
)
from toollama.models.remote.server import Format, Kind, Server

_MAX_STOPS = 4
"""The API allows four stop strings; the client watches for all of them anyway."""


def schema_of(constraint: Constraint) -> Mapping[str, Any]:
    """Return a JSON Schema for the constraint; choices and patterns become JSON strings.

    llama.cpp takes a pattern only with both anchors (`grammars/README.md`).
    """
    match constraint:
        case JsonSchema(schema):
            return schema
        case Choice(options):
            return {"type": "string", "enum": list(options)}
        case Regex(pattern):
            return {"type": "string", "pattern": f"^({pattern})$"}


def completion(
    request: GenerationRequest,
    *,
    server: Server,
    model: str,
    output_format: Format,
    stop_at_server: bool = True,
) -> dict[str, Any]:
    """Return the body of `POST /v1/chat/completions`.

    Output under a constraint is drawn greedily. A prefill goes as an unfinished last message to the
    servers that continue one, and is left out elsewhere.
    """
    continues = bool(request.prefill) and server.continues_answers
    body: dict[str, Any] = {
        "model": model,
        "messages": _messages(request, continues=continues),
        "max_tokens": request.max_tokens,
        "stream": True,
        "stream_options": {"include_usage": True},
        **_sampling(request.sampling, kind=server.kind, greedy=request.constraint is not None),
    }
    if request.stop and stop_at_server:
        body["stop"] = list(request.stop[:_MAX_STOPS])
    if continues and server.kind is Kind.VLLM:
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    if request.constraint is not None:
        _add_schema(body, schema_of(request.constraint), output_format)
    return body


def _messages(request: GenerationRequest, *, continues: bool) -> list[dict[str, str]]:
    messages = [{"role": turn.role, "content": turn.content} for turn in request.messages]
    if continues:
        messages.append({"role": "assistant", "content": request.prefill})
    return messages


def _sampling(sampling: Sampling, *, kind: Kind, greedy: bool) -> dict[str, Any]:
    """Return the fields of a kind: the common API knows no top_k, min_p or repeat penalty."""
    fields: dict[str, Any] = {
        "temperature": 0.0 if greedy else sampling.temperature,
        "top_p": 1.0 if greedy else sampling.top_p,
        "seed": sampling.seed,
    }
    if greedy or kind in {Kind.OTHER, Kind.OLLAMA}:
        return fields
    penalty = "repetition_penalty" if kind is Kind.VLLM else "repeat_penalty"
    fields |= {"top_k": sampling.top_k, "min_p": sampling.min_p, penalty: sampling.repeat_penalty}
    return fields


def _add_schema(body: dict[str, Any], schema: Mapping[str, Any], output_format: Format) -> None:
    match output_format:
        case Format.JSON_SCHEMA:
            named = {"name": "output", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        case Format.JSON_OBJECT:
            body["response_format"] = {"type": "json_object", "schema": schema}
        case Format.SCHEMA_FIELD:
            body["json_schema"] = schema
        case Format.STRUCTURED_OUTPUTS:
            body["structured_outputs"] = {"json": schema}
        case Format.GUIDED_JSON:
            body["guided_json"] = schema
        case Format.PROMPT:
            told = f"Answer with nothing but JSON that follows this schema: {json.dumps(schema)}"
            *before, last = body["messages"]
            body["messages"] = [*before, {**last, "content": f"{last['content']}\n\n{told}"}]
