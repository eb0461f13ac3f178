"""The places that tools come from, and how each is loaded.

Scanning looks at names of files and packages only. A file of the user's folder is code that nobody
reviewed: it runs only while its bytes have the SHA-256 that the user trusted.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toollama import paths
from toollama.errors import ConfigError, ToolLamaError
from toollama.text import one_line
from toollama.tools.discovery.entry import Origin

if TYPE_CHECKING:
    from toollama.tools.run import AnyTool

GROUP = "toollama.tools"
"""The entry-point group of packages that bring tools: each names a tool or an iterable of tools."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_TOOLS = Path(__file__).parents[1]
_CATALOGUE = _TOOLS / "catalogue"


@dataclass(frozen=True, slots=True)
class Source:
    """One place that tools come from; what stands there was not looked at."""

    origin: Origin
    place: str


def user_folder() -> Path:
    """Return the directory of the user's own Python tools."""
    return paths.config_dir() / "tools"


def imports_folder() -> Path:
    """Return the directory of OpenAPI documents that the user imported."""
    return user_folder() / "openapi"


def scan() -> Iterator[Source]:
    """Return every place in the order in which names are given away."""
    for path in _files(_TOOLS / "builtin", "*.py"):
        yield Source(Origin.BUILT_IN, f"toollama.tools.builtin.{path.stem}")
    for path in _files(_CATALOGUE, "*.yaml"):
        yield Source(Origin.CATALOGUE, path.name)
    for value in _entry_points():
        yield Source(Origin.ENTRY_POINT, value)
    for path in _files(user_folder(), "*.py"):
        yield Source(Origin.USER_FOLDER, str(path))
    for path in _files(imports_folder(), "*.json"):
        yield Source(Origin.IMPORT, str(path))


def watched() -> Iterator[Path]:
    """Return every file and directory whose change may change what tools there are."""
    for suffix in ("*.py", "*.yaml"):
        yield from _TOOLS.rglob(suffix)
    yield from _files(user_folder(), "*.py")
    yield from _files(imports_folder(), "*.json")
    for directory in sys.path:  # installing a package changes the directory it goes to
        if directory.endswith(("site-packages", "dist-packages")):
            yield Path(directory)


def load(source: Source, trusted: Mapping[str, str]) -> tuple["AnyTool", ...]:
    """Return the tools of a place, running what stands there.

    `trusted` maps the names of files in the user's folder to their SHA-256. Raises `ConfigError`
    for a file that is not trusted or brings no tool, and whatever the code there raises.
    """
    if source.origin is Origin.USER_FOLDER:
        found = _user_tools(Path(source.place), trusted)
    else:
        found = _LOADERS[source.origin](source.place)
    return tuple(_tools(found, source))


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file. Raises `OSError`."""
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(directory: Path, pattern: str) -> list[Path]:
    return sorted(path for path in directory.glob(pattern) if not path.name.startswith("_"))


def _entry_points() -> list[str]:
    from importlib.metadata import entry_points

    return sorted({point.value for point in entry_points(group=GROUP)})


def _built_in(module: str) -> Any:
    from importlib import import_module

    return import_module(module).TOOL


def _catalogue(name: str) -> Any:
    path = _CATALOGUE / name
    return _declared(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _declared(path: Path, _modified_ns: int) -> Any:
    """Return the tools of a document, which takes some time to check."""
    from toollama.tools.declared import catalogue

    return catalogue.load(path)


def _entry_point(value: str) -> Any:
    from importlib.metadata import EntryPoint

    return EntryPoint("", value, GROUP).load()


def _imported(path: str) -> Any:
    from toollama.tools.openapi.kept import load as load_import

    return load_import(Path(path))


_LOADERS: dict[Origin, Callable[[str], Any]] = {
    Origin.BUILT_IN: _built_in,
    Origin.CATALOGUE: _catalogue,
    Origin.ENTRY_POINT: _entry_point,
    Origin.IMPORT: _imported,
}


def _user_tools(path: Path, trusted: Mapping[str, str]) -> Any:
    """Return `TOOL` or `TOOLS` of a file, run from the very bytes that were checked."""
    import hashlib
    from types import ModuleType

    code = path.read_bytes()
    if trusted.get(path.name) != hashlib.sha256(code).hexdigest():
        known = path.name in trusted
        raise ConfigError(
            f"{path} {'was changed since it was trusted' if known else 'is not trusted'}",
            fix=f"read it, then: toollama tools enable --trust {path}",
        )
    module = ModuleType(f"toollama_user_tools.{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # pydantic looks annotations up there
    exec(compile(code, str(path), "exec"), module.__dict__)  # noqa: S102 - the user trusted it
    return getattr(module, "TOOLS", None) or getattr(module, "TOOL", None)


def _tools(found: Any, source: Source) -> Iterator["AnyTool"]:
    """Check that what a place brings are tools."""
    from toollama.tools.base import Tool

    for one in found if isinstance(found, Iterable) else (found,):
        if not isinstance(one, Tool):
            raise ConfigError(
                f"{source.place} brings {type(one).__name__}, which is not a tool",
                fix="let it name an instance of toollama.tools.base.Tool as TOOL",
            )
        if not _NAME.fullmatch(one.spec.name):
            raise ConfigError(
                f"{source.place} calls a tool {one_line(one.spec.name, 80)!r}",
                fix="use small letters, digits and _, at most 64, a letter first",
            )
        yield one


def fault(source: Source, error: Exception) -> ToolLamaError:
    """Return what a place that could not be loaded raised, as a failure with its next step."""
    if isinstance(error, ToolLamaError):
        return error
    return ConfigError(
        f"{source.place}: {type(error).__name__}: {one_line(str(error))}",
        fix="mend it, or remove it",
    )
