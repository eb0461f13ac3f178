"""The error tree: every failure a user may meet, with its cause, its next step and its exit code.

Owns the exit codes (a documented API) and the one-line form printed on stderr. It never prints.
"""

from collections.abc import Mapping, Sequence
from enum import IntEnum

_LONGEST_CAUSE = 1000
"""Characters."""


class ExitCode(IntEnum):
    """Process exit codes of every command. Numbers are an API and never change meaning."""

    OK = 0
    FAILED = 1
    USAGE = 2
    MODEL = 3
    APPROVAL = 4
    NETWORK = 5
    SCHEMA = 6
    BUDGET = 7
    PARTIAL = 8
    HANGUP = 129
    INTERRUPTED = 130
    BROKEN_PIPE = 141
    TERMINATED = 143


class ToolLamaError(Exception):
    """A failure with its next step.

    `message` says what is wrong and names the thing; `fix` is the command or change that mends it.
    `code` and `exit_code` stand for the class's own where a failure is passed on. `waiting` is what
    waits for a person, as data: a call to allow, or a question.
    """

    code: str = "run.failed"
    exit_code: ExitCode = ExitCode.FAILED

    def __init__(
        self,
        message: str,
        *,
        fix: str,
        code: str | None = None,
        exit_code: ExitCode | None = None,
        waiting: Sequence[Mapping[str, object]] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.waiting: tuple[Mapping[str, object], ...] = tuple(waiting)
        self.fix = fix
        self.code = code or type(self).code
        self.exit_code = type(self).exit_code if exit_code is None else exit_code

    def line(self) -> str:
        """Return the one line that stderr shows: `error[CODE]: cause — fix: command`.

        A cause that quotes a long text is cut, so that the fix is seen.
        """
        cut = len(self.message) > _LONGEST_CAUSE
        cause = f"{self.message[: _LONGEST_CAUSE - 1]}…" if cut else self.message
        return f"error[{self.code}]: {cause} — fix: {self.fix}"


class RunFailed(ToolLamaError):
    """The run ended without a usable answer."""


class InputError(ToolLamaError):
    """What the user gave cannot be used: empty prompt, binary text, unreadable file."""

    code = "input.invalid"
    exit_code = ExitCode.USAGE


class InputTooLong(InputError):
    """The text does not fit the context of the model that must read it whole."""

    code = "input.too_long"


class ConfigError(ToolLamaError):
    """A configuration file is wrong; the message starts with `file:line key`."""

    code = "config.invalid"
    exit_code = ExitCode.USAGE


class UnknownName(ToolLamaError):
    """A model, role, profile, tool or run that does not exist."""

    code = "name.unknown"
    exit_code = ExitCode.USAGE


class ModelError(ToolLamaError):
    """A model cannot be used."""

    code = "model.failed"
    exit_code = ExitCode.MODEL


class ModelMissing(ModelError):
    """The file of a model is not on this machine."""

    code = "model.missing"


class ModelCorrupt(ModelError):
    """The file is not a GGUF file that llama.cpp can hold."""

    code = "model.corrupt"


class ModelDoesNotFit(ModelError):
    """No ladder rung makes the model fit the memory budget."""

    code = "model.does_not_fit"


class ModelBusy(ModelError):
    """Another process of this program owns the GPU."""

    code = "model.busy"


class ConstraintRefused(ModelError):
    """A schema or grammar asks for something the matcher cannot enforce."""

    code = "constraint.refused"
    exit_code = ExitCode.USAGE


class SchemaUnmet(ToolLamaError):
    """The answer cannot be given in the form that was asked for without making something up."""

    code = "schema.unmet"
    exit_code = ExitCode.SCHEMA


class ApprovalNeeded(ToolLamaError):
    """A call waits for a person, and nobody can be asked."""

    code = "approval.needed"
    exit_code = ExitCode.APPROVAL


class NetworkNeeded(ToolLamaError):
    """A required tool could not reach its host."""

    code = "network.unreachable"
    exit_code = ExitCode.NETWORK


class BudgetSpent(ToolLamaError):
    """What the run may spend is spent; what it has found so far is answered."""

    code = "run.budget"
    exit_code = ExitCode.BUDGET


class Cancelled(ToolLamaError):
    """The user stopped the run."""

    code = "run.cancelled"
    exit_code = ExitCode.INTERRUPTED


class StoreError(ToolLamaError):
    """The run log cannot be read or written."""

    code = "store.failed"


def first_leaf(error: BaseException) -> BaseException:
    """Return the first error of a group of errors, or the error itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
