"""Who does what: the Belter and the Drummer of each tool, and how far each tier is trusted."""

from dataclasses import dataclass
from typing import Literal

from toollama.events import Agent
from toollama.tools.base import ToolSpec

Tier = Literal["T0", "T1", "T2", "T3"]

CAMINA = Agent(id="camina", name="camina", role="camina")


@dataclass(frozen=True, slots=True)
class Trust:
    """What a model of one tier is asked to decide; the rest is decided by code."""

    plans: bool
    """It may plan a request that splits."""
    tool_choices: int
    """How many tools it may choose among."""
    fills_arguments: bool
    """It may settle an argument that the words leave open; else code takes the likeliest value and
    the answer says so."""
    writes_prose: bool
    """It may word the answer; code checks every sentence."""
    knows: bool
    """Its own knowledge may be passed on, marked as unverified."""


TRUST: dict[Tier, Trust] = {
    "T0": Trust(
        plans=False, tool_choices=1, fills_arguments=False, writes_prose=False, knows=False
    ),
    "T1": Trust(plans=True, tool_choices=5, fills_arguments=True, writes_prose=True, knows=True),
    "T2": Trust(plans=True, tool_choices=8, fills_arguments=True, writes_prose=True, knows=True),
    "T3": Trust(plans=True, tool_choices=12, fills_arguments=True, writes_prose=True, knows=True),
}


def belter_of(spec: ToolSpec) -> str:
    """Return the Belter whose pack names the tool first; knowledge looks after the rest."""
    return _first(spec, "belter.", "knowledge")


def drummer_of(spec: ToolSpec) -> str:
    """Return the Drummer whose pack names the tool first; API calls are for the rest."""
    return _first(spec, "drummer.", "api")


def belter(name: str, task_no: int) -> Agent:
    """Return a Belter as the agent of one task."""
    return Agent(id=f"belter.{name}#{task_no}", name=f"belter.{name}", role="belter")


def drummer(name: str, task_no: int) -> Agent:
    """Return a Drummer as the agent of one step."""
    return Agent(id=f"drummer.{name}#{task_no}", name=f"drummer.{name}", role="drummer")


def _first(spec: ToolSpec, family: str, otherwise: str) -> str:
    names = (pack.removeprefix(family) for pack in spec.packs if pack.startswith(family))
    return next(names, otherwise)
