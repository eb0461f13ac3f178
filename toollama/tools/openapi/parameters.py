"""An operation's parameters: which a caller chooses, which are fixed, which are keys. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from toollama.text import truncate
from toollama.tools.openapi import slimming
from toollama.tools.openapi.faults import Notes
from toollama.tools.openapi.references import References
from toollama.tools.openapi.schemes import Schemes
from toollama.tools.openapi.secrets import is_credential, is_secret, is_subject

_PLACES = ("path", "query", "header", "cookie")
_OWN_HEADERS = frozenset(
    str.split(
        "accept content-type user-agent host content-length connection transfer-encoding "
        "accept-encoding"
    )
)
"""Headers that the request itself sets."""
_STYLES = tuple(str.split("simple label matrix form spaceDelimited pipeDelimited deepObject"))
_SETTINGS = re.compile(
    r"format|lang|language|locale|country|benchmark|version|units?|encod|mode|output|sort|order|"
    r"page|limit|size|count|offset|per_?page|method|region|currency",
    re.IGNORECASE,
)
"""Names of parameters whose default is a setting; that of others is an example."""
_PERSONAL = re.compile(r"@|^\+?[\d ()-]{9,}$")
_MAX_DEFAULT = 60


@dataclass(slots=True)
class Sorted:
    """What an operation's parameters turned out to be."""

    kept: list[dict[str, Any]] = field(default_factory=list)
    """As the declared format has them; those of a body have `in: body`."""
    required_keys: list[str] = field(default_factory=list)
    optional_keys: list[str] = field(default_factory=list)


class Sorter:
    """Sorts the parameters of one document's operations."""

    def __init__(self, references: References, schemes: Schemes, notes: Notes) -> None:
        self._references = references
        self._schemes = schemes
        self._notes = notes

    def add(self, sorted_: Sorted, declared: Mapping[str, Any], where: str) -> None:
        """Sort one parameter in. One that is no parameter is noted and left out."""
        name, place = declared.get("name"), declared.get("in")
        if not isinstance(name, str) or not name or place not in _PLACES:
            self._notes.add(where, "no parameter: a name and a place are needed")
            return
        if place == "header" and name.lower() in _OWN_HEADERS:
            self._notes.add(where, f"the header {name} is set by the request itself")
            return
        raw, media = declared.get("schema"), declared.get("content")
        if isinstance(media, Mapping) and media:
            inner = next(iter(media.values()))
            raw = inner.get("schema") if isinstance(inner, Mapping) else {}
        schema = self._references.schema(raw, where)
        made: dict[str, Any] = {"name": name, "in": place}
        if isinstance(media, Mapping) and media:
            made["content"] = {"application/json": {"schema": {}}}
        made |= _styled(declared)
        required = declared.get("required") is True or place == "path"
        self.sort(
            sorted_,
            made,
            {**_described(declared), **_without_description(schema)},
            where,
            required=required,
        )

    def sort(
        self,
        sorted_: Sorted,
        made: dict[str, Any],
        schema: Mapping[str, Any],
        where: str,
        *,
        required: bool,
    ) -> None:
        """Sort a named and placed parameter by its whole schema."""
        name, place = made["name"], made["in"]
        default = schema.get("default")
        if self._is_key(name, str(schema.get("description") or ""), place, default):
            self._hide(sorted_, made, schema, where, required=required)
            return
        if is_secret(default):
            default = None
            self._notes.add(where, f"{name}: a default that looks like a secret is dropped")
        slim = slimming.slim(schema)
        hidden = schema.get("x-global-disable") is True or schema.get("x-local-disable") is True
        fixed = default
        if required and default is None and len(slim.get("enum", ())) == 1:
            hidden, fixed = True, slim["enum"][0]
        if hidden and fixed is not None:
            made |= {"schema": _bare(slim), "x-send": fixed}
            sorted_.kept.append(made)
            return
        if hidden and not required:
            return
        description = slim.pop("description", "")
        if default is not None:
            description = self._with_default(made, slim, default, description, required=required)
        made |= {"required": required, "schema": slim}
        made |= {"description": description} if description else {}
        made |= {"deprecated": True} if schema.get("deprecated") is True else {}
        sorted_.kept.append(made)

    def _is_key(self, name: str, description: str, place: str, default: Any) -> bool:
        if is_credential(name, description, place):
            return True
        is_own = place != "path" and not is_subject(name)
        return is_own and is_secret(default) and not _PERSONAL.search(str(default))

    def _hide(
        self,
        sorted_: Sorted,
        made: Mapping[str, Any],
        schema: Mapping[str, Any],
        where: str,
        *,
        required: bool,
    ) -> None:
        name, place = made["name"], made["in"]
        said = f"{schema.get('default') or ''} {schema.get('description') or ''}".lower()
        prefix = "Bearer " if name.lower() == "authorization" and "bearer" in said else ""
        scheme = self._schemes.hidden(place, name, prefix)
        keys = sorted_.required_keys if required else sorted_.optional_keys
        keys.append(scheme)
        env = self._schemes.slim[scheme]["x-env"]
        self._notes.add(where, f"{name} is a credential: it is hidden, and {env} is sent")

    def _with_default(
        self,
        made: Mapping[str, Any],
        slim: dict[str, Any],
        default: Any,
        description: str,
        *,
        required: bool,
    ) -> str:
        """Keep a default that is a setting, and return the description with one that is not."""
        is_text = isinstance(default, str) and "enum" not in slim
        is_setting = bool(_SETTINGS.search(made["name"])) or not (is_text or made["in"] == "path")
        if isinstance(default, list | dict) or len(str(default)) > _MAX_DEFAULT:
            return description
        if required and is_setting:
            slim["default"] = default
            return description
        if _PERSONAL.search(str(default)):
            return description
        spoken = f"such as {default}" if required else f"default {default}"
        return truncate(f"{description} ({spoken})".strip(), slimming.MAX_DESCRIPTION)


def _described(declared: Mapping[str, Any]) -> dict[str, Any]:
    schema = declared.get("schema")
    inner = schema.get("description") if isinstance(schema, Mapping) else ""
    found = {"description": declared.get("description") or inner or ""}
    for key in ("deprecated", "x-global-disable", "x-local-disable"):
        if declared.get(key) is True:
            found[key] = True
    return found


def _without_description(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key != "description"}


def _styled(declared: Mapping[str, Any]) -> dict[str, Any]:
    styled: dict[str, Any] = {}
    if declared.get("style") in _STYLES:
        styled["style"] = declared["style"]
    if isinstance(declared.get("explode"), bool):
        styled["explode"] = declared["explode"]
    if declared.get("allowReserved") is True:
        styled["allowReserved"] = True
    return styled


def _bare(slim: Mapping[str, Any]) -> dict[str, Any]:
    return {key: slim[key] for key in ("type", "items") if key in slim}
