"""Tries a load in a child process, because running out of memory inside ggml ends the process.

`loads_safely` is the parent's side; `python -m toollama.models.llama.probe_load` is the child's:
it loads one model exactly as the engine does, and prints one JSON document. A verdict about the
file is kept in the cache directory for the same content, parameters and runtime.
"""

import asyncio
import hashlib
import os
import signal
import sys
from asyncio.subprocess import PIPE
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from toollama import paths
from toollama.errors import ModelError
from toollama.models.fetch.files import write_whole
from toollama.models.file_stamp import file_stamp
from toollama.models.spec import ModelSpec

Outcome = Literal["ok", "refused", "out_of_memory", "aborted", "timeout"]
"""`refused`: llama.cpp said no. `aborted`: the child died of a signal that is not about memory."""

_TIMEOUT_S = 600.0
_KEPT_OUTPUT_CHARACTERS = 500
_MEMORY_WORDS = ("memory", "alloc", "mem_buffer")
_MODULE = "toollama.models.llama.probe_load"


class LoadVerdict(BaseModel):
    """How a load in a child process ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    bytes: int = 0
    """What the runtime allocated; 0 unless it loaded."""
    detail: str = ""
    """The last words of the child. Untrusted text."""


class _Order(BaseModel):
    """What the child is told, on its standard input."""

    spec: ModelSpec
    path: Path
    context_tokens: int
    address_space_bytes: int | None = None


async def loads_safely(
    path: Path,
    spec: ModelSpec,
    *,
    context_tokens: int,
    timeout_s: float = _TIMEOUT_S,
    address_space_bytes: int | None = None,
) -> LoadVerdict:
    """Return how loading this file ends, tried in a child unless it was tried before.

    `address_space_bytes` bounds the child (RLIMIT_AS, POSIX only), which is how lack of memory is
    provoked. Lack of memory and a timeout are not kept: they may be otherwise the next time.
    Cancelling ends the child. Raises `OSError` where the file or the interpreter is not there.
    """
    order = _Order(
        spec=spec,
        path=path,
        context_tokens=context_tokens,
        address_space_bytes=address_space_bytes,
    )
    stamp_file = _stamp_file(order)
    try:
        return LoadVerdict.model_validate_json(stamp_file.read_bytes())
    except (OSError, ValidationError):
        verdict = await _try_in_child(order, timeout_s=timeout_s)
    if verdict.outcome not in {"timeout", "out_of_memory"}:
        with suppress(OSError):  # a cache that cannot be written costs the trial again
            write_whole(stamp_file, verdict.model_dump_json())
    return verdict


def is_about_memory(said: str) -> bool:
    """Return whether llama.cpp or ggml speaks of a failed allocation."""
    return any(word in said.lower() for word in _MEMORY_WORDS)


def classify(returncode: int, stdout: str, stderr: str) -> LoadVerdict:
    """Return what a child's end means. ggml aborts both for lack of memory and for faults."""
    try:
        return LoadVerdict.model_validate_json(stdout)
    except ValidationError:
        detail = stderr[-_KEPT_OUTPUT_CHARACTERS:].strip()
    if returncode == -signal.SIGKILL:  # the kernel's answer to a machine without memory
        return LoadVerdict(outcome="out_of_memory", detail=detail)
    if is_about_memory(detail):
        return LoadVerdict(outcome="out_of_memory", detail=detail)
    return LoadVerdict(outcome="aborted", detail=detail or f"exit status {returncode}")


async def _try_in_child(order: _Order, *, timeout_s: float) -> LoadVerdict:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", _MODULE, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(timeout_s):
            stdout, stderr = await child.communicate(order.model_dump_json().encode())
    except TimeoutError:
        return LoadVerdict(outcome="timeout", detail=f"no answer in {timeout_s:g} s")
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    said, complaint = (stream.decode("utf-8", "replace") for stream in (stdout, stderr))
    return classify(child.returncode or 0, said, complaint)


def _stamp_file(order: _Order) -> Path:
    stamp = file_stamp(order.path)
    try:
        runtime = version("llama-cpp-python")
    except PackageNotFoundError:
        runtime = ""
    key = f"{order.model_dump_json()} {stamp} {runtime}"
    return paths.cache_dir() / "loads" / f"{hashlib.sha256(key.encode()).hexdigest()}.json"


def _load(order: _Order) -> LoadVerdict:
    from toollama.models.llama.model import LoadedModel

    try:
        model = LoadedModel(
            order.spec,
            order.path,
            context_tokens=order.context_tokens,
            progress=lambda _fraction: True,
        )
    except ModelError as error:
        outcome: Outcome = "out_of_memory" if is_about_memory(error.message) else "refused"
        return LoadVerdict(outcome=outcome, detail=error.message)
    except MemoryError:
        return LoadVerdict(outcome="out_of_memory")
    return LoadVerdict(outcome="ok", bytes=model.bytes)


def _bound_memory(limit_bytes: int | None) -> None:
    if limit_bytes is not None:
        import resource

        # The libraries are mapped first: the bound is for the model.
        import toollama.models.llama.model  # noqa: F401

        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


def main() -> None:
    """Load what standard input says and leave without cleaning up: the process ends anyway."""
    order = _Order.model_validate_json(sys.stdin.read())
    _bound_memory(order.address_space_bytes)
    verdict = _load(order)
    sys.stdout.write(verdict.model_dump_json())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
