"""Arguments that a tool can be tried with, taken from what the tool itself declares. Pure.

A declared API carries examples; a Python tool carries sample requests, of which those are examples
whose every argument its own parser reads for certain.
"""

from collections.abc import Iterator
from typing import Any

from toollama.tools.base import ToolContext
from toollama.tools.declared.tool import DeclaredTool
from toollama.tools.run import AnyTool


def examples(tool: AnyTool, context: ToolContext) -> Iterator[dict[str, Any]]:
    """Yield arguments that validate, the clearest first."""
    if isinstance(tool, DeclaredTool):
        yield from (dict(example.arguments) for example in tool.terms.examples)
        return
    fields = tool.spec.parameters.model_fields
    required = {name for name, field in fields.items() if field.is_required()}
    for utterance in tool.spec.utterances:
        proposal = tool.propose(utterance, context)
        read = {name: found[0] for name, found in proposal.items() if found}
        certain = all(candidate.certain for candidate in read.values())
        if certain and (read or not fields) and required <= read.keys():
            yield {name: candidate.value for name, candidate in read.items()}
