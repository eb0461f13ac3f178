"""What a unified diff changes, counted: a true summary that no model is needed for. Pure."""

import re
from dataclasses import dataclass

_FILE = re.compile(r"^diff --git a/(?P<old>.+?) b/(?P<new>.+)$|^\+\+\+ (?:b/)?(?P<plain>\S+)")
_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@")
_SHOWN_FILES = 5


@dataclass(slots=True)
class FileChange:
    """How many lines of one file came and went."""

    path: str
    added: int = 0
    removed: int = 0


def changes(text: str) -> list[FileChange]:
    """Return the files that a unified diff changes; none where the text is not a diff."""
    found: list[FileChange] = []
    inside = False
    for line in text.splitlines():
        if match := _FILE.match(line):
            path = match["new"] or match["plain"]
            if not found or found[-1].path != path:
                found.append(FileChange(path))
            inside = False
        elif _HUNK.match(line):
            inside = True
        elif inside and found and line[:1] == "+":
            found[-1].added += 1
        elif inside and found and line[:1] == "-":
            found[-1].removed += 1
    return [change for change in found if change.added or change.removed]


def describe(text: str) -> list[str]:
    """Return sentences that say what a diff changes, the whole first, the largest files next."""
    changed = changes(text)
    if not changed:
        return []
    added = sum(change.added for change in changed)
    removed = sum(change.removed for change in changed)
    files = "1 file" if len(changed) == 1 else f"{len(changed)} files"
    lines = [f"The diff changes {files}: {added} lines added, {removed} removed."]
    if len(changed) > 1:
        largest = sorted(changed, key=lambda change: -(change.added + change.removed))
        lines += [
            f"{change.path}: {change.added} added, {change.removed} removed."
            for change in largest[:_SHOWN_FILES]
        ]
    return lines
