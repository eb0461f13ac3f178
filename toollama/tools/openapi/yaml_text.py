"""Read YAML of strangers as the data of JSON: bounded in nesting, and without YAML 1.1's surprises.

`off`, `no` and dates are texts, as YAML 1.2's core schema has it. libyaml composes by recursion
in C and dies of deep nesting, so that is measured on the event stream first where it may be deep.
"""

import re
from typing import Any

import yaml

from toollama.tools.openapi.faults import refused

MAX_DEPTH = 150
_MAX_MERGED = 20_000
_SAFE_DEPTH = 1_500
"""libyaml's composer was seen to bear 5,000 levels and to die of 100,000."""
_PAIRED = re.compile(r"\[[^\[\]{}\"'#\n]*\]|\{[^\[\]{}\"'#\n]*\}")
_LEADING = re.compile(r"^[ \t?-]*", re.MULTILINE)
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FIRST_OF_NUMBER = list("-+.0123456789")


class _CoreSchemaLoader(_BASE):  # type: ignore[misc] # libyaml's loader where it is built in
    """Safe, with the scalars of YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema)."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def flatten_mapping(self, node: Any) -> None:
        super().flatten_mapping(node)
        if len(node.value) > _MAX_MERGED:
            raise yaml.YAMLError("merge keys make a mapping too large")


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(?:0|[1-9][0-9]{0,17})", _FIRST_OF_NUMBER),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?",
        _FIRST_OF_NUMBER,
    ),
    ("merge", r"<<", ["<"]),
):
    _CoreSchemaLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first
    )


def read_all(text: str, *, name: str) -> list[Any]:
    """Return the documents of a YAML text. Raises `SpecRefused` with the line that is wrong."""
    try:
        if _may_be_deep(text):
            _check_depth(text, name)
        return list(yaml.load_all(text, Loader=_CoreSchemaLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise refused(name, where, error.problem or "this is no YAML") from error
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise refused(name, "", f"this is no YAML: {error}") from error


def _may_be_deep(text: str) -> bool:
    """Return whether a cheap upper bound of the nesting is more than C's stack is sure to bear.

    Brackets that pair up on a line without a quote or a comment between them nest nothing: in YAML
    either both are tokens or neither is.
    """
    longest = max((len(match[0]) for match in _LEADING.finditer(text)), default=0)
    if longest > _SAFE_DEPTH:
        return True
    for _ in range(4):
        if text.count("[") + text.count("{") <= _SAFE_DEPTH:
            return False
        text = _PAIRED.sub("", text)
    return text.count("[") + text.count("{") > _SAFE_DEPTH


def _check_depth(text: str, name: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_BASE):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                mark = event.start_mark
                where = f"line {mark.line + 1}" if mark else ""
                raise refused(name, where, f"nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
