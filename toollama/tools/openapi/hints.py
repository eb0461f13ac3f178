"""What a description lets one guess: where the results lie in an answer, how one would ask."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from toollama.tools.openapi.naming import slug
from toollama.tools.openapi.references import References

_LISTS = str.split(
    "results items data hits docs documents records entries articles works list rows values "
    "content features objects response"
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MAX_UTTERANCES = 12
_MAX_BESIDE = 3
"""Properties beside an unknown list, such as a count; more make the object one result."""


def list_path(operation: Mapping[str, Any], references: References, where: str) -> str:
    """Return the JMESPath to the list of results in a good answer, or "" where none is told."""
    schema = _answer_schema(operation, references, where)
    return _path(schema, depth=0)


def _answer_schema(
    operation: Mapping[str, Any], references: References, where: str
) -> Mapping[str, Any]:
    responses = operation.get("responses")
    if not isinstance(responses, Mapping):
        return {}
    for status, response in responses.items():
        if not str(status).startswith("2"):
            continue
        resolved = references.resolved(response, where)
        if isinstance(resolved.get("schema"), Mapping):
            return references.schema(resolved["schema"], where)
        content = resolved.get("content")
        for media_type, media in content.items() if isinstance(content, Mapping) else ():
            if "json" in str(media_type) and isinstance(media, Mapping):
                return references.schema(media.get("schema"), where)
    return {}


def _path(schema: Mapping[str, Any], *, depth: int) -> str:
    if schema.get("type") == "array":
        return "@"
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return ""
    arrays = [name for name, part in properties.items() if _is_list(name, part)]
    known = [name for name in _LISTS if name in arrays]
    if known or (len(arrays) == 1 and len(properties) <= _MAX_BESIDE + 1):
        return (known or arrays)[0]
    for name in _LISTS:
        inner = properties.get(name)
        if depth == 0 and isinstance(inner, Mapping) and (path := _path(inner, depth=1)):
            return name if path == "@" else f"{name}.{path}"
    return ""


def _is_list(name: str, schema: Any) -> bool:
    """Return whether a property is a list of results, not of the words of one result."""
    if not isinstance(schema, Mapping) or schema.get("type") != "array":
        return False
    items = schema.get("items")
    is_words = isinstance(items, Mapping) and items.get("type") in ("string", "number", "integer")
    return bool(_PLAIN_NAME.fullmatch(name)) and (name in _LISTS or not is_words)


def utterances(
    summary: str, operation_id: str, tags: Sequence[str], parameters: Sequence[str], provider: str
) -> list[str]:
    """Return requests that the words of a description make: few, and always the same.

    They let the router find a tool that nobody wrote samples for.
    """
    about = " ".join(summary.rstrip(".").split())[:120]
    words = slug(operation_id).replace("_", " ")
    subject = provider.replace("_", " ")
    asked = " and ".join(name.replace("_", " ") for name in parameters[:2])
    made = [
        about,
        words,
        f"{about} on {subject}",
        f"{subject} {words}",
        f"use {subject} to {about[:1].lower()}{about[1:]}",
        f"{words} by {asked}" if asked else "",
        f"{about} for this {parameters[0].replace('_', ' ')}" if parameters else "",
        *(f"{tag} {words}" for tag in tags[:3]),
        *(f"{subject} {tag}" for tag in tags[:2]),
    ]
    clean = [" ".join(text.split()) for text in made]
    return [text for text in dict.fromkeys(clean) if len(text) > 2][:_MAX_UTTERANCES]
