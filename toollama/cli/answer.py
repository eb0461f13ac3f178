"""How an answer leaves: streamed text, numbered sources, notes, or one JSON object."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toollama.cli import out

if TYPE_CHECKING:
    from toollama.agents.messages import Answer
    from toollama.errors import ToolLamaError
    from toollama.events import Event


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


def show_sources(answer: "Answer") -> None:
    """Write the numbered sources to stdout, after a blank line."""
    if answer.sources:
        lines = [
            f"[{source.number}] {source.title} — {source.locator}" for source in answer.sources
        ]
        out.data("\n" + "\n".join(lines) + "\n")


def show_formatted(answer: "Answer", name: str, *, with_sources: bool) -> None:
    """Write the whole answer as `markdown`, or as `text` without its marks."""
    from toollama.agents import document

    if name == "markdown":
        sources = answer.sources if with_sources else ()
        out.data(document.markdown(answer.text, sources=sources, limits=()) + "\n")
        return
    out.data(document.plain(answer.text) + "\n")
    if with_sources:
        show_sources(answer)


def show_limits(answer: "Answer") -> None:
    """Tell on stderr what a careful reader must know."""
    for limit in answer.limits:
        out.note(f"note: {limit}")


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
