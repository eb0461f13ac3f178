"""How an answer leaves: streamed text, numbered sources, notes, or one JSON object."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from toollama.agents import document as documents
from toollama.cli import drawing, out
from toollama.cli.look import Look
from toollama.cli.views import View
from toollama.fold.blocks import Block, Blocks
from toollama.text import Visible, one_line, visible

if TYPE_CHECKING:
    from toollama.agents.messages import Answer
    from toollama.errors import ToolLamaError
    from toollama.events import Event

_LOCATOR_CHARACTERS = 2000


@dataclass(slots=True)
class AnswerStream:
    """A subscriber that writes the answer as it comes and ends it in exactly one line feed.

    White space at the end is held back until more text follows it.
    """

    _written: str = ""
    _held: str = ""

    def __call__(self, event: "Event") -> None:
        """Write the text of a `message.delta`."""
        if event.type == "message.delta":
            self._write(str(event.data.get("text", "")))

    def _write(self, text: str) -> None:
        pending = self._held + text
        body = pending.rstrip()
        self._held = pending[len(body) :]
        if body:
            self._written += body
            out.data(body)

    def finish(self, text: str) -> None:
        """Write what of the whole answer has not been streamed, and the line feed."""
        whole = text.rstrip()
        if not whole and not self._written:
            return
        if whole.startswith(self._written):
            out.data(whole[len(self._written) :] + "\n")
        else:
            out.data(f"\n\n{whole}\n")


@dataclass(slots=True)
class DrawnAnswer:
    """A subscriber that draws the Markdown of the answer, each block when it is complete."""

    look: Look
    _said: str = ""
    _held: str = ""
    _blocks: Blocks = field(default_factory=Blocks)

    def __call__(self, event: "Event") -> None:
        """Draw what the text of a `message.delta` completes."""
        if event.type == "message.delta":
            self._say(str(event.data.get("text", "")))

    def _say(self, text: str) -> None:
        pending = self._held + text
        body = pending.rstrip()
        self._held = pending[len(body) :]
        self._said += body
        self._draw(self._blocks.feed(visible(body)))

    def finish(self, text: str) -> None:
        """Draw what is left of the whole answer."""
        whole = text.rstrip()
        if whole.startswith(self._said):
            self._held = ""
            self._say(whole[len(self._said) :])
        elif whole:
            self._held = "\n\n"
            self._say(whole)
        if self._said:
            self._draw(self._blocks.feed(Visible("\n")))
        self._draw(self._blocks.finish())

    def _draw(self, blocks: Iterator[Block]) -> None:
        for block in blocks:
            out.drawn(drawing.draw(block, self.look))


def whole(answer: "Answer", view: View) -> str:
    """Return everything that stdout, or a file, gets of an answer as text."""
    if view.extract is not None:
        return _extracted(answer.text, view.extract)
    with_sources = view.with_sources
    if view.format == "markdown":
        listed = answer.sources if with_sources else ()
        return documents.markdown(answer.text, sources=listed, limits=()) + "\n"
    text = documents.plain(answer.text) if view.format else answer.text.rstrip()
    return f"{text}\n" + (sources(answer) if with_sources else "")


def sources(answer: "Answer") -> str:
    """Return the numbered sources as lines after a blank one, or nothing."""
    lines = [
        f"[{each.number}] {one_line(each.title)} — {one_line(each.locator, _LOCATOR_CHARACTERS)}\n"
        for each in answer.sources
    ]
    return "".join(["\n", *lines]) if lines else ""


def _extracted(text: str, language: str) -> str:
    """Return the first code block in that language, or of any; the whole text where none is."""
    blocks = Blocks()
    code: list[str] | None = None
    for block in (*blocks.feed(text), *blocks.finish()):
        if block.kind == "code" and code is not None:
            code.append(block.text)
        elif block.kind == "fence" and code is not None:
            break
        elif block.kind == "fence" and _is_marked(block.text, language):
            code = []
    if code is None:
        out.note("note: the answer has no such code block; this is all of it")
        return f"{text.rstrip()}\n"
    return "".join(code)


def _is_marked(fence: str, language: str) -> bool:
    marked = fence.strip().strip("`~").strip().split(" ")[0]
    return not language or marked.lower() == language.lower()


def show_usage(answer: "Answer") -> None:
    """Tell on stderr what the answer cost."""
    usage = answer.usage
    rate = usage.output_tokens / answer.duration_s if answer.duration_s else 0.0
    out.note(
        f"usage: {usage.input_tokens} tokens read, {usage.output_tokens} written "
        f"({rate:.0f} a second of the run), {answer.tool_calls} calls, {answer.swaps} swaps, "
        f"{answer.duration_s:.1f} s"
    )


def show_limits(answer: "Answer") -> None:
    """Tell on stderr what a careful reader must know."""
    for limit in answer.limits:
        out.note(f"note: {' '.join(limit.split())}")


def document(answer: "Answer", *, run_id: str) -> dict[str, Any]:
    """Return the object that `--json` prints for an answer."""
    given = {"document": answer.data["document"]} if "document" in answer.data else {}
    return {
        "answer": answer.text,
        **given,
        "status": answer.status,
        "sources": answer.sources,
        "limits": answer.limits,
        "sentences": answer.sentences,
        "usage": answer.usage,
        "tool_calls": answer.tool_calls,
        "swaps": answer.swaps,
        "duration_s": answer.duration_s,
        "run_id": run_id,
        "exit_code": answer.exit_code,
    }


def failure(error: "ToolLamaError", *, run_id: str, exit_code: int) -> dict[str, Any]:
    """Return the object that `--json` prints for a run without an answer."""
    return {
        "answer": "",
        "status": "failed",
        "error": {"code": error.code, "message": error.message, "fix": error.fix},
        "waiting": error.waiting,
        "run_id": run_id,
        "exit_code": exit_code,
    }
