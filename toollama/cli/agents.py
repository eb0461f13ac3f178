"""`toollama agents`: the members of the crew, and running any of them by itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toollama.cli import groups, out, shape
from toollama.cli import options as opt
from toollama.errors import ModelError

if TYPE_CHECKING:
    from toollama.ask_options import AskOptions
    from toollama.models.catalog import Catalog
    from toollama.models.spec import RoleSpec
    from toollama.session import Session

Name = Annotated[str, typer.Argument(metavar="ROLE", help="A role, from `toollama agents list`.")]

_LAYERS = {
    "camina": "plans and answers",
    "belter": "breaks down and merges",
    "drummer": "calls tools",
    "observer": "watches",
}


@groups.spread
def list_agents(*, crew: groups.Crew, json: opt.Json = False) -> None:
    """List the crew: role, model, tier, whether its file is here or in memory, and its tools."""
    members = _Members(crew)
    listed = [members.listing(name) for name in members.names()]
    if json:
        out.json(listed)
        return
    out.table(
        ("ROLE", "LAYER", "MODEL", "TIER", "STATE", "TOOLS"),
        [
            (
                role["role"],
                role["layer"],
                role["model"],
                role["tier"] or "",
                "resident" if role["resident"] else role["state"],
                ",".join(role["tools"]),
            )
            for role in listed
        ],
    )


@groups.spread
def show(*, name: Name, crew: groups.Crew, json: opt.Json = False) -> None:
    """Show one role: its prompt, its tools, its definition of done, its model and why that tier."""
    document = _Members(crew).description(name)
    if json:
        out.json(document)
        return
    out.table(("FIELD", "VALUE"), [(field, _shown(value)) for field, value in document.items()])


@groups.spread
def run(
    *,
    role: Name,
    given: groups.Given,
    serving: groups.Serving,
    no_save: opt.NoSave = False,
    printed: groups.Printed,
) -> None:
    """Have one role do something by itself, with the tools of its pack, and print the answer."""
    from toollama.cli import asking, running

    view = printed.view()
    keep = not no_save

    def gather() -> "tuple[Session, AskOptions]":
        schema = shape.schema(printed.schema)
        options = serving.ask_options(role=role, schema=schema, keep=keep)
        return asking.gather(given, options, view, offline=serving.offline)

    raise typer.Exit(running.serve(gather, view, said=given.words, keep=keep))


COMMANDS: dict[str, Callable[..., None]] = {"list": list_agents, "show": show, "run": run}
"""The commands of this group by name."""


class _Members:
    """The roles of models.toml with the models that one profile gives them. Loads nothing."""

    def __init__(self, crew: groups.Crew) -> None:
        from toollama.config import load_settings
        from toollama.models.catalog import load_catalog
        from toollama.tools.registry import Registry

        self._catalog: Catalog = load_catalog(tools=Registry.names())
        self._registry = Registry.discover()
        self._profile = self._catalog.profile(crew.profile or load_settings().profile or "").name
        self._models = self._catalog.crew(self._profile, crew.by_role())
        self._resident = _resident()

    def names(self) -> list[str]:
        from toollama.agents.roles import layers

        return layers(list(self._catalog.roles))

    def listing(self, name: str) -> dict[str, Any]:
        """Return what `agents list` tells of a role."""
        from toollama.agents.roles import pack
        from toollama.models.role_checks import BUILT_IN

        role, model = self._catalog.role(name), self._models[name]
        state, tier, _ = self._standing(name)
        called = name.startswith(("belter.", "drummer."))
        return {
            "role": name,
            "layer": name.partition(".")[0],
            "model": model.id,
            "tier": tier,
            "state": state,
            "resident": model.id in self._resident,
            "own": name not in BUILT_IN,
            "tools": list(pack(role, self._registry)) if called else [],
        }

    def description(self, name: str) -> dict[str, Any]:
        """Return everything that `agents show` tells of a role. Raises `UnknownName`."""
        from toollama.agents.roles import role_instructions

        role = self._catalog.role(name)
        listing = self.listing(name)
        _, _, reason = self._standing(name)
        return {
            **listing,
            "does": _does(role),
            "prompt": role_instructions(role),
            "definition of done": list(role.done),
            "sample requests": list(role.utterances),
            "why this tier": reason,
            "profile": self._profile,
            "context": role.context,
            "max_tokens": role.max_tokens,
        }

    def _standing(self, name: str) -> tuple[str, str | None, str]:
        """Return whether a role's file is here, its tier, and what gives it that tier."""
        from toollama.models import gguf, probe

        spec = self._models[name]
        if spec.endpoints:
            return "remote", spec.tier or "T2", "a served model; `tier` in models.toml corrects it"
        try:
            path = self._catalog.resolve(spec)
            header = gguf.read_header(path)
        except ModelError as fault:
            return "missing", spec.tier, fault.fix
        if spec.tier:
            return "present", spec.tier, "models.toml says so"
        probed = probe.recall(path)
        size = f"{header.parameters / 1e9:.3g} thousand million parameters"
        passed = f"; a probe passed {len(probed.passed)} of 8" if probed else "; never probed"
        return "present", probe.tier(header, cached=probed), size + passed


def _does(role: "RoleSpec") -> str:
    return role.summary or _LAYERS[role.name.partition(".")[0]]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "" if value is None else str(value)


def _resident() -> frozenset[str]:
    """Return the models that runs which go on at this moment have in memory, by the run log."""
    from toollama import paths
    from toollama.clock import SystemClock
    from toollama.store import Store

    store = Store.open_if_exists(paths.database(), SystemClock())
    if store is None:
        return frozenset()
    held: set[str] = set()
    try:
        for row in store.runs(limit=5):
            if row.status != "running":
                continue
            for event in store.events(row.run_id):
                if event.type == "model.load.completed":
                    held.add(str(event.data["model"]))
                elif event.type == "model.unloaded":
                    held.discard(str(event.data["model"]))
    finally:
        store.close()
    return frozenset(held)
