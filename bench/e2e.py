"""25 tasks from words to answer: the hierarchy beside one model with all tools in a loop.

Both arms get the same file in every role, the same tools and the same words. What the answers cite
is checked by code that is not the program's own. The program was tuned on the tasks of the set
`tuned` and not on those of `unseen`.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bench.citations import Tally, imprecise, numbers, unsourced
from bench.e2e_tasks import QUICK, TASKS, Task, Told
from bench.e2e_unseen import UNSEEN
from bench.report import Result
from toollama import paths
from toollama.agents.messages import Answer
from toollama.clock import SystemClock
from toollama.config import Settings
from toollama.errors import ToolLamaError
from toollama.events import Event
from toollama.models.catalog import load_catalog
from toollama.session import AskOptions, Session
from toollama.store import Store
from toollama.text import visible

ArmName = Literal["hierarchy", "direct"]
_ARMS: tuple[ArmName, ...] = ("hierarchy", "direct")
_SETS = {"tuned": TASKS, "unseen": UNSEEN}
_MODEL = Path(os.environ.get("TOOLLAMA_EVAL_MODELS", "~/.cache/toollama-eval"))
_PRECISION_GOAL = 0.98


def parser() -> argparse.ArgumentParser:
    """Return what this bench reads from its command line."""
    options = argparse.ArgumentParser(prog="python -m bench e2e")
    options.add_argument("--set", dest="task_set", choices=_SETS, default="tuned")
    options.add_argument("--tasks", default="", help="ids of tasks, with commas between")
    options.add_argument("--arm", choices=_ARMS, help="run this arm only")
    options.add_argument("--model", type=Path, default=_MODEL / "qwen2.5-coder-1.5b.gguf")
    return options


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one task in one arm."""

    task: Task
    run_id: str
    told: Told
    wrong: str
    seconds: float
    tokens: int
    swaps: int


class Arm:
    """One way of serving requests, and what it came to."""

    def __init__(
        self, name: ArmName, session: Session, store: Store, model: Path, workplace: Path
    ) -> None:
        self.name = name
        self.model = model
        self.outcomes: list[Outcome] = []
        self.citations = Tally()
        self.sourced = Tally()
        self.faults: list[str] = []
        self._session = session
        self._store = store
        self._workplace = workplace
        self._given = set(workplace.iterdir())

    @property
    def right(self) -> int:
        """Return how many answers are right."""
        return sum(not outcome.wrong for outcome in self.outcomes)

    async def ask(self, task: Task) -> Outcome:
        """Serve one task and judge what came of it."""
        events: list[Event] = []
        started_s = time.monotonic()
        answer: Answer | None = None
        options = AskOptions(
            prompt=task.prompt, models={"all": str(self.model)}, direct=self.name == "direct"
        )
        try:
            answer = await self._session.ask(options, subscribers=[events.append])
            text, notes = answer.text, "\n".join(answer.limits)
        except ToolLamaError as error:
            text, notes = "", f"error[{error.code}]: {error.message}"
        told = Told(text=text, notes=notes, failed=answer is None, written=self._written())
        if answer is not None:
            self._check_sources(task, answer, events)
        usage = [event.data["usage"] for event in events if event.type == "inference.completed"]
        outcome = Outcome(
            task=task,
            run_id=self._session.run_id,
            told=told,
            wrong=task.wrong(told),
            seconds=time.monotonic() - started_s,
            tokens=sum(one["input_tokens"] + one["output_tokens"] for one in usage),
            swaps=answer.swaps if answer else 0,
        )
        self.outcomes.append(outcome)
        return outcome

    def _written(self) -> tuple[str, ...]:
        """Return the names of the files that a run made, and remove them."""
        made = sorted(set(self._workplace.iterdir()) - self._given)
        for path in made:
            path.unlink()
        return tuple(path.name for path in made)

    def _check_sources(self, task: Task, answer: Answer, events: Sequence[Event]) -> None:
        evidence = {row.id: row.text for row in self._store.evidence(self._session.run_id)}
        for event in events:
            if event.type == "tool.call.completed":
                said = "\n".join(event.data["statements"])
                for number in event.data["evidence"]:
                    evidence[number] += f"\n{said}"
        for sentence in answer.sentences:
            if sentence.cites:
                lacking = imprecise(sentence, evidence, task.prompt)
                self.citations.add(holds=not lacking)
                if lacking:
                    self.faults.append(f"{task.id} cites what lacks {', '.join(lacking)}")
        lacking = unsourced(answer.text, [task.prompt, *evidence.values()])
        for number in numbers(answer.text):
            self.sourced.add(holds=number not in lacking)
        if lacking:
            self.faults.append(f"{task.id} has no source for {', '.join(lacking)}")


def run(
    *,
    quick: bool,
    task_set: str = "tuned",
    tasks: str = "",
    arm: ArmName | None = None,
    model: Path = _MODEL,
) -> Result:
    """Run the arms in turn, print a table of each, and return right ÷ right."""
    path = model.expanduser()
    if not path.is_file():
        raise SystemExit(f"the model is missing: {path}; name one with --model")
    quickly = QUICK if quick and task_set == "tuned" else ()
    chosen = _chosen(_SETS[task_set], tasks.split(",") if tasks else quickly)
    names = [arm] if arm else _ARMS
    arms = {name: asyncio.run(_run_arm(name, chosen, path)) for name in names}
    for one in arms.values():
        _report(one)
    if "hierarchy" in arms:
        for result in _own_goals(arms["hierarchy"]):
            print(result.line())
    if len(arms) == 1:
        # Alone, an arm is measured against all tasks right.
        return Result(f"e2e_{names[0]}", arms[names[0]].right / len(chosen), 1)
    return Result("e2e", arms["hierarchy"].right / max(arms["direct"].right, 1), 1)


def _chosen(tasks: Sequence[Task], ids: Sequence[str]) -> list[Task]:
    known = {task.id: task for task in tasks}
    if unknown := set(ids) - known.keys():
        raise SystemExit(f"no such task: {', '.join(unknown)}; there are: {', '.join(known)}")
    return [known[one] for one in ids] or list(tasks)


async def _run_arm(name: ArmName, tasks: Sequence[Task], model: Path) -> Arm:
    """Run the tasks in one session, so that the model is loaded once."""
    clock = SystemClock()
    with _workplace(tasks[0].folder) as workplace:
        store = Store.open(paths.database(), clock)
        session = Session(
            settings=Settings(timezone="UTC", offline=True, output_dir=workplace),
            catalog=load_catalog(),
            store=store,
            clock=clock,
        )
        arm = Arm(name, session, store, model, workplace)
        try:
            for task in tasks:
                print(_row(name, await arm.ask(task)), flush=True)
        finally:
            await session.close()
    return arm


@contextlib.contextmanager
def _workplace(files: Path) -> Iterator[Path]:
    """Yield a new directory with the files of the tasks, as the current one."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(files, folder, dirs_exist_ok=True)
        with contextlib.chdir(folder):
            yield Path(folder)


def _row(arm: ArmName, outcome: Outcome) -> str:
    mark = "wrong" if outcome.wrong else "right"
    return (
        f"{arm:9}  {outcome.task.kind:10}  {outcome.task.id:9}  {mark}  {outcome.seconds:7.1f} s  "
        f"{outcome.tokens:6} tokens  {outcome.swaps} swaps"
    )


def _report(arm: Arm) -> None:
    """Print what an arm came to, and every wrong answer in full."""
    outcomes = arm.outcomes
    print(
        f"{arm.name}: {arm.right} of {len(outcomes)} right, "
        f"{sum(outcome.seconds for outcome in outcomes):.0f} s, "
        f"{sum(outcome.tokens for outcome in outcomes)} tokens, "
        f"{sum(outcome.swaps for outcome in outcomes)} swaps, model {arm.model.name}"
    )
    for outcome in filter(lambda one: one.wrong, outcomes):
        print(f"\n{arm.name} {outcome.task.id}: {outcome.wrong} (run {outcome.run_id})")
        print(f"  asked: {outcome.task.prompt}")
        for line in visible(outcome.told.text or "(no answer)").splitlines():
            print(f"  said:  {line}")
        for line in visible(outcome.told.notes).splitlines():
            print(f"  note:  {line}")
    for fault in arm.faults:
        print(f"{arm.name} {fault}")
    print()


def _own_goals(ours: Arm) -> list[Result]:
    """Return how the hierarchy's answers stand by themselves."""
    honest = Tally()
    for outcome in ours.outcomes:
        if outcome.task.impossible:
            honest.add(holds=not outcome.wrong)
    return [
        Result("e2e_impossible", honest.share, 1),
        Result("e2e_citations", ours.citations.share, _PRECISION_GOAL),
        Result("e2e_unsourced", 1 - ours.sourced.share, 0, most=True),
    ]
