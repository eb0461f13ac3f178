"""One errand: a call that a task needs, with whatever recovery it takes.

What to do about a failure is decided by `agents.recovery`; here the steps are taken and told.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json, to_jsonable_python

from toollama.agents import calls, crew, loops
from toollama.agents.broaden import broader
from toollama.agents.coerce import coerce
from toollama.agents.drummer import Drummer, ToolCall
from toollama.agents.messages import Finding
from toollama.agents.questions import ArgumentNeeded
from toollama.agents.reading import to_findings
from toollama.agents.recovery import ErrorClass, Situation, Step, classify, next_step
from toollama.agents.route import read
from toollama.agents.run import Run
from toollama.events.payloads import Insight, QuestionAsked, Rung
from toollama.models.slots import Slot, slots_of
from toollama.text import one_line, visible
from toollama.tools import run as runner
from toollama.tools.base import Candidate, ToolFailure, ToolResult

_REASON_CHARACTERS = 200
_DONE_WITH = Finding(statement="nothing was found", empty=True)


class _Repeated(ToolFailure):
    """The same call failed before, for another task."""

    def __init__(self, failure: ToolFailure) -> None:
        super().__init__(failure.message, kind=failure.kind, fix=failure.fix)


@dataclass(slots=True)
class _Attempts:
    """What was tried with one tool."""

    tool: str
    exact: bool
    call: ToolCall | None = None
    stronger: bool = False
    """The arguments are filled by the model above."""
    retries: int = 0
    repairs: int = 0
    refused: list[Any] = field(default_factory=list)
    """Values that the tool refused."""


class Errand:
    """Gets the findings of one task from one tool, or from another that does the same."""

    def __init__(
        self,
        run: Run,
        task_no: int,
        ask: str,
        inputs: Sequence[Finding],
        *,
        tools: Sequence[str],
        exact: bool,
    ) -> None:
        """Begin with the first of `tools`; `exact` takes the words' own reading."""
        self._run = run
        self._task_no = task_no
        self._ask = ask
        self._inputs = inputs
        self._others = list(tools[1:])
        self._now = _Attempts(tools[0], exact)
        self._given: dict[str, str] = {}
        """Values that the user gave when asked."""
        self._claimed: set[str] = set()
        self._nothing: list[Finding] = []
        self.assumptions: list[str] = []

    async def findings(self) -> list[Finding]:
        """Return what was found. Raises `ToolFailure` or `BudgetSpent` where nothing was."""
        while True:
            failure: ToolFailure | None = None
            try:
                result, evidence = await self._attempt()
            except ToolFailure as error:
                failure = error
            else:
                found = to_findings(result, evidence)
                if result.status == "ok":
                    return found
                self._nothing = self._nothing or found or [_DONE_WITH]
            if not await self._recovered(failure):
                if self._nothing or failure is None:
                    return self._nothing
                raise failure

    async def _attempt(self) -> tuple[ToolResult, list[str]]:
        run, now = self._run, self._now
        spec = run.registry.get(now.tool).spec
        with run.bus.acting(
            crew.drummer(crew.drummer_of(spec), self._task_no), doing=f"call {now.tool}"
        ):
            if now.call is None:
                now.call = await Drummer(run).fill(
                    now.tool,
                    self._ask,
                    inputs=self._inputs,
                    exact=now.exact,
                    given=self._given,
                    member=run.member("camina") if now.stronger else None,
                )
            outcome = await self._made(now.call)
        self.assumptions += now.call.assumptions
        return outcome

    async def _made(self, call: ToolCall) -> tuple[ToolResult, list[str]]:
        """Make the call, unless the run has made the same one: its outcome is this one's too."""
        key = loops.call_key(call.tool, call.arguments)
        book = self._run.book
        while key not in self._claimed:
            before = book.claim(key)
            if before is None:
                self._claimed.add(key)
                break
            self._tell_of_loop(call)
            known = await asyncio.shield(before)
            if isinstance(known, ToolFailure):
                raise _Repeated(known)
            if known is not None:
                return known
        outcome: loops.Outcome | None = None
        try:
            outcome = await calls.call(
                self._run, call.tool, call.arguments, argument_sources=call.sources
            )
            return outcome
        except ToolFailure as failure:
            outcome = failure
            raise
        finally:
            book.settle(key, outcome)

    def _tell_of_loop(self, call: ToolCall) -> None:
        length = loops.cycle_length(self._run.book.history)
        cycle = f", a cycle of {length}" if length else ""
        self._run.bus.emit(
            Insight(
                severity="critical",
                kind="loop",
                message=f"{call.tool} was wanted again with the same arguments{cycle}: "
                "what the first call gave is used",
            )
        )

    async def _recovered(self, failure: ToolFailure | None) -> bool:
        """Take the next step of the ladder; return whether there is another attempt to make."""
        if isinstance(failure, ArgumentNeeded) and await self._answered(failure):
            return True
        situation = self._situation(failure)
        # Spreads the retries of several processes; nothing secret hangs on it.
        step = next_step(situation, jitter=random.random())  # noqa: S311
        if step.rung == "replan":  # Camina's step: for this task it means to say so
            step = Step("say_so")
        self._run.bus.emit(
            Rung(
                rung=step.rung,
                error_class=situation.error.value,
                reason=self._reason(step, failure),
                cost=step.cost,
            )
        )
        return await self._take(step, failure)

    def _reason(self, step: Step, failure: ToolFailure | None) -> str:
        why = one_line(failure.message if failure else "nothing was found", _REASON_CHARACTERS)
        then = f"; {_THEN[step.rung].format(step.subject)}" if step.subject else ""
        return f"{self._now.tool}: {why}{then}"

    async def _take(self, step: Step, failure: ToolFailure | None) -> bool:
        now = self._now
        match step.rung:
            case "retry":
                await asyncio.sleep(step.wait_s)
                now.retries += 1
            case "repair":
                now.repairs += 1
                await (self._repair(step.subject, failure) if failure else self._broaden())
            case "sibling":
                self._others.remove(step.subject)
                self._now = _Attempts(step.subject, exact=True)
            case "stronger":
                now.call, now.exact, now.stronger = None, False, True
            case "degrade" if failure is not None:
                self._leave_out(step.subject)
            case _:
                return False
        return True

    def _situation(self, failure: ToolFailure | None) -> Situation:
        now, ledger = self._now, self._run.ledger
        error = _class_of(failure)
        bad = error is ErrorClass.BAD_ARGUMENTS
        slot = self._refused_slot() if bad else None
        return Situation(
            error=error,
            retries=now.retries,
            repairs=now.repairs,
            retry_after_s=failure.retry_after_s if failure else None,
            seconds_left=ledger.left("seconds"),
            calls_left=ledger.left("calls"),
            repair=self._repairable(slot) if failure else self._broadenable(),
            siblings=tuple(filter(self._reads_every_argument, self._others)),
            stronger=self._stronger() if bad else "",
            degrade=slot.name if slot and not slot.required else "" if failure else "no results",
        )

    def _reads_every_argument(self, name: str) -> bool:
        tool = self._run.registry.get(name)
        return read(tool.spec, tool.propose(self._ask, self._run.tools)).complete

    def _refused_slot(self) -> Slot[Candidate] | None:
        """Return the argument that was wrong, if the words leave it open."""
        call = self._now.call
        if call is None:
            return None
        tool = self._run.registry.get(call.tool)
        proposal = tool.propose(self._ask, self._run.tools)
        slots = slots_of(tool.spec.parameters.model_json_schema(), proposal)
        still_open = {s.name: s for s in slots if not s.certain and s.name in call.arguments}
        wrong = runner.wrong_parameter(tool, call.arguments)
        if wrong is None and len(still_open) == 1:
            wrong = next(iter(still_open))
        return still_open.get(wrong or "")

    def _repairable(self, slot: Slot[Candidate] | None) -> str:
        """Return the argument that another value can be had for."""
        if slot is None:
            return ""
        spec = self._run.registry.get(self._now.tool).spec
        fills = self._run.member(f"drummer.{crew.drummer_of(spec)}").trust.fills_arguments
        return slot.name if fills or self._other_value(slot) is not None else ""

    def _other_value(self, slot: Slot[Candidate]) -> Any:
        """Return a value that code has for a refused one: the same in another type, or the next."""
        assert self._now.call is not None
        value = self._now.call.arguments[slot.name]
        refused = {to_json(other) for other in (*self._now.refused, value)}
        options = [coerce(value, slot.schema)]
        options += [to_jsonable_python(c.value, fallback=str) for c in slot.candidates]
        return next((option for option in options if to_json(option) not in refused), None)

    async def _repair(self, parameter: str, failure: ToolFailure) -> None:
        """Put another value in the place of the refused one; what the words settle stays."""
        now, slot = self._now, self._refused_slot()
        assert now.call is not None
        assert slot is not None
        other = self._other_value(slot)
        now.refused.append(now.call.arguments[parameter])
        if other is not None:
            now.call = now.call.with_argument(parameter, other)
        else:
            fault = one_line(failure.message, _REASON_CHARACTERS)
            now.call = await Drummer(self._run).refill(now.call, slot, self._ask, fault)

    def _broadenable(self) -> str:
        call = self._now.call
        if call is None:
            return ""
        spec = self._run.registry.get(call.tool).spec
        found = broader(spec, call.arguments, call.sources)
        return found[0] if found else ""

    async def _broaden(self) -> None:
        call = self._now.call
        assert call is not None
        spec = self._run.registry.get(call.tool).spec
        found = broader(spec, call.arguments, call.sources)
        assert found is not None
        left_out, arguments = found
        self._now.call = call.model_copy(update={"arguments": arguments})
        self.assumptions.append(f"nothing was found with {left_out}: searched without it")

    def _leave_out(self, parameter: str) -> None:
        call = self._now.call
        assert call is not None
        kept = {name: value for name, value in call.arguments.items() if name != parameter}
        self._now.call = call.model_copy(update={"arguments": kept})
        self.assumptions.append(f"{parameter} was left out: {call.tool} refuses what was read")

    def _stronger(self) -> str:
        """Return the model above the Drummer's, if there is one that was not asked yet."""
        spec = self._run.registry.get(self._now.tool).spec
        drummer = self._run.member(f"drummer.{crew.drummer_of(spec)}")
        above = self._run.above(drummer)
        return above.model.id if above and not self._now.stronger else ""

    async def _answered(self, needed: ArgumentNeeded) -> bool:
        """Ask the user the one question a run may ask; return whether there is an answer."""
        run, asked = self._run, needed.question
        if run.clarify is None or run.asked:
            return False
        run.asked = True
        answer = visible((await run.clarify(asked)).strip())
        run.bus.emit(QuestionAsked(**asked.model_dump(), answer=answer))
        if answer:
            self._given[asked.parameter] = answer
        return bool(answer)


_THEN = {
    "retry": "again",
    "repair": "another try with {}",
    "sibling": "trying {}",
    "stronger": "asking {}",
    "degrade": "going on without {}",
    "replan": "planning again",
    "say_so": "saying so",
}


def _class_of(failure: ToolFailure | None) -> ErrorClass:
    match failure:
        case None:
            return ErrorClass.EMPTY
        case ArgumentNeeded():
            return ErrorClass.MISSING_ARGUMENT
        case _Repeated():
            return ErrorClass.NO_PROGRESS
        case _:
            return classify(failure)
