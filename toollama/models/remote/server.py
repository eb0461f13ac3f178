"""What a server is and what it can do, read from its own answers. Pure.

Facts come from the servers' documentation: llama.cpp `tools/server/README.md`, vLLM "OpenAI-
Compatible Server" and "Structured Outputs", Ollama `docs/openai.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, Field


class Kind(StrEnum):
    """Servers that differ in more than the common API."""

    LLAMA_SERVER = "llama-server"
    VLLM = "vllm"
    OLLAMA = "ollama"
    OTHER = "other"


class Format(StrEnum):
    """A way to ask for JSON that follows a schema."""

    JSON_SCHEMA = "response_format json_schema"
    JSON_OBJECT = "response_format json_object with a schema"
    SCHEMA_FIELD = "json_schema"
    STRUCTURED_OUTPUTS = "structured_outputs"
    GUIDED_JSON = "guided_json"
    PROMPT = "prompt"
    """The schema is told to the model, and nothing but the check afterwards enforces it."""


_FORMATS = {
    Kind.LLAMA_SERVER: (Format.JSON_SCHEMA, Format.SCHEMA_FIELD),
    Kind.VLLM: (Format.JSON_SCHEMA, Format.STRUCTURED_OUTPUTS, Format.GUIDED_JSON),
    Kind.OLLAMA: (Format.JSON_SCHEMA,),
    Kind.OTHER: (Format.JSON_SCHEMA, Format.JSON_OBJECT),
}

PROBES = {"/props": Kind.LLAMA_SERVER, "/api/version": Kind.OLLAMA, "/version": Kind.VLLM}
"""Paths that one kind alone answers, in the order to ask."""

_KEYS = {
    Kind.LLAMA_SERVER: "default_generation_settings",
    Kind.OLLAMA: "version",
    Kind.VLLM: "version",
}
_OWNERS = {"llamacpp": Kind.LLAMA_SERVER, "vllm": Kind.VLLM, "library": Kind.OLLAMA}


@dataclass(frozen=True, slots=True)
class Server:
    """What was found out about a server."""

    kind: Kind
    models: Mapping[str, int]
    """Context length in tokens by the name of each served model; 0 where it does not tell."""

    @property
    def formats(self) -> tuple[Format, ...]:
        """Return the ways to ask for a schema, the most certain first."""
        return (*_FORMATS[self.kind], Format.PROMPT)

    @property
    def continues_answers(self) -> bool:
        """Return whether a last message of the assistant is continued and not replied to."""
        return self.kind is not Kind.OTHER

    @property
    def counts_tokens(self) -> bool:
        """Return whether it has `/tokenize`."""
        return self.kind in {Kind.LLAMA_SERVER, Kind.VLLM}

    def name_of(self, wanted: str, *, model_id: str) -> str | None:
        """Return the served name of a model, or None where it is not served.

        `wanted` comes from models.toml; where it is empty, the model's id or the only model served
        is meant. Ollama adds `:latest` to names without a tag.
        """
        for name in filter(None, (wanted, "" if wanted else model_id)):
            if name in self.models:
                return name
            if f"{name}:latest" in self.models:
                return f"{name}:latest"
        return next(iter(self.models)) if not wanted and len(self.models) == 1 else None


class _Model(BaseModel):
    id: str
    owned_by: str | None = None
    max_model_len: int | None = Field(default=None, ge=0)


class _Models(BaseModel):
    data: list[_Model]


class _Settings(BaseModel):
    n_ctx: int = Field(default=0, ge=0)


class _Props(BaseModel):
    default_generation_settings: _Settings = _Settings()


def read_models(document: Any) -> tuple[Kind | None, dict[str, int]]:
    """Return the kind that `/v1/models` tells, if any, and the served models.

    Only vLLM states a context there (`max_model_len`). Raises `ValueError`.
    """
    served = _Models.model_validate(document).data
    owners = {_OWNERS.get(model.owned_by or "") for model in served}
    kind = owners.pop() if len(owners) == 1 else None
    return kind, {model.id: model.max_model_len or 0 for model in served}


def read_props(document: Any) -> int:
    """Return the context in tokens that llama-server gives each request. Raises `ValueError`."""
    return _Props.model_validate(document).default_generation_settings.n_ctx


def answers_as(kind: Kind, document: Any) -> bool:
    """Return whether the answer to a probe is that of the kind it stands for."""
    return isinstance(document, dict) and _KEYS[kind] in document
