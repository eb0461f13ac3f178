"""`toollama runs export`: one run as a document to keep, to send or to read in a browser."""

import os
from pathlib import Path
from typing import Annotated

import typer

from toollama.cli import log, out, saving
from toollama.host.document import Form, document

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
    if output is None or output == saving.STDOUT:
        out.data(text)
    else:
        saving.save(output, text)
