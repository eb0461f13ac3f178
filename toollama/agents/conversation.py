"""A request as part of a conversation: which run it goes on from, and what it means there.

Runs form chains: each may name the one before it. A conversation is a chain with a name; one
without a name goes by the id of its first run. Nothing but runs is stored.
"""

from dataclasses import dataclass

from toollama.agents import followups, memory
from toollama.agents.messages import Attached, Memory, Thread
from toollama.errors import InputError
from toollama.store import RunRow, Store

_TURNS_REMEMBERED = 20
ANSWER_BEFORE = "the answer before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a request goes on from."""

    session: str
    previous_run_id: str | None
    memory: Memory
    meant: str
    """The request as a whole one."""
    attached: tuple[Attached, ...] = ()
    """The answer before, where the request points to it."""


def previous_run(store: Store, thread: Thread) -> RunRow | None:
    """Return the answered run that a request goes on from. Raises `StoreError`."""
    if thread.name:
        return store.last_run(session=thread.name)
    return store.last_run(terminal=thread.terminal) if thread.continues else None


def open_turn(
    store: Store,
    thread: Thread,
    previous: RunRow | None,
    *,
    run_id: str,
    prompt: str,
    attachments: bool = False,
) -> Opening:
    """Return what the prompt means after the previous run. Raises `StoreError`."""
    if previous is None:
        known = recall(store, None, prompt)
        return Opening(
            session=thread.name or run_id, previous_run_id=None, memory=known, meant=prompt
        )
    known = recall(store, previous.run_id, prompt)
    meant, attached = _understood(known, prompt, attachments=attachments)
    going_on = thread.name or previous.session or previous.run_id
    return Opening(
        session=run_id if thread.fork else going_on,
        previous_run_id=previous.run_id,
        memory=known,
        meant=meant,
        attached=attached,
    )


def recall(store: Store, run_id: str | None, prompt: str) -> Memory:
    """Return what is known when `prompt` is said after a run. Raises `StoreError`."""
    chain = store.chain(run_id, _TURNS_REMEMBERED) if run_id else []
    turns = [memory.turn(store.events(each)) for each in chain]
    return memory.remember([turn for turn in turns if turn is not None], prompt)


def nothing_before(thread: Thread) -> InputError:
    """Return what a user is told who goes on from nothing."""
    return InputError(
        f"no answer in the session {thread.name} can be forked"
        if thread.name
        else "nothing was answered on this terminal yet",
        fix="toollama runs list; go on from a named conversation with: toollama ask -s NAME",
    )


def _understood(
    known: Memory, prompt: str, *, attachments: bool
) -> tuple[str, tuple[Attached, ...]]:
    if attachments or not known.turns:
        return prompt, ()
    last = known.turns[-1]
    previous = followups.PreviousTurn(
        text=last.meant, values=tuple(last.values.values()), answer=last.value
    )
    meant = followups.resolve(previous, prompt)
    if meant is not None:
        return meant, ()
    if followups.refers_back(prompt) and last.answer:
        return prompt, (Attached(name=ANSWER_BEFORE, text=last.answer),)
    return prompt, ()
