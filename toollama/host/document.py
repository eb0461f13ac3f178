"""One run as a document to keep: Markdown, JSON, JSON lines, OTLP, or an HTML page."""

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING

from toollama.errors import InputError
from toollama.text import json_text, one_line, visible

if TYPE_CHECKING:
    from toollama.events import Event
    from toollama.store import RunRow

_TICKS = re.compile(r"`{3,}")


class Form(StrEnum):
    """What a run is exported as."""

    MARKDOWN = "md"
    JSON = "json"
    JSONL = "jsonl"
    HTML = "html"
    OTLP = "otlp"

    @classmethod
    def of(cls, file: str) -> "Form":
        """Return the form that a file's ending asks for. Raises `InputError`."""
        ending = PurePath(file).suffix.removeprefix(".")
        try:
            return cls(ending)
        except ValueError:
            known = ", ".join(f".{form}" for form in cls)
            raise InputError(f"{file}: unknown ending", fix=f"one of {known}") from None


def document(row: "RunRow", told: "Sequence[Event]", *, form: Form) -> str:
    """Return the run in this form, ending in a line feed."""
    match form:
        case Form.JSONL:
            return "".join(f"{event.to_line()}\n" for event in told)
        case Form.JSON:
            return json_text({"run": row, "events": [event.for_readers() for event in told]})
        case Form.HTML:
            from toollama.tools.reading.web_pages import page_from_markdown

            return page_from_markdown(_markdown(row, told), title=row.run_id).decode()
        case Form.OTLP:
            from toollama.host import otlp

            return otlp.document(told)
        case Form.MARKDOWN:
            return _markdown(row, told)


def _markdown(row: "RunRow", told: "Sequence[Event]") -> str:
    from toollama.store.tree import build_tree, render_tree

    ended = told[-1].data if told else {}
    facts = [f"status: {row.status}", f"started: {row.started_at:%Y-%m-%d %H:%M:%S} UTC"]
    facts += [] if row.duration_s is None else [f"seconds: {row.duration_s:.1f}"]
    tree = "\n".join(render_tree(build_tree(told)))
    marks = "`" * (1 + max(map(len, _TICKS.findall(tree)), default=2))
    parts = [
        f"# {one_line(row.prompt, 100)}",
        "\n".join(f"- {fact}" for fact in facts),
        f"## Answer\n\n{visible(row.answer.strip()) or 'none'}",
        *_listed("Sources", [f"{s['title']}: {s['locator']}" for s in ended.get("sources", ())]),
        *_listed("Limits", list(ended.get("limits", ()))),
        f"## What was done\n\n{marks}text\n{tree}\n{marks}",
    ]
    return "\n\n".join(parts) + "\n"


def _listed(title: str, lines: list[str]) -> list[str]:
    return [f"## {title}\n\n" + "\n".join(f"- {one_line(line)}" for line in lines)] if lines else []
