"""Read what a service answered as the type its documentation promises, or fail naming it."""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from toollama.text import one_line
from toollama.tools.base import HttpReply, ToolFailure

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


def json_of(reply: HttpReply, *, service: str) -> Any:
    """Return the body of a reply as JSON. Raises `ToolFailure(kind="upstream")` where it is not."""
    try:
        return from_json(reply.body, allow_inf_nan=False)
    except ValueError as error:
        raise ToolFailure(
            f"{service} sent something that is not JSON", kind="upstream", fix="try again later"
        ) from error
