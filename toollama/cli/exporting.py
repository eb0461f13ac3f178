"""`toollama runs export`: one run as a document to keep, to send or to read in a browser."""

import os
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import log, out, saving

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


Name = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or its beginning, or `last`.")]
FormOption = Annotated[
    Form,
    typer.Option(
        "--format", "-F", help="jsonl is every event, as `ask --jsonl` prints it; otlp is a trace."
    ),
]
Redact = Annotated[
    bool,
    typer.Option(
        "--redact", help="Leave out keys, mail addresses, your name and your home directory."
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it to a file.")
]


def export(
    name: Name = "last",
    *,
    form: FormOption = Form.MARKDOWN,
    redact: Redact = False,
    output: Output = None,
) -> None:
    """Print a run as Markdown, JSON, its events as JSON lines, HTML, or an OpenTelemetry trace."""
    with log.opened() as store:
        row = store.find_run(name)
        told = store.events(row.run_id)
    text = document(row, told, form=form)
    if redact:
        from toollama.cli import redaction

        text = redaction.redacted(text, redaction.what_to_hide(os.environ, Path.home()))
    if output is not None:
        saving.save(output, text)
    else:
        out.data(text)


def document(row: "RunRow", told: "list[Event]", *, form: Form) -> str:
    """Return the run in this form, ending in a line feed."""
    match form:
        case Form.JSONL:
            return "".join(f"{event.to_line()}\n" for event in told)
        case Form.JSON:
            return out.json_text({"run": row, "events": [event.for_readers() for event in told]})
        case Form.HTML:
            from toollama.tools.reading.web_pages import page_from_markdown

            return page_from_markdown(_markdown(row, told), title=row.run_id).decode()
        case Form.OTLP:
            from toollama.cli import otlp

            return otlp.document(told)
        case Form.MARKDOWN:
            return _markdown(row, told)


def _markdown(row: "RunRow", told: "list[Event]") -> str:
    from toollama.store.tree import build_tree, render_tree
    from toollama.text import one_line, visible

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
    from toollama.text import one_line

    return [f"## {title}\n\n" + "\n".join(f"- {one_line(line)}" for line in lines)] if lines else []
