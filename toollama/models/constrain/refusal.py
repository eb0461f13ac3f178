"""The one form in which a constraint is refused."""

from toollama.errors import ConstraintRefused
from toollama.text import one_line


def refusal(problem: str) -> ConstraintRefused:
    """Return the error for a constraint; the problem starts with its place where it has one."""
    return ConstraintRefused(
        f"the output format cannot be enforced: {one_line(problem)}",
        fix="change the schema at the place named",
    )
