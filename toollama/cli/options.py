"""Options that several commands share, so that they read the same everywhere."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
NoInput = Annotated[bool, typer.Option("--no-input", help="Never ask; deny what needs approval.")]
