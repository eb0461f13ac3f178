"""Requests held back from the sample utterances, with the tool that each is for."""

from pathlib import Path

from pydantic_core import from_json


def held_back_queries() -> list[dict[str, str]]:
    """Return the `query` and `tool` of every line of tests/tools/data/routing_*.jsonl."""
    files = sorted((Path(__file__).parent / "data").glob("routing_*.jsonl"))
    return [from_json(line) for path in files for line in path.read_text("utf-8").splitlines()]
