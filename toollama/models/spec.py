"""What models.toml declares: models, roles and profiles, validated. No file is touched here."""

import re
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

KvType = Literal["f16", "q8_0", "q4_0"]


class SamplingSpec(BaseModel):
    """How a model draws tokens for prose. Constrained output is always greedy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    temperature: float = Field(default=0.0, ge=0.0, le=2.0)
    top_k: int = Field(default=40, ge=0)
    top_p: float = Field(default=0.95, gt=0.0, le=1.0)
    min_p: float = Field(default=0.05, ge=0.0, le=1.0)
    repeat_penalty: float = Field(default=1.1, ge=1.0, le=2.0)


class EndpointSpec(BaseModel):
    """A server with an OpenAI-compatible API that holds a model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    """Where the API lies, without `/v1`: `http://192.0.2.7:8080`. A final `/v1` is dropped."""
    model: str = ""
    """What the server calls the model; empty takes the model's id, or the only one it serves."""
    api_key_env: str = ""
    """Name of the environment variable with the server's key, never the key itself."""
    max_concurrent: int = Field(default=4, ge=1, le=1024)
    """Requests for this model that may run there at the same time."""

    @field_validator("url")
    @classmethod
    def _is_a_base_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("must be a URL such as http://192.0.2.7:8080")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold no user, key or query; name the key with api_key_env")
        _ = parts.port  # raises ValueError for a port that is no number
        return url.rstrip("/").removesuffix("/v1").rstrip("/")

    @field_validator("api_key_env")
    @classmethod
    def _is_a_name_and_no_key(cls, name: str) -> str:
        if not re.fullmatch(r"([A-Z_][A-Z0-9_]*)?", name):
            raise ValueError("must be the name of an environment variable, in capitals, not a key")
        return name


class ModelSpec(BaseModel):
    """One model: which file and how it is loaded, or which servers hold it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    file: str = ""
    """A path, `package:NAME/FILE` (inside an installed Python package) or a bare file name that is
    looked for in the models directory; of a split model, its first part. May be empty where there
    are endpoints."""
    endpoints: tuple[EndpointSpec, ...] = Field(default=(), max_length=64)
    """Servers that hold the model; where there are any, the file is not loaded here."""
    source: str = ""
    """Where to get it: `hf:owner/repo/file` or a URL."""
    sha256: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    """Of the file; of a split model, the sha256 of its parts' digests, a line each."""
    context: int = Field(default=0, ge=0, le=1 << 24)
    """Context length in tokens; 0 chooses it from the file and the budget."""
    batch: int = Field(default=512, ge=32, le=8192)
    kv_type: KvType = "f16"
    gpu_layers: int = Field(default=-1, ge=-1)
    """Layers on the GPU; -1 means as many as fit."""
    sampling: SamplingSpec = SamplingSpec()
    reasoning_tags: tuple[str, str] | None = None
    tier: Literal["T0", "T1", "T2", "T3"] | None = None
    """Overrides the tier that the file's size gives."""
    license: str = ""

    @model_validator(mode="after")
    def _lies_somewhere(self) -> Self:
        if not self.file and not self.endpoints:
            raise ValueError("needs a `file`, or `endpoints` that serve it")
        return self


Done = Literal["answered", "cited", "figures", "two_sources", "agreed"]
"""`answered`: something was found; `cited`: every finding has evidence; `figures`: one states a
figure; `two_sources`: two sources speak; `agreed`: no two sources contradict each other."""


class RoleSpec(BaseModel):
    """One role of the hierarchy: what it is told and what it may spend."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    prompt: str = ""
    """A file with its instructions: a path, a name in the configuration directory, or one of the
    packaged prompts. May be empty where there are `instructions`."""
    instructions: str = ""
    """The instructions themselves; they win over the file."""
    summary: str = ""
    """What it looks after, in one sentence; a request that is like it goes to this role."""
    utterances: tuple[str, ...] = ()
    """Requests as users would type them, for a role of your own."""
    pack: tuple[str, ...] = ()
    """Tools offered to this role, by name; empty means every tool that names this role."""
    model: str = ""
    """A model id or a path. An override, and a profile that names this very role, win over it."""
    done: tuple[Done, ...] = ()
    """What must be true of a Belter's findings before its task counts as done."""
    context: int = Field(default=0, ge=0)
    max_tokens: int = Field(default=512, ge=16)


class ProfileSpec(BaseModel):
    """A crew for one size of machine: a model id by role (`belter` covers every `belter.*`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    summary: str
    vram_gib: float = Field(default=0.0, ge=0.0)
    ram_gib: float = Field(default=0.0, ge=0.0)
    roles: dict[str, str]
    """Keys: `camina`, `belter`, `drummer`, `observer`, a full role such as `belter.research`, or
    `all`. Values: a model id, a path to a `.gguf` file, or `remote:ID`, which is the model ID and
    refused unless it has endpoints; `remote:` alone is the model `remote`."""
