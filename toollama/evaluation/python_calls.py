"""Calls that a model wrote as Python, `[weather(city="Oslo")]`, read and never run. Pure."""

import ast
import re

from toollama.evaluation.marking import Call

_FENCE = re.compile(r"^```[a-z]*\n?|\n?```$")
_MAX_CHARACTERS = 20_000


def parse(text: str) -> list[Call]:
    """Return the calls of a list, or of one call alone, whose arguments are literals.

    Raises `ValueError` where the text is anything else, as BFCL does.
    """
    bare = _FENCE.sub("", text.strip()[:_MAX_CHARACTERS]).strip()
    if not bare.startswith("["):
        bare = f"[{bare}]"
    try:
        tree = ast.parse(bare, mode="eval").body
    except (SyntaxError, MemoryError, RecursionError) as error:
        raise ValueError("not Python") from error
    return [_call(node) for node in getattr(tree, "elts", [tree])]


def _call(node: ast.expr) -> Call:
    if not isinstance(node, ast.Call) or node.args:
        raise ValueError("not a call with named arguments")
    arguments = {}
    for keyword in node.keywords:
        if keyword.arg is None:
            raise ValueError("not a call with named arguments")
        arguments[keyword.arg] = _literal(keyword.value)
    return Call(ast.unparse(node.func), arguments)


def _literal(node: ast.expr) -> object:
    value = ast.literal_eval(node)
    return list(value) if isinstance(value, tuple) else value
