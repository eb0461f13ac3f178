"""The work that is known to come: what needs which model, and what has to be done before it. Pure.

An agenda is a graph of the unfinished work only; a need that is not in it is met already. It may
promise work that never comes, because a model turned out not to be needed, so nobody may rely on
it for more than an order.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of work: an inference, or a wait for something that needs no model."""

    key: str
    model: str = ""
    """Empty for what needs none, such as a tool on its way."""
    needs: tuple[str, ...] = ()
    """Keys of the works that must be finished before it."""
    seconds: float = 1.0
    """How long it takes, as far as anybody can tell; only compared with other works'."""
    background: bool = False
    """Nobody waits for it: the Observer's work. What other work waits for never is."""


class Agenda:
    """The unfinished works of a run. Immutable: finishing one gives a new agenda."""

    def __init__(self, works: Iterable[Work] = ()) -> None:
        """Raise `ValueError` where a work stands before one that it needs, or a key twice."""
        self._works: dict[str, Work] = {}
        listed = tuple(works)
        later = {work.key for work in listed}
        awaited = _awaited(listed)
        if len(later) < len(listed):
            raise ValueError("two works have the same key")
        for work in listed:
            if not later.isdisjoint(work.needs):
                raise ValueError(f"{work.key} stands before a work that it needs")
            later.discard(work.key)
            background = work.background and work.key not in awaited
            self._works[work.key] = replace(work, background=background)

    def __iter__(self) -> Iterator[Work]:
        return iter(self._works.values())

    def __len__(self) -> int:
        return len(self._works)

    def __contains__(self, key: object) -> bool:
        return key in self._works

    def without(self, keys: Container[str]) -> "Agenda":
        """Return the agenda after these works are finished."""
        return Agenda(work for work in self if work.key not in keys)

    def ready(self) -> list[Work]:
        """Return the works of which every need is met."""
        return [work for work in self if not self._ahead[work.key]]

    def ahead(self, key: str) -> frozenset[str]:
        """Return the keys of all works that must be finished before this one."""
        return self._ahead.get(key, frozenset())

    def tail_s(self, key: str) -> float:
        """Return the seconds of the longest chain that begins with this work; 0 if unknown."""
        return self._tails_s.get(key, 0.0)

    @cached_property
    def has_foreground(self) -> bool:
        """Return whether somebody waits for any of it."""
        return any(not work.background for work in self)

    def models_before_more(self, model: str, waiting: Container[str]) -> list[frozenset[str]]:
        """Return, for each work that will come to `model` without it, the models that bring it.

        Works that wait for the model already are left out, and so are those behind other work of
        the model itself: they come only after it was loaded.
        """
        brought_by = []
        for work in self:
            if work.model != model or work.background or work.key in waiting:
                continue
            models = {self._works[key].model for key in self._ahead[work.key]}
            if model not in models:
                brought_by.append(frozenset(models - {""}))
        return brought_by

    def needs_after(self, model: str, other: str) -> bool:
        """Return whether some work of `model` can only be done after some of `other`."""
        return any(
            self._works[key].model == other
            for work in self
            if work.model == model and not work.background
            for key in self._ahead[work.key]
        )

    @cached_property
    def _ahead(self) -> Mapping[str, frozenset[str]]:
        ahead: dict[str, frozenset[str]] = {}
        for work in self:
            unmet = [key for key in work.needs if key in self._works]
            ahead[work.key] = frozenset(unmet).union(*(ahead[key] for key in unmet))
        return ahead

    @cached_property
    def _tails_s(self) -> Mapping[str, float]:
        tails_s: dict[str, float] = {}
        for work in reversed(self._works.values()):
            tails_s[work.key] = work.seconds + tails_s.get(work.key, 0.0)
            for key in work.needs:
                if key in self._works:
                    tails_s[key] = max(tails_s.get(key, 0.0), tails_s[work.key])
        return tails_s


def _awaited(works: Sequence[Work]) -> set[str]:
    """Return the keys of everything that foreground work needs, directly or not."""
    awaited: set[str] = set()
    for work in reversed(works):
        if not work.background or work.key in awaited:
            awaited.update(work.needs)
    return awaited
