"""Carries out what an insight suggests, on the screen and in the chat alike. It draws nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from toollama.agents import budget
from toollama.agents.plan_file import PlanFile
from toollama.ask_options import AskOptions
from toollama.errors import InputError
from toollama.events.payloads import Suggestion
from toollama.fold import RunView, subplan
from toollama.fold.insights import advice

_DURING_A_RUN = frozenset({"stop_task", "pin_model"})


class Steered(Protocol):
    """A conversation whose run can be stopped, and whose requests can be asked again."""

    @property
    def busy(self) -> bool:
        """Return whether a run goes on."""

    @property
    def last_request(self) -> AskOptions | None:
        """Return what was asked last, where it was asked here."""

    def cancel(self, task: int | None) -> None:
        """Stop a task of the run."""

    def retry(self, task: int) -> None:
        """Do a task of the run again, with what needs it."""

    def run_plan(self, plan: PlanFile, request: str) -> None:
        """Run a plan in place of one that Camina would make."""

    def ask_again(self, request: AskOptions) -> None:
        """Serve a request whose options are known."""

    def choose(self, models: Mapping[str, str]) -> None:
        """Let models play roles from the next request on."""


def apply(suggestion: Suggestion, view: RunView, conversation: Steered) -> str:
    """Carry out what was suggested of a run, and return what was done, in words.

    Raises `InputError` where it cannot be done now, or no more.
    """
    if conversation.busy and suggestion.what not in _DURING_A_RUN:
        raise InputError("a run goes on", fix="wait until it has ended, or stop it")
    match suggestion.what:
        case "stop_task":
            if not conversation.busy:
                raise InputError("the run has ended", fix="nothing is to be stopped")
            conversation.cancel(suggestion.task)
        case "retry_task":
            conversation.retry(suggestion.task or 0)
        case "leave_out_tool":
            plan, request = subplan.plan_for(view, suggestion.task or 0)
            conversation.run_plan(without_tool(plan, suggestion.tool), request)
        case "raise_budget":
            _raise_budget(suggestion, conversation)
        case "pin_model":
            conversation.choose({"all": suggestion.model})
    return advice(suggestion)


def without_tool(plan: PlanFile, tool: str) -> PlanFile:
    """Return the plan without one of its tools.

    Raises `InputError` where a task would have none left.
    """
    tasks = []
    for task in plan.tasks:
        left = tuple(name for name in task.tools if name != tool)
        if task.tools and not left:
            raise InputError(f"no other tool serves “{task.ask}”", fix="ask for it in other words")
        tasks.append(task.model_copy(update={"tools": left}))
    return plan.model_copy(update={"tasks": tuple(tasks)})


def _raise_budget(suggestion: Suggestion, conversation: Steered) -> None:
    asked = conversation.last_request
    if asked is None:
        raise InputError("this run was not asked here", fix="ask it again with --budget")
    more = budget.parse([f"{suggestion.unit}={suggestion.limit or 0:.12g}"], asked.limits)
    conversation.ask_again(replace(asked, budget=more))
