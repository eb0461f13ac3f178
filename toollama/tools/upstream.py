"""Read what a service answered as the type its documentation promises, or fail naming it."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from toollama.text import one_line
from toollama.tools.base import ToolFailure

T = TypeVar("T")


class Document(BaseModel):
    """Base of the parts of a service's answer that a tool reads; the rest is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


def read_as(document_type: type[T], answer: Any, *, service: str) -> T:
    """Return the answer as `document_type`.

    Raises `ToolFailure(kind="upstream")` naming the first field that is not as documented.
    """
    try:
        return TypeAdapter(document_type).validate_python(answer)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the answer"
        raise ToolFailure(
            f"{service} did not answer as documented: {where}: {one_line(first['msg'])}",
            kind="upstream",
            fix="use another tool, and report it",
        ) from error
