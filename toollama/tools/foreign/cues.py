"""What a parameter's name and description say about its values: nouns, examples, legends. Pure."""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from toollama.tools.foreign.signature import Parameter

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W_]+")
_SUFFIXES = ("ations", "ation", "ings", "ing", "ies", "ers", "er", "ed", "es", "s", "y", "e")
_EXAMPLE = re.compile(r"['\"‘“]([^'\"‘’“”]{1,60})['\"’”]")
_EXAMPLES_BEGIN = re.compile(
    r"\b(?:such as|like|e\.g\.|examples?|for instance|either)\b", re.IGNORECASE
)
_LEGEND = re.compile(
    r"['\"]?(?P<value>[\w.-]{1,24}?)['\"]?\s+(?:=|is |for |represents |corresponds to |means |to )"
    r"\s*(?:an? |the )?['\"]?(?P<label>[^\W\d][\w -]{1,40}?)['\"]?(?=[,.;)]|\s+(?:and|or)\b|$)"
)
_HOLLOW = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "for",
        "in",
        "on",
        "at",
        "by",
        "and",
        "or",
        "is",
        "are",
        "be",
        "with",
        "that",
        "this",
        "it",
        "as",
        "from",
        "if",
        "not",
        "will",
        "can",
        "which",
        "value",
        "values",
        "number",
        "specified",
        "given",
        "string",
        "list",
        "array",
        "flag",
        "whether",
        "name",
        "type",
        "parameter",
        "user",
        "used",
        "optional",
        "default",
        "format",
        "include",
        "included",
        "enable",
        "enabled",
        "enabl",
        "includ",
        "is",
        "has",
        "id",
        "desired",
        "current",
        "such",
        "example",
    ]
)


@lru_cache(maxsize=4096)
def words(text: str) -> tuple[str, ...]:
    """Return the words of a text or an identifier in lower case: `maxResults` is two."""
    return tuple(word.lower() for word in _WORD.findall(_CAMEL.sub(" ", text)))


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """Return a word without its ending, so that `cleaning` meets `clean`."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


@lru_cache(maxsize=4096)
def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words."""
    return tuple(map(stem, words(text)))


@lru_cache(maxsize=4096)
def name_stems(parameter: Parameter) -> tuple[str, ...]:
    """Return the stems of the parameter's own name that mean something, or all where none does."""
    own = stems(parameter.path[-1])
    return tuple(word for word in own if word not in _HOLLOW) or own


@lru_cache(maxsize=4096)
def described_stems(parameter: Parameter) -> frozenset[str]:
    """Return the stems of the description that mean something."""
    return frozenset(word for word in stems(parameter.description) if word not in _HOLLOW)


@lru_cache(maxsize=4096)
def examples(parameter: Parameter) -> tuple[str, ...]:
    """Return the values that the description quotes as examples."""
    begin = _EXAMPLES_BEGIN.search(parameter.description)
    return tuple(_EXAMPLE.findall(parameter.description[begin.end() :])) if begin else ()


def legend(parameter: Parameter) -> dict[str, Any]:
    """Return what the description says that its values stand for, by label.

    `'1' for cleaning, '2' for ironing` gives `{"cleaning": 1, "ironing": 2}`.
    """
    found: dict[str, Any] = {}
    for match in _LEGEND.finditer(parameter.description):
        value = _typed(match["value"], parameter)
        if value is not None:
            found.setdefault(match["label"].strip().lower(), value)
    return found


def _typed(text: str, parameter: Parameter) -> Any:
    if parameter.kind == "integer":
        return int(text) if text.isdigit() else None
    return text if text in parameter.options else None


@lru_cache(maxsize=4096)
def labels(parameter: Parameter) -> Mapping[str, Any]:
    """Return the words that stand for each value of a closed set, by those words."""
    spelled = {" ".join(words(str(option))): option for option in parameter.options}
    return MappingProxyType({**spelled, **legend(parameter)})
