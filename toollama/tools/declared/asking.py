"""The arguments that a request's words hold: by the tool's own patterns, then by general cues.

What a pattern gives is certain: the tool's author wrote down how the argument stands in a request.
What is left is looked for as in any function that others describe (`tools.foreign`), and is certain
only for a tool without patterns: a lone quotation may be the argument of any tool.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from pydantic import ValidationError

from toollama.tools.base import Candidate, Proposal
from toollama.tools.declared.arguments import DeclaredArguments
from toollama.tools.foreign.proposing import propose as propose_by_cues
from toollama.tools.foreign.signature import Signature, signature_of
from toollama.tools.foreign.spans import items_of

_QUOTES = "\"'“”‘’`"
_MAX_CHARACTERS = 4_000


class Reader:
    """Reads requests for one tool."""

    def __init__(
        self,
        name: str,
        summary: str,
        model: type[DeclaredArguments],
        asks: Sequence[re.Pattern[str]],
    ) -> None:
        self._name = name
        self._summary = summary
        self._model = model
        self._asks = asks

    @cached_property
    def _blank(self) -> DeclaredArguments:
        return self._model.model_construct()

    @cached_property
    def _schema(self) -> Mapping[str, Any]:
        return self._model.model_json_schema()

    @cached_property
    def _signature(self) -> Signature:
        return signature_of(
            {"name": self._name, "description": self._summary, "parameters": self._schema}
        )

    def read(self, text: str) -> Proposal:
        """Return candidates by parameter."""
        clause = " ".join(text[:_MAX_CHARACTERS].split())
        certain = self._certain(clause)
        proposal = {name: [Candidate(v, "words", certain=True)] for name, v in certain.items()}
        if certain and certain.keys() >= self._model.model_fields.keys():
            return proposal
        taken = {str(value).casefold() for value in certain.values()}
        for name, candidates in propose_by_cues(self._signature, text).items():
            if name not in self._model.model_fields or name in certain:
                continue
            left = [
                replace(one, certain=one.certain and not self._asks)
                for one in candidates
                if not _is_taken(one.value, taken) and self._takes(name, one.value)
            ]
            if left:
                proposal[name] = left
        return proposal

    def _certain(self, clause: str) -> dict[str, Any]:
        """Return the values of the first pattern that stands in the clause and makes sense."""
        for ask in self._asks:
            match = ask.search(clause)
            if match is None:
                continue
            groups = {name: text.strip() for name, text in match.groupdict().items() if text}
            values = {name: self._value(name, text) for name, text in groups.items()}
            if values and None not in values.values():
                return values
        return {}

    def _takes(self, name: str, value: Any) -> bool:
        """Return whether a parameter takes a value that the cues found."""
        return self._validated(name, value) is not None

    def _value(self, name: str, text: str) -> Any:
        """Return the words as the parameter takes them, None where it does not."""
        schema = self._schema["properties"].get(name, {})
        bare = text.strip(_QUOTES + " ,;:").rstrip("?!").rstrip()
        value: Any = bare
        if schema.get("type") in {"integer", "number"}:
            value = bare.replace(",", "")
        elif schema.get("type") == "array":
            value = items_of(bare)
        return self._validated(name, value)

    def _validated(self, name: str, value: Any) -> Any:
        """Return one value as the model takes it, whatever its other parameters are."""
        blank = self._blank.model_copy()
        try:
            checked = self._model.__pydantic_validator__.validate_assignment(blank, name, value)
        except ValidationError:
            return None
        return getattr(checked, name)


def _is_taken(value: Any, taken: Iterable[str]) -> bool:
    spelled = str(value).casefold()
    return any(spelled in text or text in spelled for text in taken if text)
