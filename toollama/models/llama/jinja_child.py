"""Renders one model file's chat template, in a process of its own that really ends.

Run as a program by `chat_template`, never imported: it reads one JSON job from stdin and writes the
renderings to stdout. Jinja's sandbox refuses attribute escapes, but bounds neither time nor memory
(https://jinja.palletsprojects.com/en/stable/sandbox/); the limits below are the kernel's, so a loop
inside C code ends as well. The process gets no secrets and can write no file.
"""

import json
import resource
import signal
import sys
from contextlib import suppress
from datetime import datetime
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

_CPU_S = 0.5
_MEMORY_BYTES = 512 << 20
_MAX_OUTPUT_CHARACTERS = 1 << 18


class _Generation(Extension):
    """`{% generation %}` marks the assistant's words for training; here it only groups."""

    tags = {"generation"}  # noqa: RUF012 - jinja2 declares it as an attribute of the class

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(value: Any, *, ensure_ascii: bool = False, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)


def _now(pattern: str) -> str:
    return datetime.now().astimezone().strftime(pattern)


def _environment() -> ImmutableSandboxedEnvironment:
    """Return the environment that transformers gives chat templates.

    See `_compile_jinja_template` in transformers' utils/chat_template_utils.py.
    """
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _now
    return environment


def _confine() -> None:
    """Bound this process. A limit that a platform lacks leaves the others."""
    for limit, most in [
        (resource.RLIMIT_AS, _MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ]:
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (most, most))
    signal.setitimer(signal.ITIMER_PROF, _CPU_S)  # SIGPROF ends the process


def _render(template: Template, variables: dict[str, Any]) -> str:
    text = ""
    for piece in template.generate(variables):
        text += piece
        if len(text) > _MAX_OUTPUT_CHARACTERS:
            _refuse(f"it writes more than {_MAX_OUTPUT_CHARACTERS} characters")
    return text


def _rendering(job: dict[str, Any], messages: list[dict[str, str]]) -> dict[str, str]:
    """Return `text`, or the `fault` that a stranger's template ended in."""
    variables = {
        "messages": messages,
        "add_generation_prompt": True,
        "tools": None,
        "documents": None,
        "bos_token": job["bos"],
        "eos_token": job["eos"],
    }
    try:
        return {"text": _render(_environment().from_string(job["template"]), variables)}
    except Exception as fault:  # noqa: BLE001 - a template can raise anything
        return {"fault": f"{type(fault).__name__}: {fault}"[:500]}


def main() -> None:
    """Render every conversation of the job."""
    job = json.load(sys.stdin.buffer)
    _environment()
    _confine()
    json.dump([_rendering(job, messages) for messages in job["conversations"]], sys.stdout)


if __name__ == "__main__":
    main()
