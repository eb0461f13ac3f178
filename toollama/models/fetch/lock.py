"""One pull of a file at a time on this machine; the second waits and is told for whom."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from toollama.errors import ModelError

OnWait = Callable[[str], None]
"""Called once, with who holds the file, before the wait begins."""


@contextmanager
def only_pull(target: Path, *, on_wait: OnWait, timeout_s: float = -1) -> Iterator[bool]:
    """Hold the right to pull `target` while the block runs; yields whether it had to be waited for.

    `timeout_s` bounds the wait, -1 waits for ever. Raises `ModelError` where it runs out. The
    kernel drops the lock with its process, so no crash leaves a file locked.
    """
    import os

    from filelock import FileLock, Timeout

    target.parent.mkdir(parents=True, exist_ok=True)
    holder = target.with_name(f".{target.name}.pid")
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    waited = False
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waited = True
        who = _who(holder)
        on_wait(f"{target.name} is being pulled by {who}; waiting")
        try:
            lock.acquire(timeout=timeout_s)
        except Timeout:
            raise ModelError(
                f"{target.name} is still being pulled by {who}", fix="wait for it, or stop it"
            ) from None
    try:
        holder.write_text(str(os.getpid()), encoding="ascii")
        yield waited
    finally:
        with suppress(OSError):
            holder.unlink()
        lock.release()


def _who(holder: Path) -> str:
    try:
        return f"process {int(holder.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return "another process"
