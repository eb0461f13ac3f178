"""Seeded task graphs of a crew and the machine they run on, for the schedule bench.

A graph is one request: Camina plans, 2 to 5 Belters break down and merge, each has 1 to 5 Drummers
whose tools answer after a while, the Observer looks at every merge, Camina answers. File sizes are
those of the published Q4_K_M files; memory adds the f16 KV cache of 8192 tokens. Decode speeds are
half of what 936 GB/s of memory bandwidth allow; how many tokens a step writes is assumed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from toollama.schedule import Agenda, Work

_GB = 10**9
_KV_TOKENS = 8192
_LOAD_OVERHEAD_S = 0.35
_LOAD_BYTES_PER_S = 9 * _GB
"""From the page cache. A first load from a disk (3 GB/s) costs every order of the works the same,
so it would only bring the ratios nearer to 1."""
_BANDWIDTH_BYTES_PER_S = 936 * _GB
_DECODE_EFFICIENCY = 0.5


@dataclass(frozen=True, slots=True)
class CrewModel:
    """One file of a crew."""

    file_bytes: int
    kv_bytes_per_token: int

    @property
    def resident_bytes(self) -> int:
        """Return the weights and the KV cache."""
        return self.file_bytes + self.kv_bytes_per_token * _KV_TOKENS

    @property
    def load_s(self) -> float:
        """Return the seconds of one load."""
        return _LOAD_OVERHEAD_S + self.file_bytes / _LOAD_BYTES_PER_S

    @property
    def tokens_per_s(self) -> float:
        """Return how fast one sequence is decoded."""
        return _DECODE_EFFICIENCY * _BANDWIDTH_BYTES_PER_S / self.file_bytes


MODELS: Mapping[str, CrewModel] = {
    "22b": CrewModel(int(13.3 * _GB), 224 * 1024),
    "14b": CrewModel(int(9.0 * _GB), 192 * 1024),
    "r1-14b": CrewModel(int(9.0 * _GB), 192 * 1024),
    "7b": CrewModel(int(4.4 * _GB), 128 * 1024),
    "3b": CrewModel(int(2.0 * _GB), 112 * 1024),
}


@dataclass(frozen=True, slots=True)
class Crew:
    """Which model plays which role, and the memory for all of them."""

    name: str
    camina: str
    belters: tuple[str, ...]
    """Of every Belter one of these, by lot; so of every Drummer."""
    drummers: tuple[str, ...]
    observer: str
    budget_bytes: int


CREWS = (
    Crew("22B, 7B, 3B; 16 GiB", "22b", ("7b",), ("3b",), "r1-14b", 16 << 30),
    Crew("22B, 14B, 7B; 14.5 GiB", "22b", ("14b",), ("7b",), "r1-14b", 29 << 29),
    Crew(
        "22B, 14B or 7B, 7B or 3B; 14.5 GiB", "22b", ("14b", "7b"), ("7b", "3b"), "r1-14b", 29 << 29
    ),
)
"""The seed's crew, whose two small models fit together; one that has room for one at a time; and
one in which a model is needed on several levels."""


def graph(seed: int, crew: Crew) -> Agenda:
    """Return the works of one request; in a third of the graphs some Belters need earlier ones.

    They are listed depth first, as a recursive program would do them.
    """
    random = Random(seed)
    dependent = random.random() < 1 / 3
    works = [_inference(random, "plan", crew.camina, (), tokens=(200, 450))]
    merges: list[str] = []
    for belter in range(random.randint(2, 5)):
        needs = ["plan"]
        if dependent and merges and random.random() < 0.5:
            needs.append(random.choice(merges))
        works += _task(random, f"b{belter}", crew, tuple(needs))
        merges.append(f"b{belter}.merge")
    works.append(_inference(random, "answer", crew.camina, tuple(merges), tokens=(300, 600)))
    return Agenda(works)


def _task(random: Random, name: str, crew: Crew, needs: tuple[str, ...]) -> list[Work]:
    first, belter = f"{name}.steps", random.choice(crew.belters)
    works = [_inference(random, first, belter, needs, tokens=(80, 200))]
    tools = []
    for drummer in range(random.randint(1, 5)):
        call, tool = f"{name}.call{drummer}", f"{name}.tool{drummer}"
        works.append(
            _inference(random, call, random.choice(crew.drummers), (first,), tokens=(40, 120))
        )
        works.append(Work(tool, needs=(call,), seconds=random.uniform(0.2, 2.0)))
        tools.append(tool)
    merge = f"{name}.merge"
    works.append(_inference(random, merge, belter, tuple(tools), tokens=(150, 350)))
    watched = _inference(
        random, f"{name}.watched", crew.observer, (merge,), tokens=(300, 700), background=True
    )
    return [*works, watched]


def _inference(
    random: Random,
    key: str,
    model: str,
    needs: tuple[str, ...],
    *,
    tokens: tuple[int, int],
    background: bool = False,
) -> Work:
    seconds = random.randint(*tokens) / MODELS[model].tokens_per_s
    return Work(key, model, needs, seconds=seconds, background=background)
