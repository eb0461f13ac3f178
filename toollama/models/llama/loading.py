"""From a file and a budget to a loaded model: the plan by measuring, and the load itself.

For the engine thread. Which model leaves for which is not decided here: `models.ladder` decides,
`agents.residency` evicts.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from toollama.errors import Cancelled, ModelCorrupt, ModelError
from toollama.models import fit
from toollama.models.ladder import Attempt, Budget, Occupant, Wanted, decide
from toollama.models.llama.binding import tap
from toollama.models.llama.dryrun import DryRun
from toollama.models.llama.model import LoadedModel, Progress
from toollama.models.llama.probe_load import is_about_memory
from toollama.models.llama.sequences import SequenceStore
from toollama.models.llama.trial import header_of, needs_trial, out_of_memory
from toollama.models.spec import ModelSpec


def plan(
    path: Path,
    spec: ModelSpec,
    *,
    occupants: Sequence[Occupant],
    budget: Budget,
    aborted: Callable[[], bool],
) -> tuple[Attempt, ...]:
    """Return the loads to try, the preferred one first, as `ladder.decide` does.

    Sizes come from a dry run. Where llama.cpp cannot tell them, or must not be asked in this
    process yet, they come from the header. Raises `ModelDoesNotFit`, or `Cancelled` once
    `aborted()`, which is asked before each rung is measured.
    """
    header = header_of(path)
    wanted = Wanted.of(spec, header)
    if needs_trial(header) or budget == Budget():
        return decide(wanted, residents=occupants, budget=budget)
    if budget.gpu_bytes is None:
        spec = spec.model_copy(update={"gpu_layers": 0})
    with DryRun(path, spec, header, sequences=wanted.sequences) as dry_run:

        def sizes(context_tokens: int, batch: int) -> fit.MemoryPlan:
            if aborted():
                raise Cancelled(f"planning {spec.id} was stopped", fix="run the command again")
            try:
                return dry_run.measure(context_tokens, batch)
            except ModelError:  # the load itself will say what is wrong
                return wanted.predict(context_tokens, batch)

        return decide(wanted, residents=occupants, budget=budget, sizes=sizes)


def open_model(
    spec: ModelSpec,
    path: Path,
    attempt: Attempt,
    *,
    progress: Progress,
    saved: SequenceStore,
) -> LoadedModel:
    """Load the model as the attempt says.

    Raises `ModelDoesNotFit` where memory ran out, `ModelCorrupt` or `ModelError` for anything else,
    and `Cancelled`.
    """
    try:
        return LoadedModel(
            attempt.placed(spec),
            path,
            context_tokens=attempt.context_tokens,
            progress=progress,
            saved=saved,
        )
    except ModelError as error:
        problem = tap.problem()
        if is_about_memory(problem) or not (problem or isinstance(error, ModelCorrupt)):
            raise out_of_memory(spec, problem) from error
        raise
