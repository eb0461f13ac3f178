"""`toollama doctor`: what works on this machine, what does not, and what mends it.

Each check is one function that returns a finding and changes nothing; a check that raises is a
finding too.
"""

import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import typer

from toollama.cli import out
from toollama.cli.options import Json
from toollama.errors import ExitCode, ToolLamaError

_BACKENDS_PROGRAM = """
import llama_cpp
info = llama_cpp.llama_print_system_info().decode(errors="replace")
print(llama_cpp.__version__, "|", "GPU" if llama_cpp.llama_supports_gpu_offload() else "CPU only",
      "|", info.strip())
"""
_IMPORT_DEADLINE_S = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `fix` is empty where nothing needs mending."""

    check: str
    state: Literal["ok", "warn", "fail"]
    detail: str
    fix: str = ""


Check = Callable[[], Finding]


def doctor(*, json: Json = False) -> None:
    """Check this installation and say what mends it."""
    findings = [examine(check) for check in CHECKS]
    if json:
        out.json(findings)
    else:
        out.table(
            ("STATE", "CHECK", "FOUND", "FIX"),
            [(found.state, found.check, found.detail, found.fix) for found in findings],
        )
    if any(found.state == "fail" for found in findings):
        raise typer.Exit(ExitCode.FAILED)


def examine(check: Check) -> Finding:
    """Return what a check finds; what it raises is a failed finding."""
    name = check.__name__.strip("_").replace("_", " ")
    try:
        return check()
    except ToolLamaError as error:
        return Finding(name, "fail", error.message, error.fix)
    except Exception as error:  # noqa: BLE001 - one broken part must not hide the others
        return Finding(name, "fail", f"{type(error).__name__}: {error}", "toollama -v doctor")


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", "ok", found)


def _llama_cpp() -> Finding:
    """Import the runtime in a process of its own: a wrong build ends in a crash, not an error."""
    import subprocess

    try:
        # Only this interpreter and the constant above are run.
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _BACKENDS_PROGRAM],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_IMPORT_DEADLINE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Finding("llama cpp", "warn", "importing it takes over a minute", "try again")
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
        return Finding("llama cpp", "fail", last, "pip install --force-reinstall llama-cpp-python")
    return Finding("llama cpp", "ok", done.stdout.strip())


def _settings() -> Finding:
    from toollama.config import load_settings

    settings = load_settings()
    parts = [
        f"profile {settings.profile or 'starter'}",
        f"vram {settings.vram or 'as the device says'}",
        "offline" if settings.offline else "online",
    ]
    parts += [f"{host} → {url}" for host, url in settings.network.base_urls.items()]
    return Finding("settings", "ok", ", ".join(parts))


def _catalogue() -> Finding:
    from toollama.models.catalog import load_catalog

    catalog = load_catalog()
    counts = f"{len(catalog.models)} models, {len(catalog.profiles)} profiles"
    return Finding("catalogue", "ok", counts)


def _starter_model() -> Finding:
    return _crew("starter model", "starter", absent="warn")


def _active_profile() -> Finding:
    from toollama.config import load_settings

    return _crew("active profile", load_settings().profile or "starter", absent="fail")


def _crew(check: str, profile: str, *, absent: Literal["warn", "fail"]) -> Finding:
    """Return whether the file of every model of a profile is on this machine."""
    from toollama.errors import ModelMissing
    from toollama.models.catalog import load_catalog

    catalog = load_catalog()
    names = sorted(set(catalog.profile(profile).roles.values()))
    try:
        for spec in map(catalog.model, names):
            if not spec.endpoints:
                catalog.resolve(spec)
    except ModelMissing as error:
        return Finding(check, absent, f"{profile}: {error.message}", error.fix)
    return Finding(check, "ok", f"{profile}: {', '.join(names)}")


def _tools() -> Finding:
    from collections import Counter

    from toollama.tools.discovery.survey import survey

    found = survey()
    states = Counter(row.standing.state for row in found.rows())
    counts = ", ".join(f"{count} {state}" for state, count in states.items())
    faults = [problem.message for problem in found.found.problems]
    faults += [f"{one.name} of {one.hidden} is hidden" for one in found.found.collisions]
    if faults:
        return Finding("tools", "warn", f"{counts}; {'; '.join(faults)}", "toollama tools list")
    return Finding("tools", "ok", counts)


def _run_log() -> Finding:
    from toollama import paths
    from toollama.clock import SystemClock
    from toollama.store import Store

    path = paths.database()
    store = Store.open_if_exists(path, SystemClock())
    if store is None:
        return Finding("run log", "ok", f"{path} comes with the first run")
    notice = store.notice
    store.close()
    return Finding("run log", "warn" if notice else "ok", notice or str(path))


def _saved_conversations() -> Finding:
    from toollama import paths
    from toollama.config import load_settings
    from toollama.models.fit import shown_size
    from toollama.models.llama.spill import limit_bytes, spilled, spilled_bytes

    files = spilled()
    used = shown_size(spilled_bytes(files))
    most = shown_size(limit_bytes(load_settings().kv_disk_bytes))
    return Finding(
        "saved conversations", "ok", f"{len(files)}, {used} of at most {most}, in {paths.kv_dir()}"
    )


def _directories() -> Finding:
    from toollama import paths

    owned = (paths.config_dir(), paths.data_dir(), paths.state_dir(), paths.cache_dir())
    for directory in owned:
        if not _writable(directory):
            fix = "mend its permissions, or set TOOLLAMA_{CONFIG,DATA,STATE,CACHE}_DIR"
            return Finding("directories", "fail", f"{directory} cannot be written", fix)
    return Finding("directories", "ok", ", ".join(map(str, owned)))


def _writable(directory: Path) -> bool:
    """Return whether files can be made in the directory, or in the nearest parent that exists."""
    nearest = next(place for place in (directory, *directory.parents) if place.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _terminal() -> Finding:
    encoding = getattr(sys.stdout, "encoding", None) or "unknown"
    colour = out.has_colour(os.environ, terminal=out.is_terminal(sys.stdout))
    found = (
        f"TERM {os.environ.get('TERM') or 'unset'}, stdout {encoding}, "
        f"{'a terminal' if out.is_terminal(sys.stdout) else 'not a terminal'}, "
        f"colour {'on' if colour else 'off'}"
    )
    if not encoding.lower().startswith("utf"):
        return Finding("terminal", "warn", found, "set LANG to a UTF-8 locale such as C.UTF-8")
    return Finding("terminal", "ok", found)


CHECKS: tuple[Check, ...] = (
    _python, _llama_cpp, _settings, _catalogue, _starter_model, _active_profile, _tools,
    _run_log, _saved_conversations, _directories, _terminal,
)  # fmt: skip
"""Every check, in the order they are shown."""
