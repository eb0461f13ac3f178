"""Names of imported tools: `[a-z][a-z0-9_]*`, at most 64 characters, unique and always the same.

A name follows from the provider and the operation's id, else from its method and path. Where that
is not unique, too long, or not in Latin letters, a hash of method and path ends it, inside the
limit.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

MAX_CHARACTERS = 64
_HASH_CHARACTERS = 6
_MAX_PROVIDER = 24
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])")
_OTHER = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """Return a text as words in lower case joined by `_`: `getPetById` is `get_pet_by_id`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _OTHER.sub("_", _CAMEL.sub("_", plain).lower()).strip("_")


def is_latin(text: str) -> bool:
    """Return whether a slug keeps every letter of the text."""
    letters = [letter for letter in text if letter.isalnum()]
    kept = unicodedata.normalize("NFKD", "".join(letters)).encode("ascii", "ignore")
    return bool(letters) and len(kept) >= len(letters)


def provider_of(title: str, name: str) -> str:
    """Return the provider's name: the given one, the file's, or the title's."""
    found = next(filter(None, (slug(name), slug(title))), "imported")
    name = _led_by_letter(found)
    while len(name) > _MAX_PROVIDER and "_" in name:
        name = name.rpartition("_")[0]
    return name[:_MAX_PROVIDER]


def tool_names(provider: str, operations: Iterable[tuple[str, str, str]]) -> list[str]:
    """Return a name for each operation, given as its method, path and id (which may be empty)."""
    asked = [(_wanted(provider, *one), _digest(one[0], one[1])) for one in operations]
    counts: dict[str, int] = {}
    for (name, _), _ in asked:
        counts[name] = counts.get(name, 0) + 1
    taken: set[str] = set()
    names = []
    for (name, is_whole), digest in asked:
        unique = is_whole and counts[name] == 1 and name not in taken
        final = name if unique else _ended(name, digest)
        for number in range(2, 10_000):
            if final not in taken:
                break
            final = _ended(name, _digest(digest, str(number)))
        taken.add(final)
        names.append(final)
    return names


def _wanted(provider: str, method: str, path: str, operation_id: str) -> tuple[str, bool]:
    """Return a name, and whether it says all that its source says."""
    own = slug(operation_id) if is_latin(operation_id) else ""
    whole = True
    if not own:
        own = slug(f"{method} {path}")
        whole = is_latin(re.sub(r"[/{}]", "", path)) or not path.strip("/")
    name = own if own.startswith(f"{provider}_") or own == provider else f"{provider}_{own}"
    name = _led_by_letter(name)
    return name[:MAX_CHARACTERS].rstrip("_"), whole and len(name) <= MAX_CHARACTERS


def _led_by_letter(name: str) -> str:
    return name if name[:1].isalpha() else f"api_{name}"


def _ended(name: str, digest: str) -> str:
    return f"{name[: MAX_CHARACTERS - _HASH_CHARACTERS - 1].rstrip('_')}_{digest}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:_HASH_CHARACTERS]
