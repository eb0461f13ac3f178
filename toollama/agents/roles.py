"""Which member looks after what: the packs of the built-in roles, and roles of the user's own.

A role of the user's own takes a request that is like its summary or sample requests, more than any
tool outside its pack is; code decides it, no model. A role that is asked for by name takes all.
"""

import fnmatch
from collections.abc import Mapping, Sequence
from functools import cached_property

from toollama import paths
from toollama.agents import crew
from toollama.agents.messages import PlannedTask, Request, RouteDecision, RouteKind, TaskGraph
from toollama.errors import ConfigError, UnknownName
from toollama.models.role_checks import BUILT_IN
from toollama.models.spec import RoleSpec
from toollama.tools.base import Arguments, ToolSpec
from toollama.tools.index import ToolIndex
from toollama.tools.registry import Registry

_BELTER, _DRUMMER = "belter.", "drummer."
MAX_OFFERED = 12
"""Among more tools than this a small model chooses badly."""
_LIKE = 0.5
"""Score from which a request is taken to be for a role of the user's own."""


def role_instructions(role: RoleSpec) -> str:
    """Return what a role is told. Raises `ConfigError` where its file is gone."""
    if role.instructions.strip():
        return role.instructions.strip()
    path = paths.role_prompt(role.prompt)
    if path is None:
        raise ConfigError(
            f"roles.{role.name}.prompt: there is no file {role.prompt!r}",
            fix=f"put it into {paths.config_dir()}",
        )
    return path.read_text(encoding="utf-8", errors="replace").strip()


def pack(role: RoleSpec, registry: Registry) -> tuple[str, ...]:
    """Return the tools that a role may use, by name."""
    if role.pack:
        return role.pack
    return tuple(spec.name for spec in registry.specs() if role.name in spec.packs)


def offered(
    registry: Registry, roles: Mapping[str, RoleSpec], asked_for: str, text: str = ""
) -> Registry:
    """Return the tools that may be routed to: all, or of the pack of the role asked for.

    Of a pack that is too large for one Drummer, those are taken that the text is most like.
    """
    role = roles.get(asked_for)
    if role is None:
        return registry
    there = [name for name in pack(role, registry) if name in registry]
    if len(there) > MAX_OFFERED:
        there = _nearest(registry, there, text)
    return registry.only(there)


def _nearest(registry: Registry, names: Sequence[str], text: str) -> list[str]:
    """Return as many tools as a Drummer may be offered, the likest to a text before the others."""
    index = ToolIndex(spec for spec in registry.specs() if spec.name in names)
    ranked = [hit.tool for hit in index.search(text, limit=MAX_OFFERED)]
    return list(dict.fromkeys([*ranked, *sorted(names)]))[:MAX_OFFERED]


def named(registry: Registry, patterns: Sequence[str]) -> Registry:
    """Return the tools whose names match one of the patterns; all where there is no pattern.

    Raises `UnknownName` for a pattern that no tool matches.
    """
    names = [spec.name for spec in registry.specs()] if patterns else []
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise UnknownName(f"no tool is called {pattern}", fix="toollama tools list")
    chosen = [n for n in names if any(fnmatch.fnmatchcase(n, pattern) for pattern in patterns)]
    return registry.only(chosen) if patterns else registry


class Staff:
    """Who takes a task and who makes a call, over the roles of one run."""

    def __init__(
        self, roles: Mapping[str, RoleSpec], registry: Registry, *, asked_for: str = ""
    ) -> None:
        """`asked_for` is the role that takes everything; empty is the whole hierarchy."""
        self._own = {name: role for name, role in roles.items() if name not in BUILT_IN}
        self._registry = registry
        self._asked_for = asked_for

    def belter_for(self, ask: str) -> str:
        """Return the Belter of the user's own, or asked for, that takes an ask; else `""`."""
        if self._asked_for.startswith(_BELTER):
            return self._asked_for
        return self._best(_BELTER, ask)

    def drummer_for(self, tool: str, ask: str = "") -> str:
        """Return the Drummer that calls a tool, such as `drummer.search`."""
        if self._asked_for.startswith(_DRUMMER):
            return self._asked_for
        own = self._best(_DRUMMER, ask) if ask else ""
        if own and tool in self._own[own].pack:
            return own
        return f"{_DRUMMER}{crew.drummer_of(self._registry.get(tool).spec)}"

    def taken(
        self, decision: RouteDecision, graph: TaskGraph, request: Request
    ) -> tuple[RouteDecision, TaskGraph]:
        """Return the way and the plan after the own roles, or the one asked for, took theirs.

        What no tool does goes to a Belter that takes it, as a task about the texts given. A plan
        that the user gave stays as it is.
        """
        if request.direct or not request.use_tools or request.plan is not None:
            return decision, graph
        if graph.tasks:
            return decision, self.staffed(graph)
        name = self.belter_for(request.text)
        if not name:
            return decision, graph
        task = PlannedTask(belter=name.removeprefix(_BELTER), ask=request.text[:400])
        reason = f"{name} looks after it"
        decision = decision.model_copy(update={"kind": RouteKind.SINGLE_BELTER, "reason": reason})
        return decision, graph.model_copy(update={"tasks": (task,)})

    def staffed(self, graph: TaskGraph) -> TaskGraph:
        """Return the plan with every task in the hands of whoever takes it."""
        return graph.model_copy(update={"tasks": tuple(map(self._staffed, graph.tasks))})

    def writer(self, graph: TaskGraph) -> str:
        """Return who words the answer: who was asked for, or an only Belter of the user's own."""
        if self._asked_for:
            return self._asked_for
        name = f"{_BELTER}{graph.tasks[0].belter}" if len(graph.tasks) == 1 else crew.CAMINA.id
        return crew.CAMINA.id if name in BUILT_IN else name

    def _staffed(self, task: PlannedTask) -> PlannedTask:
        name = self.belter_for(task.ask)
        if not name:
            return task
        own_pack = self._own[name].pack if name in self._own else ()
        tools = tuple(tool for tool in task.tools if tool in own_pack) if own_pack else task.tools
        return task.model_copy(update={"belter": name.removeprefix(_BELTER), "tools": tools})

    def _best(self, family: str, ask: str) -> str:
        """Return the own role of a family that an ask is like, or `""`."""
        own = {name: role for name, role in self._own.items() if name.startswith(family)}
        if not own:
            return ""
        scores = {hit.tool: hit.score for hit in self._index.search(ask, limit=10_000)}
        best = max(own, key=lambda name: scores.get(name, 0.0))
        rivals = [score for tool, score in scores.items() if _is_rival(tool, own[best])]
        beaten = scores.get(best, 0.0) >= max(rivals, default=0.0)
        return best if scores.get(best, 0.0) >= _LIKE and beaten else ""

    @cached_property
    def _index(self) -> ToolIndex:
        """Return the own roles among the tools, as documents of one index."""
        return ToolIndex([*self._registry.specs(), *map(_as_document, self._own.values())])


def _is_rival(name: str, role: RoleSpec) -> bool:
    return "." not in name and name not in role.pack


def _as_document(role: RoleSpec) -> ToolSpec:
    return ToolSpec(
        name=role.name,
        summary=role.summary,
        utterances=role.utterances,
        parameters=Arguments,
        packs=(),
    )


def layers(names: Sequence[str]) -> list[str]:
    """Return role names from Camina down, the Observer last, alphabetical in each layer."""
    order = ("camina", "belter", "drummer", "observer")
    return sorted(names, key=lambda name: (order.index(name.partition(".")[0]), name))
