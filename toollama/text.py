"""The text boundary: untrusted text becomes displayable, bounded or fenced here and nowhere else.

Model output, tool output, file and model names are untrusted. Textual, Rich and Typer let escape
sequences through to the terminal, so what is shown must be `Visible`. Characters are replaced one
by one and never parsed as sequences: that makes `visible` total, idempotent and safe on any split
of a stream into chunks.
"""

import unicodedata
from functools import cache
from typing import NewType

Visible = NewType("Visible", str)
"""Text without any character that a terminal may act on."""

_KEPT = {0x09, 0x0A}
_PICTURES = 0x2400
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ZERO_WIDTH_KEPT = {0x200C, 0x200D}  # joiners shape Persian, Indic scripts and emoji
_SELECTORS = {*range(0xFE00, 0xFE10)}


def _replacement(code: int) -> str | None:
    """Return what stands in for the character, or None where it may be shown as it is."""
    if code in _KEPT or code in _ZERO_WIDTH_KEPT or code in _SELECTORS:
        return None
    if code < 0x20:
        return chr(_PICTURES + code)
    if code == 0x7F:
        return "\N{SYMBOL FOR DELETE}"
    category = unicodedata.category(chr(code))
    if category in {"Cc", "Cf", "Cs", "Zl", "Zp"} or 0xE0000 <= code <= 0xE0FFF:
        return _REPLACEMENT
    return None


class _Table(dict[int, str | None]):
    """A `str.translate` table that decides each character once."""

    def __missing__(self, code: int) -> str:
        found = _replacement(code)
        value = chr(code) if found is None else found
        self[code] = value
        return value


@cache
def _table() -> _Table:
    return _Table()


def visible(text: str) -> Visible:
    """Return the text with every control, bidi, tag and surrogate character made visible.

    Line feed and tab stay. The result has as many characters as the input.
    """
    return Visible(text.translate(_table()))


def well_formed(text: str) -> str:
    """Return the text with lone surrogates replaced: arguments may carry them, UTF-8 cannot."""
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: str, limit: int = 200) -> Visible:
    """Return the text on one line of at most `limit` characters, ending in … where it was cut."""
    return visible(truncate(" ".join(text.split()), limit))


def truncate(text: str, limit: int) -> str:
    """Cut the text to at most `limit` characters, the last being … where something was cut."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)] + "…"


def json_text(value: object) -> str:
    """Return the value as one indented JSON document that a terminal may be shown.

    A lone surrogate, which UTF-8 cannot carry, becomes a question mark.
    """
    from pydantic_core import PydanticSerializationError, to_json, to_jsonable_python

    try:
        text = to_json(value, indent=2, inf_nan_mode="null", fallback=str).decode()
    except PydanticSerializationError:  # it writes UTF-8 or nothing
        import json

        plain = to_jsonable_python(value, inf_nan_mode="null", fallback=str)
        text = well_formed(json.dumps(plain, indent=2, ensure_ascii=False))
    return f"{displayable_json(text)}\n"


def displayable_json(document: str) -> str:
    r"""Return the same document with what a terminal may act on written as \u escapes."""
    shown = visible(document)
    if shown == document:
        return document
    pairs = zip(document, shown, strict=True)
    return "".join(kept if kept == seen else _escaped(kept) for kept, seen in pairs)


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def fence(text: str, label: str, mark: str | None = None) -> str:
    """Wrap untrusted text for a prompt between delimiters that it cannot contain.

    The mark follows from the text, so that the same request is the same prompt in every run.
    """
    import hashlib  # the start of `--help` does without its cost

    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    mark = mark or digest.hexdigest()[:8]
    while mark in text:
        digest.update(mark.encode())
        mark = digest.hexdigest()[:16]
    return f"<{label} {mark}>\n{text}\n</{label} {mark}>"
