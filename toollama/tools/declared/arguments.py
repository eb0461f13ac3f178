"""A tool's parameters as a pydantic model, made from JSON Schemas.

What a schema says is what a model is shown; what pydantic checks is the part of it that it knows.
A value may come as people and small models write it: `"5"` for 5, `a, b` for a list, `Metric` for
`metric`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, Union

from pydantic import BeforeValidator, Field, PrivateAttr, TypeAdapter, WithJsonSchema, create_model
from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from toollama.tools.base import Arguments
from toollama.tools.openapi.operation import Parameter
from toollama.tools.weather.open_meteo import Place

_MAX_DESCRIPTION = 300
_SHOWN = (
    "type",
    "format",
    "enum",
    "items",
    "properties",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "anyOf",
    "oneOf",
    "allOf",
    "additionalProperties",
    "const",
)


class DeclaredArguments(Arguments):
    """Base of the parameters of declared tools."""

    _place: Place | None = PrivateAttr(default=None)
    """The place that a name was found to mean, between `prepare` and `execute`."""

    @property
    def place_found(self) -> Place | None:
        """Return the place that was looked up."""
        return self._place

    def located(self, place: Place) -> "DeclaredArguments":
        """Return the same arguments with the place that was looked up."""
        copy = self.model_copy()
        copy._place = place  # noqa: SLF001 - a copy of this very object
        return copy

    def given(self) -> dict[str, Any]:
        """Return what was given or has a default, as JSON-ready values by argument."""
        return self.model_dump(mode="json", exclude_none=True)


def model_of(name: str, parameters: Sequence[Parameter]) -> type[DeclaredArguments]:
    """Return the model of the arguments. Raises `ValueError` for a schema that is no schema."""
    fields: dict[str, Any] = {one.argument: _field(one) for one in parameters}
    try:
        model = create_model(
            f"{name.title().replace('_', '')}Arguments", __base__=DeclaredArguments, **fields
        )
    except (PydanticUserError, SchemaError, TypeError) as error:
        raise ValueError(f"the parameters make no model: {error}") from error
    return model


def _field(parameter: Parameter) -> tuple[Any, Any]:
    schema = parameter.schema
    annotation = python_type(schema)
    settings: dict[str, Any] = {"default": schema.get("default")}
    if parameter.required and settings["default"] is None:
        settings["default"] = ...
        if schema.get("type") == "string" and not {"enum", "minLength"} & schema.keys():
            settings["min_length"] = 1
    elif settings["default"] is None:
        annotation = Union[annotation, None]  # noqa: UP007 - the members are values
    description = " ".join(parameter.description.split())[:_MAX_DESCRIPTION]
    shown = {key: schema[key] for key in _SHOWN if key in schema}
    if description:
        shown["description"] = description
    field = Field(description=description or None, **settings)
    return Annotated[annotation, WithJsonSchema(shown)], field


def python_type(schema: Mapping[str, Any]) -> Any:
    """Return the Python type that checks what a JSON Schema says, as far as one can."""
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if one != "null"]
        inner = python_type({**schema, "type": kinds[0]}) if len(kinds) == 1 else Any
        return Union[inner, None] if "null" in kind else inner  # noqa: UP007
    options = schema.get("enum")
    if isinstance(options, list) and options and kind != "array":
        return _choice(options)
    match kind:
        case "string":
            return _string(schema)
        case "integer":
            return Annotated[int, *_bounds(schema)]
        case "number":
            number = Annotated[float, Field(allow_inf_nan=False)]
            return Annotated[Union[int, number], *_bounds(schema)]  # noqa: UP007
        case "boolean":
            return bool
        case "array":
            return _array(schema)
        case "object":
            return dict[str, Any]
        case _:
            return Any


def _choice(options: Sequence[Any]) -> Any:
    scalars = tuple(one for one in options if isinstance(one, str | int) or one is None)
    if len(scalars) < len(options):
        return Any
    return Annotated[Literal[scalars], BeforeValidator(_nearest(scalars))]


def _nearest(options: Sequence[Any]) -> Callable[[Any], Any]:
    folded = {str(option).casefold(): option for option in reversed(options)}

    def nearest(value: Any) -> Any:
        return value if value in options else folded.get(str(value).strip().casefold(), value)

    return nearest


def _string(schema: Mapping[str, Any]) -> Any:
    limits: dict[str, Any] = {}
    if isinstance(least := schema.get("minLength"), int):
        limits["min_length"] = least
    if isinstance(most := schema.get("maxLength"), int):
        limits["max_length"] = most
    if isinstance(pattern := schema.get("pattern"), str) and _is_known(pattern):
        limits["pattern"] = pattern
    return Annotated[str, BeforeValidator(_as_text), Field(**limits)]


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


@lru_cache(maxsize=256)
def _is_known(pattern: str) -> bool:
    """Return whether pydantic's engine, which cannot backtrack, takes the pattern."""
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except SchemaError:
        return False
    return True


def _bounds(schema: Mapping[str, Any]) -> list[Any]:
    names = {
        "minimum": "ge",
        "maximum": "le",
        "exclusiveMinimum": "gt",
        "exclusiveMaximum": "lt",
    }
    bounds = {
        names[key]: schema[key]
        for key in names
        if isinstance(schema.get(key), int | float) and not isinstance(schema.get(key), bool)
    }
    return [Field(**bounds)]


def _array(schema: Mapping[str, Any]) -> Any:
    items = schema.get("items")
    inner: Any = python_type(items) if isinstance(items, Mapping) else Any
    limits = {
        name: schema[key]
        for key, name in (("minItems", "min_length"), ("maxItems", "max_length"))
        if isinstance(schema.get(key), int)
    }
    return Annotated[list[inner], BeforeValidator(_as_list), Field(**limits)]


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value if isinstance(value, list | tuple) else [value]
