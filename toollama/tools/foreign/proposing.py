"""Candidates for every parameter of a foreign function, found in the words of one request. Pure.

Each value is given to one parameter, to the one that it fits best. An optional parameter is filled
on a cue only. What the words leave open is left to the model.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from toollama.tools.base import Candidate
from toollama.tools.foreign import dates, readers, spans
from toollama.tools.foreign.amounts import Amount, amounts, in_unit
from toollama.tools.foreign.amounts import read as amounts_in
from toollama.tools.foreign.closed import options_meant, switch_meant
from toollama.tools.foreign.cues import described_stems, labels, name_stems, words
from toollama.tools.foreign.signature import Parameter, Signature
from toollama.tools.foreign.spans import Pieces, Span

Proposed = dict[str, list[Candidate]]
_FREE_CHARACTERS, _COPIED_CHARACTERS = 400, 120
_MAX_ITEMS = 16
_MAX_CHARACTERS = 4_000
_MAX_GUESSES = 7
_OPTIONAL_TEXT = 3.2
_OPTIONAL_NUMBER = 3.0


def propose(signature: Signature, text: str) -> Proposed:
    """Return the candidates by parameter, best first; none for what the words do not speak of.

    Of a text of more than 4,000 characters only the beginning is read.
    """
    proposed: Proposed = {}
    text = text[:_MAX_CHARACTERS]
    for parameter in signature.parameters:
        found = _closed(parameter, text)
        if found:
            proposed[parameter.name] = found
    _dates(signature, text, proposed)
    open_ones = [one for one in signature.parameters if one.name not in proposed]
    lists = [one for one in open_ones if one.kind == "array"]
    _lists([one for one in lists if _item_kind(one) == "string"], text, proposed)
    _numbers([one for one in open_ones if one.kind in {"integer", "number"}], text, proposed)
    _lists([one for one in lists if _item_kind(one) != "string"], text, proposed)
    _texts([one for one in open_ones if one.kind == "string"], Pieces(text), proposed)
    return proposed


def _closed(parameter: Parameter, text: str) -> list[Candidate]:
    if parameter.kind == "boolean":
        meant = switch_meant(parameter, text)
        return [] if meant is None else [Candidate(meant, "words", certain=True)]
    if parameter.kind == "array" or not labels(parameter):
        return []
    found = options_meant(parameter, text)
    return [Candidate(value, "words", certain=len(found) == 1) for value in found]


def _dates(signature: Signature, text: str, proposed: Proposed) -> None:
    asked = [
        (one, form)
        for one in signature.parameters
        if one.kind == "string"
        and one.name not in proposed
        and not one.options
        and (form := dates.format_of(one.description))
    ]
    moments = dates.moments(text) if asked else []
    for at, (parameter, form) in enumerate(asked):
        if form == dates.CLOCK:
            hours = dates.hours(text)
            if hours:
                found = [Candidate(hours[0].strftime(form), "words", certain=len(hours) == 1)]
                proposed[parameter.name] = found
        elif moments and (parameter.required or at < len(moments)):
            moment = moments[min(at, len(moments) - 1)]
            proposed[parameter.name] = [Candidate(moment.strftime(form), "words", certain=True)]


def _numbers(parameters: Sequence[Parameter], text: str, proposed: Proposed) -> None:
    if not parameters:
        return
    digits, found = amounts(_without_dates(text))
    quotations = spans.quoted(digits)
    found = [one for one in found if not _quoted_with_words(one, quotations)]
    pairs = sorted(
        (
            (_fit(parameter, amount, digits) + 3 * parameter.required, -order, -at)
            for order, parameter in enumerate(parameters)
            for at, amount in enumerate(found)
        ),
        reverse=True,
    )
    used: set[int] = set()
    for score, negative_order, negative_at in pairs:
        parameter, at = parameters[-negative_order], -negative_at
        if parameter.name in proposed or at in used or score < 0:
            continue
        if not parameter.required and score < _OPTIONAL_NUMBER:
            continue
        value = in_unit(found[at], parameter.description)
        if parameter.kind == "integer" and value != int(value):
            continue
        used.add(at)
        alone = len(parameters) == 1 and len(found) == 1
        proposed[parameter.name] = [
            Candidate(
                float(value) if parameter.kind == "number" else int(value),
                "words",
                certain=alone or score >= 2 or parameter.required,
            )
        ]

    _last_number(parameters, [one for at, one in enumerate(found) if at not in used], proposed)


def _last_number(
    parameters: Sequence[Parameter], left: Sequence[Amount], proposed: Proposed
) -> None:
    """Give the one number that is left to the one parameter that is left, if it fits."""
    open_ones = [one for one in parameters if one.name not in proposed and not labels(one)]
    if len(left) == len(open_ones) == 1 and _is_measured(open_ones[0], left[0]):
        value = in_unit(left[0], open_ones[0].description)
        if open_ones[0].kind == "number" or value == int(value):
            cast = float if open_ones[0].kind == "number" else int
            proposed[open_ones[0].name] = [Candidate(cast(value), "words", certain=True)]


def _is_measured(parameter: Parameter, amount: Amount) -> bool:
    return not re.search(r"\byear\b", parameter.description) or amount.value > 1000


def _quoted_with_words(amount: Amount, quotations: Sequence[Span]) -> bool:
    """Return whether the number is part of a quotation, such as a product's name."""
    return any(one.start < amount.start < one.end and " " in one.text for one in quotations)


def _without_dates(text: str) -> str:
    return re.sub(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}/\d{4}\b|\b20\d{6}\b", "", text)


def _fit(parameter: Parameter, amount: Amount, text: str) -> float:
    """Return how well an amount fits: by nouns near it, its unit, and what kind of number it is."""
    if parameter.kind == "integer" and in_unit(amount, parameter.description) % 1:
        return -1.0
    span = Span("", amount.start, amount.end)
    near = spans.distance(text, span, name_stems(parameter), reach=5)
    described = spans.distance(text, span, described_stems(parameter), reach=3)
    score = float(max(6 - near, 0) + max(4 - described, 0))
    about = f"{' '.join(words(parameter.path[-1]))} {parameter.description.lower()}"
    if len(amount.unit) > 1 and re.search(rf"\b{re.escape(amount.unit)}s?\b", about):
        score += 3
    if amount.unit == "%" and re.search(r"percent|porcentaje|\d%", about):
        score += 3
    if amount.unit in {"n", "s"} and "latitude" in about:
        score += 6
    if amount.unit in {"e", "w"} and "longitude" in about:
        score += 6
    is_year = isinstance(amount.value, int) and 1900 <= amount.value <= 2100 and not amount.unit
    if re.search(r"\byear\b|\baño\b", about.partition(".")[0]):
        score += 3 if is_year else -2
    return score


def _texts(parameters: Sequence[Parameter], pieces: Pieces, proposed: Proposed) -> None:
    if not parameters:
        return
    wanting = sum(one.required for one in parameters)
    scored = {one.name: readers.texts(one, pieces) for one in parameters if not one.options}
    for one in parameters:
        if wanting == 1 and one.required and readers.takes_all(one) and not one.options:
            scored[one.name].append(readers.everything(pieces.text))
    spent = _spent(proposed)
    taken = [span for span in (*pieces.quoted, *pieces.names) if span.text in spent]
    order = sorted(
        (
            (one.score + (0.3 if parameter.required else 0.0), -at, parameter, one)
            for at, parameter in enumerate(parameters)
            for one in scored.get(parameter.name, ())
        ),
        key=lambda pair: pair[:2],
        reverse=True,
    )
    for _, _, parameter, fit in order:
        if parameter.name in proposed or any(_overlap(fit.span, other) for other in taken):
            continue
        if not parameter.required and (fit.score < _OPTIONAL_TEXT or fit.span.text in spent):
            continue
        taken.append(fit.span)
        settled = _is_settled(parameter, fit, alone=wanting == 1)
        rest = [other for other in scored[parameter.name] if other.span.text != fit.span.text]
        rest = [] if settled else rest[:_MAX_GUESSES]
        proposed[parameter.name] = [
            Candidate(fit.span.text, "words", certain=settled),
            *(Candidate(other.span.text, "words") for other in rest),
        ]

    _leftovers([one for one in parameters if one.name not in proposed], pieces, taken, proposed)


def _spent(proposed: Proposed) -> set[str]:
    """Return the texts that options and lists have taken."""
    values = [one.value for found in proposed.values() for one in found[:1]]
    items = [item for value in values if isinstance(value, list) for item in value]
    return {str(value) for value in [*values, *items]}


def _leftovers(
    parameters: Sequence[Parameter], pieces: Pieces, taken: Sequence[Span], proposed: Proposed
) -> None:
    """Give the one quotation or name that is left to the one optional text that is left."""
    open_ones = [one for one in parameters if not one.options and not _is_formed(one)]
    if len(open_ones) != 1:
        return
    for found in (pieces.quoted, pieces.names):
        left = [span for span in found if not any(_overlap(span, other) for other in taken)]
        if len(left) == 1:
            proposed[open_ones[0].name] = [Candidate(left[0].text, "words")]
            return


def _is_formed(parameter: Parameter) -> bool:
    return readers.has_form(parameter) or dates.format_of(parameter.description) is not None


def _is_settled(parameter: Parameter, one: readers.Scored, *, alone: bool) -> bool:
    """Return whether a span is the value: by its score, or as the only thing that is asked for."""
    if readers.wants_place(parameter) and "," not in one.span.text:
        return False
    return one.certain or (alone and parameter.required and one.score >= 3.0)


def _overlap(left: Span, right: Span) -> bool:
    return left.start < right.end and right.start < left.end


def _item_kind(parameter: Parameter) -> str:
    return str(parameter.schema.get("items", {}).get("type", "string"))


def _lists(parameters: Sequence[Parameter], text: str, proposed: Proposed) -> None:
    for parameter in parameters:
        if len(parameters) == 1 or _item_kind(parameter) != "string":
            _list(parameter, text, proposed)


def _list(parameter: Parameter, text: str, proposed: Proposed) -> None:
    items: Mapping[str, Any] = parameter.schema.get("items", {})
    kind = _item_kind(parameter)
    values: list[Any] = []
    if kind in {"integer", "number"}:
        spent = [one.value for found in proposed.values() for one in found]
        amounts_here = amounts_in(text) or amounts(text)[1]
        values = [amount.value for amount in amounts_here if amount.value not in spent]
    elif kind == "string" and items.get("enum"):
        spoken = text.lower()
        values = [option for option in items["enum"] if str(option).lower() in spoken]
    elif kind == "string":
        quoted = [span.text for span in spans.quoted(text)]
        listings = spans.listed(text)
        values = quoted or (spans.items_of(listings[0].text) if listings else [])
    if values and (parameter.required or readers.mentions(parameter, text)):
        proposed[parameter.name] = [Candidate(values, "words", certain=len(values) > 1)]


def narrowed(
    parameter: Parameter, candidates: Sequence[Candidate], *, free: bool
) -> dict[str, Any]:
    """Return the parameter's schema for one request, as narrow as the words allow.

    A place that is asked for as `City, State` begins with a place that the words name. A list has
    at most sixteen items. What a `free` model may write is longer.
    """
    schema = {key: value for key, value in parameter.schema.items() if key != "default"}
    if parameter.kind == "string" and not parameter.options:
        schema.setdefault("maxLength", _FREE_CHARACTERS if free else _COPIED_CHARACTERS)
        if readers.wants_place(parameter) and candidates and not candidates[0].certain:
            named = "|".join(re.escape(str(one.value)) for one in candidates[:4])
            schema = {**schema, "pattern": rf"^(?:{named}), [A-Z][A-Za-z .]{{1,24}}$"}
            del schema["maxLength"]
    if parameter.kind == "array":
        schema.setdefault("maxItems", _MAX_ITEMS)
    return schema
