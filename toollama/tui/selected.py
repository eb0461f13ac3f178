"""The Markdown behind what is selected of a drawn block: its marks, not the drawn bullets. Pure."""

from textual.selection import Selection

_FENCES = ("```", "~~~")


def selected_source(source: str, drawn: str, selection: Selection) -> str:
    """Return the source of a selection in a block drawn as `drawn`.

    A line that is selected whole comes as its source has it, any other as it is drawn. Where lines
    of both do not correspond, all of the selection comes as it is drawn.
    """
    if selection.start is None and selection.end is None:
        return source
    shown = drawn.split("\n")
    lines = _lines(source)
    if len(lines) != len(shown):
        return selection.extract(drawn)
    found: list[str] = []
    for at, (line, text) in enumerate(zip(lines, shown, strict=True)):
        span = selection.get_span(at)
        if span is None:
            continue
        start, end = span[0], len(text) if span[1] < 0 else span[1]
        found.append(line if start == 0 and end >= len(text) else text[start:end])
    return "\n".join(found)


def _lines(source: str) -> list[str]:
    """Return the lines that are drawn: the marks around code are not."""
    lines = source.split("\n")
    if not source.lstrip().startswith(_FENCES):
        return lines
    closed = len(lines) > 1 and lines[-1].strip().startswith(_FENCES)
    return lines[1:-1] if closed else lines[1:]
