"""Which files a child process loads first, because loading them may end the process.

Reads headers only; imports nothing of llama.cpp.
"""

from functools import lru_cache
from pathlib import Path

from toollama.errors import ModelCorrupt, ModelDoesNotFit, ModelError
from toollama.models.file_stamp import FileStamp, file_stamp
from toollama.models.gguf import GgufHeader, read_header
from toollama.models.ladder import Attempt
from toollama.models.llama.probe_load import LoadVerdict, loads_safely
from toollama.models.spec import ModelSpec

_FAMILIAR_ARCHITECTURES = frozenset({"llama", "qwen2"})
"""Those of the packaged models.toml."""


def header_of(path: Path) -> GgufHeader:
    """Return the file's header, read once per content. Raises `ModelMissing`, `ModelCorrupt`."""
    try:
        return _header(file_stamp(path))
    except OSError:
        return read_header(path)


@lru_cache(maxsize=32)
def _header(stamp: FileStamp) -> GgufHeader:
    return read_header(Path(stamp[0]))


def needs_trial(header: GgufHeader) -> bool:
    """Return whether a load may end the process, so that a child should try it first.

    llama.cpp answers a wrong tensor or a missing key with a refusal, but asserts on numbers that
    nobody has tried. Files of common architectures with plausible numbers are not worth the price
    of a second load (docs/decisions.md).
    """
    plausible = (
        0 < header.kv_heads <= header.heads
        and header.heads % header.kv_heads == 0
        and header.embedding_length % header.heads == 0
        and min(header.key_length, header.value_length, header.layers, header.vocabulary) > 0
    )
    return header.architecture not in _FAMILIAR_ARCHITECTURES or not plausible


async def try_load(path: Path, spec: ModelSpec, attempt: Attempt) -> None:
    """Load the file in a child process, unless that went well before.

    What llama.cpp refuses without ending its process may go on: it is refused here too, in its own
    words. Raises `ModelDoesNotFit` where memory ran out, else `ModelCorrupt`.
    """
    verdict = await loads_safely(path, attempt.placed(spec), context_tokens=attempt.context_tokens)
    if fault := _fault(path, spec, verdict):
        raise fault


def _fault(path: Path, spec: ModelSpec, verdict: LoadVerdict) -> ModelError | None:
    if verdict.outcome in {"ok", "refused"}:
        return None
    if verdict.outcome == "out_of_memory":
        return out_of_memory(spec, verdict.detail)
    return ModelCorrupt(
        f"{spec.id}: llama.cpp ended in a trial load of {path.name} ({verdict.outcome}): "
        f"{verdict.detail or 'no reason given'}",
        fix="choose another file, or a newer llama-cpp-python",
    )


def out_of_memory(spec: ModelSpec, detail: str) -> ModelDoesNotFit:
    """Return the error for a load that the memory was not enough for, whatever was planned."""
    return ModelDoesNotFit(
        f"{spec.id}: memory ran out while it was loaded: {detail or 'no reason given'}",
        fix="close other programs that use memory, or choose a smaller model or profile",
    )
