"""The files that a request means: named in its words, or attached to it. Opens none."""

import re

from toollama.tools.base import Attachment, Candidate, ToolContext
from toollama.tools.reading.documents import KIND_BY_SUFFIX

TABLE_SUFFIXES = frozenset(
    suffix for suffix, kind in KIND_BY_SUFFIX.items() if kind in {"csv", "tsv", "json", "jsonl"}
)
READABLE_SUFFIXES = frozenset(KIND_BY_SUFFIX) | {
    *(".txt", ".text", ".rst", ".log", ".xml", ".yaml", ".yml", ".toml"),
    *(".ini", ".cfg", ".py", ".js", ".ts", ".sh", ".sql", ".tex"),
}

_LONGEST_NAME = 400
"""Characters: without a bound, words joined by hyphens take time by the square of their length."""


def path_candidates(
    text: str, context: ToolContext, *, suffixes: frozenset[str]
) -> tuple[Candidate, ...]:
    """Return the files that a request may mean, best first: named ones, then attached ones.

    One file alone, or one named among several attached, is certain. Text that came without a file
    counts as a file of any type.
    """
    attached = [given for given in context.attachments if _has_suffix(given, suffixes)]
    words = _named_files(text, suffixes)
    named = [given for given in attached if _is_named(given, text)]
    attached_names = {given.name for given in attached} | {
        given.path.name for given in attached if given.path
    }
    loose = [word for word in words if word not in attached_names]
    if loose and not named:
        return tuple(Candidate(word, "words", certain=len(loose) == 1) for word in loose)
    ranked = named + [given for given in attached if given not in named]
    certain = len(named) == 1 or len(ranked) == 1
    return tuple(
        Candidate(given.name, "context", certain=certain and place == 0)
        for place, given in enumerate(ranked)
    )


def _has_suffix(given: Attachment, suffixes: frozenset[str]) -> bool:
    return given.path is None or given.path.suffix.lower() in suffixes


def _is_named(given: Attachment, text: str) -> bool:
    path = given.path
    if path is None:
        return False
    whole = rf"(?<![\w.]){re.escape(path.name)}(?!\w)"
    stem = rf"(?<!\w){re.escape(path.stem)}(?: (?:file|table|document|data))\b"
    return bool(re.search(rf"{whole}|{stem}", text, re.IGNORECASE))


def _named_files(text: str, suffixes: frozenset[str]) -> list[str]:
    """Return the file names in a request, in order; a web address is not a file name."""
    endings = "|".join(sorted((suffix[1:] for suffix in suffixes), key=len, reverse=True))
    local = re.sub(r"\b\w+://\S+", " ", text)
    quoted = rf"[\"'`]([^\"'`\n]+\.(?:{endings}))[\"'`]"
    bare = rf"(?<![\w./~])((?:[~./]+/?)?[\w][\w./+-]{{0,{_LONGEST_NAME}}}\.(?:{endings}))(?![\w/])"
    found = re.findall(rf"{quoted}|{bare}", local, re.IGNORECASE)
    return list(dict.fromkeys(first or second for first, second in found))
