"""What a streamed answer costs on screen: CPU of the answer pane ÷ CPU of Textual's Markdown.

Both take the same list in the same pieces in this process, on a headless screen of 120×40. Two
more lines tell the longest step of the answer pane and how long a key takes to be seen while
another thread computes; the closing line is the first goal that is missed, else the ratio.
"""

import asyncio
import gc
import statistics
import time
from collections.abc import Awaitable, Callable
from threading import Event as Flag
from threading import Thread

from textual.app import App, ComposeResult
from textual.events import Key
from textual.widgets import Markdown

from bench.report import Result
from toollama.fold.answer import AnswerFold
from toollama.text import Visible
from toollama.tui.history import History
from toollama.tui.widgets.answer_pane import AnswerPane
from toollama.tui.widgets.prompt import Prompt

_ITEMS = 196
_QUICK_ITEMS = 48
_PIECE_CHARACTERS = 80
"""Twenty tokens, which is what arrives between two drains at 400 tokens a second."""
_RATIO_GOAL = 0.1
_STEP_GOAL_S = 0.1
_KEY_GOAL_S = 0.05
_KEYS = 100
_SIZE = (120, 40)


def run(*, quick: bool) -> Result:
    """Measure the ratio, the longest step and the echo of keys."""
    return asyncio.run(_run(_QUICK_ITEMS if quick else _ITEMS))


async def _run(items: int) -> Result:
    gc.freeze()  # as `toollama.tui.launch` does: what is imported is never garbage
    whole_s, step_s = await _ours(_ITEMS)
    ours_s, _ = await _ours(items)
    theirs_s, their_step_s = await _theirs(items)
    echo_s = await _key_echo_s()
    print(f"answer pane {ours_s:.2f} s CPU, Markdown.append {theirs_s:.2f} s for {items} items")
    print(
        f"answer pane {whole_s:.2f} s CPU for {_ITEMS} items; Markdown's step {their_step_s:.2f} s"
    )
    results = (
        Result("stream step", step_s, _STEP_GOAL_S, most=True),
        Result("stream key p95", echo_s, _KEY_GOAL_S, most=True),
        Result("stream", ours_s / theirs_s, _RATIO_GOAL, most=True),
    )
    for result in results[:2]:
        print(result.line())
    return next((result for result in results if not result.holds), results[-1])


def _pieces(items: int) -> list[str]:
    text = "".join(
        f"- **Item {number}** stands for `value_{number}` of the list\n" for number in range(items)
    )
    return [text[at : at + _PIECE_CHARACTERS] for at in range(0, len(text), _PIECE_CHARACTERS)]


class _OurScreen(App[None]):
    CSS = "AnswerPane { height: 1fr; } .block { height: auto; }"

    def compose(self) -> ComposeResult:
        yield AnswerPane(ascii_only=False)
        yield Prompt(History(None))


class _TheirScreen(App[None]):
    def compose(self) -> ComposeResult:
        yield Markdown("")


async def _ours(items: int) -> tuple[float, float]:
    """Return the CPU seconds of a stream and its longest step in wall seconds."""
    app = _OurScreen()
    async with app.run_test(size=_SIZE):
        pane, answer = app.query_one(AnswerPane), AnswerFold()
        await pane.begin(Visible("list"), run_id="")

        async def take(piece: str) -> None:
            answer.add(piece)
            await pane.show(answer)

        return await _stream(take, items)


async def _theirs(items: int) -> tuple[float, float]:
    app = _TheirScreen()
    async with app.run_test(size=_SIZE):
        markdown = app.query_one(Markdown)

        async def take(piece: str) -> None:
            await markdown.append(piece)

        return await _stream(take, items)


async def _stream(take: Callable[[str], Awaitable[None]], items: int) -> tuple[float, float]:
    started_s, longest_s = time.process_time(), 0.0
    for piece in _pieces(items):
        step_s = time.thread_time()
        await take(piece)
        await asyncio.sleep(0.001)  # the screen is drawn between two pieces
        longest_s = max(longest_s, time.thread_time() - step_s)
    return time.process_time() - started_s, longest_s


async def _key_echo_s() -> float:
    """Return the 95th percentile of seconds from a key to its letter, beside a busy thread."""
    app, stop = _OurScreen(), Flag()
    worker = Thread(target=_generate, args=(stop,), daemon=True)
    async with app.run_test(size=_SIZE):
        prompt = app.query_one(Prompt)
        prompt.focus()
        worker.start()
        waits_s = [await _echo_s(prompt, number) for number in range(_KEYS)]
        stop.set()
    worker.join()
    return statistics.quantiles(waits_s, n=20)[-1]


async def _echo_s(prompt: Prompt, number: int) -> float:
    started_s = time.perf_counter()
    prompt.post_message(Key("a", "a"))
    while len(prompt.text) <= number:  # noqa: ASYNC110 - the loop itself is measured
        await asyncio.sleep(0)
    return time.perf_counter() - started_s


def _generate(stop: Flag) -> None:
    """Behave as an engine thread does: C work without the GIL, then Python, for every token."""
    while not stop.is_set():
        time.sleep(0.015)
        sum(number * number for number in range(20_000))
