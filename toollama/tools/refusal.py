"""The refusal of a call whose arguments cannot be used."""

from toollama.tools.base import ToolFailure


def refusal(message: str, *, fix: str) -> ToolFailure:
    """Return the failure of a call that asked for something that cannot be had.

    `message` names the thing; `fix` is what to write instead.
    """
    return ToolFailure(message, kind="invalid_input", fix=fix)
