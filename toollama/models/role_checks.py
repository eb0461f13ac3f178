"""What is wrong with a role of models.toml: every fault with its place and what to write instead.

Owns the rules for roles that a user adds. It reads no prompt and no model file.
"""

import re
from collections.abc import Collection

from toollama import paths
from toollama.models.spec import RoleSpec
from toollama.toml_document import TomlLayers, nearest

BUILT_IN = frozenset(
    {
        "camina",
        "observer",
        *(f"belter.{name}" for name in ("research", "property", "document", "knowledge")),
        *(f"drummer.{name}" for name in ("search", "content", "analysis", "api")),
    }
)
"""The roles that ship with the program."""
_OWN_NAME = re.compile(r"(?:belter|drummer)\.[a-z][a-z0-9_-]{0,39}")
_MAX_PACK = 8


def check_role(
    role: RoleSpec,
    *,
    models: Collection[str],
    tools: Collection[str] | None,
    layers: TomlLayers,
) -> None:
    """Raise the `ConfigError` of the first fault; `tools` None leaves packs unchecked."""
    at = ("roles", role.name)
    if not role.prompt and not role.instructions.strip():
        raise layers.error((*at, "prompt"), "is missing", "add this key, or `instructions`")
    if role.prompt and not role.instructions and paths.role_prompt(role.prompt) is None:
        fix = f"put it into {paths.config_dir()}, or write `instructions` instead"
        raise layers.error((*at, "prompt"), f"there is no file {role.prompt!r}", fix)
    if role.name not in BUILT_IN:
        _check_own(role, layers)
    if role.model and role.model not in models and not role.model.endswith(".gguf"):
        problem = f"unknown model {role.model!r}"
        raise layers.error((*at, "model"), problem, suggestion(role.model, models))
    for name in role.pack if tools is not None else ():
        if name not in (tools or ()):
            fix = suggestion(name, tools or ())
            raise layers.error((*at, "pack"), f"unknown tool {name!r}", fix)


def suggestion(name: str, candidates: Collection[str]) -> str:
    """Return which of the candidates was meant, or all of them."""
    close = " or ".join(f"`{match}`" for match in nearest(name, candidates, count=3))
    return f"did you mean {close}?" if close else f"one of: {', '.join(sorted(candidates))}"


def _check_own(role: RoleSpec, layers: TomlLayers) -> None:
    at = ("roles", role.name)
    if not _OWN_NAME.fullmatch(role.name):
        raise layers.error(
            at,
            "not a name for a role of your own",
            'write it as [roles."belter.NAME"] or [roles."drummer.NAME"], in lower case',
        )
    if not role.summary:
        raise layers.error((*at, "summary"), "is missing", "say in one sentence what it is for")
    if role.name.startswith("drummer.") and not role.pack:
        raise layers.error((*at, "pack"), "is missing", "name the tools that it calls")
    if role.name.startswith("drummer.") and len(role.pack) > _MAX_PACK:
        fix = "a Drummer chooses well among few; make two of it"
        raise layers.error((*at, "pack"), f"more than {_MAX_PACK} tools", fix)
    if role.name.startswith("drummer.") and role.done:
        raise layers.error((*at, "done"), "is for Belters only", "remove this key")
