"""One errand: a call that a task needs, with whatever recovery it takes.

What to do about a failure is decided by `agents.recovery`; here the steps are taken and told.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from toollama.agents import calls, loops, repair, workload
from toollama.agents.crew import drummer
from toollama.agents.drummer import Drummer, ToolCall
from toollama.agents.messages import Finding
from toollama.agents.questions import ArgumentNeeded
from toollama.agents.reading import to_findings
from toollama.agents.recovery import ErrorClass, Situation, Step, classify, next_step
from toollama.agents.route import read
from toollama.agents.run import Run
from toollama.events.payloads import Insight, QuestionAsked, Rung
from toollama.models.slots import Slot
from toollama.text import one_line, visible
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
        self.assumptions: tuple[str, ...] = ()
        """What the call took for granted that was made last."""

    async def findings(self) -> list[Finding]:
        """Return what was found. Raises `ToolFailure` or `BudgetSpent` where nothing was."""
        while True:
            failure: ToolFailure | None = None
            try:
                result, evidence = await self._attempt()
            except ToolFailure as error:
                failure = error
            else:
                assert self._now.call is not None
                self.assumptions = self._now.call.assumptions
                found = _read(self._now.call, result, evidence)
                if result.status == "ok":
                    return found
                self._nothing = self._nothing or found or [_DONE_WITH]
            if not await self._recovered(failure):
                if self._nothing or failure is None:
                    return self._nothing
                raise failure

    async def _attempt(self) -> tuple[ToolResult, list[str]]:
        run, now = self._run, self._now
        if reason := run.registry.get(now.tool).objection(self._ask, run.tools):
            raise ToolFailure(reason, kind="not_found", fix="ask for one that it has")
        role = run.staff.drummer_for(now.tool, self._ask)
        agent = drummer(role.removeprefix("drummer."), self._task_no)
        with run.bus.acting(agent, doing=f"call {now.tool}"):
            if now.call is None:
                now.call = await Drummer(run).fill(
                    now.tool,
                    self._ask,
                    inputs=self._inputs,
                    exact=now.exact,
                    given=self._given,
                    member=run.member("camina") if now.stronger else None,
                )
                run.pool.over(workload.key(str(self._task_no), role))
            return await self._made(now.call)

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
                await self._repair(failure)
            case "sibling":
                self._others.remove(step.subject)
                self._now = _Attempts(step.subject, exact=True)
            case "stronger":
                now.call, now.exact, now.stronger = None, False, True
            case "degrade" if failure is not None and now.call is not None:
                now.call = repair.left_out(now.call, step.subject)
            case _:
                return False
        return True

    def _situation(self, failure: ToolFailure | None) -> Situation:
        now, ledger = self._now, self._run.ledger
        error = _class_of(failure)
        bad = error is ErrorClass.BAD_ARGUMENTS
        slot = self._refused_slot() if bad else None
        droppable = slot.name if slot and not slot.required else ""
        return Situation(
            error=error,
            retries=now.retries,
            repairs=now.repairs,
            retry_after_s=failure.retry_after_s if failure else None,
            seconds_left=ledger.left("seconds"),
            calls_left=ledger.left("calls"),
            repair=self._repairable(slot) if failure else self._broadenable(),
            siblings=tuple(
                name for name in self._others if reads_every_argument(self._run, name, self._ask)
            ),
            stronger=self._stronger() if bad else "",
            degrade=droppable if failure else "a result",
        )

    def _refused_slot(self) -> Slot[Candidate] | None:
        call = self._now.call
        return repair.refused_slot(self._run, self._ask, call) if call else None

    def _repairable(self, slot: Slot[Candidate] | None) -> str:
        now = self._now
        if slot is None or now.call is None:
            return ""
        possible = repair.is_repairable(self._run, self._ask, now.call, slot, refused=now.refused)
        return slot.name if possible else ""

    def _broadenable(self) -> str:
        call = self._now.call
        found = repair.broadened(self._run, call) if call else None
        return f"a search without {found[0]}" if found else ""

    async def _repair(self, failure: ToolFailure | None) -> None:
        now, slot = self._now, self._refused_slot()
        assert now.call is not None
        if failure is None:
            broadened = repair.broadened(self._run, now.call)
            now.call = broadened[1] if broadened else now.call
        elif slot is not None:
            refused, value = list(now.refused), now.call.arguments[slot.name]
            now.refused.append(value)
            fault = one_line(failure.message, _REASON_CHARACTERS)
            now.call = await repair.repaired(
                self._run, self._ask, now.call, slot, refused=refused, fault=fault
            )

    def _stronger(self) -> str:
        """Return the model above the Drummer's, if there is one that was not asked yet."""
        role = self._run.staff.drummer_for(self._now.tool, self._ask)
        above = self._run.above(self._run.member(role))
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


def reads_every_argument(run: Run, tool: str, ask: str) -> bool:
    """Return whether a tool's parser reads every argument out of the words."""
    found = run.registry.get(tool)
    return read(found.spec, found.propose(ask, run.tools)).complete


def _read(call: ToolCall, result: ToolResult, evidence: Sequence[str]) -> list[Finding]:
    """Return the findings of a call; they are a model's where it chose an argument."""
    found = to_findings(result, evidence)
    if "model" not in call.sources.values():
        return found
    return [finding.model_copy(update={"confidence": "model"}) for finding in found]


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
