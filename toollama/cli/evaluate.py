"""`toollama eval`: how many calls a model gets right here, beside baselines on the same file."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ConfigError, ExitCode, InputError

if TYPE_CHECKING:
    from toollama.agents.run import Member
    from toollama.evaluation.arms import Arm
    from toollama.evaluation.intervals import Interval
    from toollama.evaluation.tasks import Task
    from toollama.evaluation.trial import Outcome, Score
    from toollama.models.catalog import Catalog

_BASELINES = ("raw", "handler")
_NOTE_EVERY = 10

TaskSet = Annotated[
    str, typer.Argument(metavar="SET|FILE", help="`own`, or a file of JSON lines as BFCL has them.")
]
Model = Annotated[
    str,
    typer.Option("--model", "-m", metavar="M", help="A model or GGUF file; else the Drummer's."),
]
Against = Annotated[
    str,
    typer.Option(
        "--against", metavar="NAMES", help=f"Baselines on the same file: {','.join(_BASELINES)}."
    ),
]
Limit = Annotated[
    int, typer.Option("--limit", "-n", min=0, help="Only the first N tasks; 0 is all.")
]


def evaluate(
    task_set: TaskSet = "own",
    *,
    model: Model = "",
    against: Against = "",
    limit: Limit = 0,
    json: Json = False,
) -> None:
    """Run a task set and print the share of right calls with its 95 % interval.

    Ctrl-C ends it and prints what there is.
    """
    from toollama.evaluation import tasks as task_sets
    from toollama.models.catalog import load_catalog

    baselines = _baselines(against)
    tasks = task_sets.load(task_set)[: limit or None]
    if not tasks:
        raise InputError(f"{task_set} holds no tasks", fix="give a file with one task a line")
    catalog = load_catalog()
    member = _member(catalog, model)
    trial = _Trial(catalog, member, baselines, tasks)
    try:
        code = trial.run()
    finally:
        out.clear_status()
    if json:
        out.json({"set": task_set, "model": member.model.id, **trial.document()})
    else:
        trial.show()
    if code is not ExitCode.OK:
        raise typer.Exit(code)


def _baselines(against: str) -> list[str]:
    names = [name.strip() for name in against.split(",") if name.strip()]
    for name in names:
        if name not in _BASELINES:
            raise InputError(
                f"no baseline is called {name}", fix=f"--against {','.join(_BASELINES)}"
            )
    return list(dict.fromkeys(names))


def _member(catalog: "Catalog", model: str) -> "Member":
    from toollama.agents.roster import Roster
    from toollama.config import load_settings

    overrides = {"drummer": model} if model else {}
    member = Roster(catalog, load_settings().profile or "starter", overrides)["drummer.api"]
    if member.model.endpoints:
        raise ConfigError(f"{member.model.id}: lies on a server", fix="--model FILE.gguf")
    return member


class _Trial:
    """One set, every arm, and what is known so far."""

    def __init__(
        self,
        catalog: "Catalog",
        member: "Member",
        baselines: Sequence[str],
        tasks: Sequence["Task"],
    ) -> None:
        self._catalog = catalog
        self._member = member
        self._baselines = baselines
        self._tasks = tasks
        self._outcomes: dict[str, list[Outcome]] = {}
        self._swaps: dict[str, int] = {}

    def run(self) -> ExitCode:
        """Do task after task with every arm; a stop leaves what is done."""
        import asyncio

        return asyncio.run(self._run())

    async def _run(self) -> ExitCode:
        import asyncio

        from toollama.cli.signals import Stop, stopping
        from toollama.models.llama.engine import LlamaEngine

        engine = LlamaEngine(resolve=self._catalog.resolve)
        task = asyncio.current_task()
        assert task is not None
        stop = Stop(task, announce=lambda _code: None)
        arms = self._arms(engine)
        try:
            with stopping(stop):
                await self._compare(arms)
        except asyncio.CancelledError:
            if stop.exit_code is None:
                raise
            task.uncancel()
        finally:
            for arm in arms:
                await arm.close()
            await engine.close()
        return stop.exit_code or ExitCode.OK

    def _arms(self, engine: Any) -> list["Arm"]:
        from toollama.clock import SystemClock
        from toollama.evaluation.arms import CONTEXT_TOKENS, Handler, RawPrompt
        from toollama.evaluation.drummer_arm import DrummerArm

        context = self._member.model.context or CONTEXT_TOKENS
        spec = self._member.model.model_copy(update={"context": context})
        path: Path = self._catalog.resolve(spec)
        arms: list[Arm] = [DrummerArm(engine, spec, self._member.tier, clock=SystemClock())]
        arms += [RawPrompt(engine, spec.id)] if "raw" in self._baselines else []
        arms += [Handler(path)] if "handler" in self._baselines else []
        return arms

    async def _compare(self, arms: Sequence["Arm"]) -> None:
        from toollama.clock import SystemClock
        from toollama.evaluation.trial import outcome

        for number, task in enumerate(self._tasks, start=1):
            for arm in arms:
                done = await outcome(arm, task, SystemClock())
                self._outcomes.setdefault(arm.name, []).append(done)
                self._swaps[arm.name] = getattr(arm, "swaps", 0)
            self._progress(number)

    def _progress(self, number: int) -> None:
        right = sum(one.right for one in self._outcomes["toollama"])
        line = f"{number} of {len(self._tasks)} tasks, {right} right"
        if out.has_status_line():
            out.status(line)
        elif number % _NOTE_EVERY == 0 or number == len(self._tasks):
            out.note(line)

    def _scores(self) -> list["Score"]:
        from toollama.evaluation.trial import score

        return [score(arm, done, swaps=self._swaps[arm]) for arm, done in self._outcomes.items()]

    def _advantages(self) -> dict[str, "Interval"]:
        from toollama.evaluation.trial import advantage

        ours = self._outcomes.get("toollama", [])
        return {
            name: advantage(ours, done)
            for name, done in self._outcomes.items()
            if name != "toollama"
        }

    def document(self) -> dict[str, Any]:
        """Return everything for `--json`."""
        return {
            "tasks": len(self._tasks),
            "arms": [asdict(score) for score in self._scores()],
            "advantages": {name: asdict(one) for name, one in self._advantages().items()},
            "outcomes": {
                name: [asdict(one) for one in done] for name, done in self._outcomes.items()
            },
        }

    def show(self) -> None:
        """Print the table, and how far ahead of each baseline the Drummer is."""
        out.table(
            ("ARM", "RIGHT", "95 %", "VALID", "TOKENS IN", "OUT", "SWAPS", "S/TASK"),
            [_row(score) for score in self._scores()],
        )
        for name, one in self._advantages().items():
            out.data(
                f"toollama - {name}: {one.value * 100:+.0f} points "
                f"({one.low * 100:+.0f} to {one.high * 100:+.0f})\n"
            )


def _row(score: "Score") -> tuple[str, ...]:
    return (
        score.arm,
        f"{round(score.right.value * score.items)} of {score.items}",
        f"{score.right.low:.0%} to {score.right.high:.0%}",
        f"{score.valid_share:.0%}",
        f"{score.input_tokens:.0f}",
        f"{score.output_tokens:.0f}",
        str(score.swaps),
        f"{score.seconds:.2f}",
    )
