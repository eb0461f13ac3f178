"""docs/tools.md as text: every tool by pack, and what is gone upstream. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from toollama.tools.discovery.entry import Entry
from toollama.tools.discovery.gone import Gone

_PACKS = {
    "drummer.search": "Finding: papers, news, the web",
    "drummer.content": "Reading and making: texts, pages, media",
    "drummer.analysis": "Reckoning: numbers, data, dates",
    "drummer.api": "Looking up: places, weather, checks, services",
}
_OTHERS = "Other tools"


def page(entries: Iterable[Entry], gone: Iterable[Gone]) -> str:
    """Return the generated part of the page."""
    return "\n".join([*_tools(list(entries)), *_gone(gone)]) + "\n"


def _tools(entries: Sequence[Entry]) -> Iterator[str]:
    """Yield one table per pack; a tool stands under the first of its Drummers' packs."""
    for pack, title in {**_PACKS, "": _OTHERS}.items():
        members = [entry for entry in entries if _home(entry) == pack]
        if not members:
            continue
        yield f"## {title}"
        yield ""
        if pack:
            yield f"Pack `{pack}`: {len(members)}."
            yield ""
        yield "| Tool | What it does | Needs | Effects | Hosts | Verified live |"
        yield "|---|---|---|---|---|---|"
        yield from map(_row, members)
        yield ""


def _home(entry: Entry) -> str:
    return next((pack for pack in entry.packs if pack in _PACKS), "")


def _row(entry: Entry) -> str:
    needs = ", ".join(f"`{name}`" for name in entry.credentials) or "nothing"
    if entry.off:
        needs = f"{needs}; off: {entry.off}"
    cells = (
        f"`{entry.name}`",
        entry.summary,
        needs,
        ", ".join(sorted(entry.effects)) or "none",
        ", ".join(f"`{host}`" for host in entry.hosts) or "none",
        entry.verified_live,
    )
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _gone(gone: Iterable[Gone]) -> Iterator[str]:
    yield "## What is dead or closed upstream and what replaces it"
    yield ""
    yield "| Service | What became of it | Instead |"
    yield "|---|---|---|"
    yield from (f"| {one.name} | {one.reason} | {one.replacement} |" for one in gone)
