"""The key that a call cannot do without."""

from toollama.tools.base import ToolContext, ToolFailure


def required_key(name: str, *, host: str, context: ToolContext) -> str:
    """Return the value of a key for one host.

    Raises `ToolFailure(kind="missing_credential")` with the command that sets it.
    """
    value = context.credentials.get(name, host=host)
    if not value:
        raise ToolFailure(
            f"{host} wants {name}, which is not set",
            kind="missing_credential",
            fix=f"toollama keys set {name}",
            lasting=True,
        )
    return value
