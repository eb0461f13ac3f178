"""Whether calls are right, by the rules of BFCL's checker for Python functions. Pure.

A call is right when its name and every parameter are: none too many, none missing that the answer
demands, each of the declared type, and each value among those listed. Texts are compared without
case, spaces and `, . / - _ * ^`. An answer that lists `""` may be left out. Written after
`bfcl_eval/eval_checker/ast_eval/ast_checker.py` of https://github.com/ShishirPatil/gorilla.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PYTHON_TYPES: dict[str, type] = {
    "string": str,
    "any": str,
    "integer": int,
    "float": float,
    "number": float,
    "boolean": bool,
    "array": list,
    "tuple": list,
    "dict": dict,
    "object": dict,
}
_IGNORED = re.compile(r"[ ,./\-_*^]")
_OMITTED = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it would be made."""

    name: str
    arguments: Mapping[str, Any]


def fault(
    calls: Sequence[Call],
    answers: Sequence[Mapping[str, Any]],
    functions: Sequence[Mapping[str, Any]],
) -> str:
    """Return what is wrong with the calls, in a few words; empty where they are right.

    Several calls may stand in any order. No answers mean that nothing may be called.
    """
    if len(calls) != len(answers):
        return f"{len(calls)} calls, not {len(answers)}"
    left = list(calls)
    for answer in answers:
        faults = [_call_fault(call, answer, functions) for call in left]
        if "" not in faults:
            return faults[0]
        left.pop(faults.index(""))
    return ""


def _call_fault(
    call: Call, answer: Mapping[str, Any], functions: Sequence[Mapping[str, Any]]
) -> str:
    ((name, expected),) = answer.items()
    if _same_name(call.name) != _same_name(name):
        return f"calls {call.name}, not {name}"
    function = next(f for f in functions if _same_name(f["name"]) == _same_name(name))
    declared: Mapping[str, Any] = function["parameters"].get("properties", {})
    for required in function["parameters"].get("required", []):
        if required not in call.arguments:
            return f"{required} is missing"
    for parameter, value in call.arguments.items():
        if parameter not in declared or parameter not in expected:
            return f"{parameter} is too much"
        if problem := _value_fault(value, declared[parameter], expected[parameter]):
            return f"{parameter} {problem}"
    for parameter, listed in expected.items():
        if parameter not in call.arguments and _OMITTED not in listed:
            return f"{parameter} is missing"
    return ""


def _same_name(name: str) -> str:
    return name.replace(".", "_")


def _value_fault(value: Any, declared: Mapping[str, Any], listed: Sequence[Any]) -> str:
    expected_type = _PYTHON_TYPES.get(str(declared.get("type")), str)
    if expected_type is float and type(value) is int:
        value = float(value)
    if type(value) is expected_type:
        if not _items_fit(value, declared, listed):
            return "has items of the wrong type"
    elif not _is_variable(value, listed):
        return f"is {type(value).__name__}, not {expected_type.__name__}"
    return "" if _is_listed(value, listed) else "has the wrong value"


def _items_fit(value: Any, declared: Mapping[str, Any], listed: Sequence[Any]) -> bool:
    """Return whether the items of a list have their declared type, or that of a listed value's."""
    items = declared.get("items")
    if not isinstance(value, list) or not isinstance(items, Mapping) or "type" not in items:
        return True
    nested = _PYTHON_TYPES.get(str(items["type"]), str)
    return all(
        type(item) is nested
        or (nested is float and type(item) is int)
        or any(type(item) is type(one) for option in listed if option for one in option)
        for item in value
    )


def _is_variable(value: Any, listed: Sequence[Any]) -> bool:
    """Return whether the answer itself stands in for the declared type."""
    meant = next((option for option in listed if option != _OMITTED), None)
    return meant is not None and type(value) is type(meant)


def _is_listed(value: Any, listed: Sequence[Any]) -> bool:
    if isinstance(value, Mapping):
        return any(_object_fits(value, option) for option in listed if isinstance(option, Mapping))
    if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
        return any(
            isinstance(option, list)
            and len(option) == len(value)
            and all(map(_object_fits, value, option))
            for option in listed
        )
    return any(_plain(value) == _plain(option) and _alike(value, option) for option in listed)


def _alike(value: Any, option: Any) -> bool:
    """Return whether true is not taken for 1."""
    return isinstance(value, bool) == isinstance(option, bool)


def _object_fits(value: Mapping[str, Any], option: Mapping[str, Any]) -> bool:
    return all(
        key in option and any(_plain(item) == _plain(one) for one in option[key])
        for key, item in value.items()
    ) and all(key in value or _OMITTED in listed for key, listed in option.items())


def _plain(value: Any) -> Any:
    """Return the value with its texts as they are compared."""
    if isinstance(value, str):
        return _IGNORED.sub("", value).lower().replace("'", '"')
    return [_plain(item) for item in value] if isinstance(value, list) else value
