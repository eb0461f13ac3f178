"""One side of a run as text, by the name of the command that asks for it. Pure.

The chat prints these texts and the screen lays them over its panes, so that both say the same.
"""

from collections.abc import Callable, Mapping
from itertools import groupby

from toollama.commands import number
from toollama.errors import InputError
from toollama.fold import RunView, explain
from toollama.fold.insights import told
from toollama.fold.plan import ROOT
from toollama.fold.units import duration, size
from toollama.text import Visible, visible

_MEMORY_SAMPLES = 20


def report(view: RunView, name: str, argument: str = "", *, ascii_only: bool = False) -> Visible:
    """Return what `/name argument` shows of a run; `name` is one of `REPORTS`.

    An argument that names a run has been followed already: `view` is that run. Raises
    `InputError` for a task, source or event that the run does not have.
    """
    if name == "tree":
        from toollama.store.tree import build_tree, render_tree

        drawn = render_tree(build_tree(list(view.events.values())), ascii=ascii_only)
        return visible("\n".join(drawn))
    return visible(_TEXTS[name](view, argument))


def _why(view: RunView, argument: str) -> str:
    return explain.why(view, _row(view, argument))


def _prompt(view: RunView, argument: str) -> str:
    return explain.prompts(view, _row(view, argument))


def _sources(view: RunView, argument: str) -> str:
    wanted = number(argument, of="source")
    if wanted is None:
        return explain.sources(view)
    events = explain.source_events(view, wanted)
    if not events:
        raise InputError(f"the answer names no source {wanted}", fix="/sources lists them")
    return explain.events_as_text(view, events)


def _trace(view: RunView, _argument: str) -> str:
    lines = (f"#{line.seq:<4} {line.at_s:7.1f}s  {line.who}  {line.text}" for line in view.trace)
    return "\n".join(lines)


def _observer(view: RunView, _argument: str) -> str:
    lines = [f"{line.at_s:7.1f}s  {line.severity}  {told(line)}" for line in view.insights]
    return "\n".join(lines) or "The Observer saw nothing."


def _event(view: RunView, argument: str) -> str:
    words = argument.replace(",", " ").split()
    wanted = [number(word.lstrip("#"), of="event") for word in words]
    return explain.events_as_text(view, [seq for seq in wanted if seq is not None])


def _models(view: RunView, _argument: str) -> str:
    models = view.models
    if not models.rows:
        return "No model was loaded."
    lines = []
    for row in models.rows.values():
        speed = "" if row.tokens_per_second is None else f"  {row.tokens_per_second:.0f} tokens/s"
        lines.append(f"{row.model}  {row.state}  {size(row.bytes)}{speed}  {row.note}".rstrip())
    budget = "" if models.budget_bytes is None else f" of {size(models.budget_bytes)}"
    lines.append(
        f"in memory {size(models.resident_bytes)}{budget}  loads {models.loads}"
        f"  swaps {models.swaps}  {duration(models.load_seconds)} loading"
    )
    samples = models.timeline(
        since_s=view.started_s, until_s=view.until_s(), samples=_MEMORY_SAMPLES
    )
    steps = [size(resident) for resident, _ in groupby(samples)]
    return "\n".join([*lines, f"memory over the run: {' → '.join(steps)}"])


def _usage(view: RunView, _argument: str) -> str:
    tokens = view.usage.tokens
    shares = view.usage.shares(swaps=view.models.swaps, elapsed_s=view.elapsed_s())
    lines = [
        f"{share.unit:8} {share.spent:.0f}"
        + ("" if share.limit is None else f" of {share.limit:.0f}  {share.fraction:.0%}")
        for share in shares
    ]
    read = f"{tokens.input_tokens} tokens read, {tokens.cached_tokens} of them from the cache"
    return "\n".join([*lines, read])


def _row(view: RunView, argument: str) -> str:
    """Return the key of the task that an argument names, or of the whole run."""
    task = number(argument, of="task")
    if task is None:
        return ROOT
    key = f"task:{task}"
    if key not in view.plan.nodes:
        raise InputError(f"the run has no task {task}", fix="/tree lists them")
    return key


_TEXTS: Mapping[str, Callable[[RunView, str], str]] = {
    "why": _why,
    "prompt": _prompt,
    "sources": _sources,
    "trace": _trace,
    "observer": _observer,
    "event": _event,
    "models": _models,
    "usage": _usage,
}
REPORTS = frozenset({"tree", *_TEXTS})
"""The commands that this module answers."""
