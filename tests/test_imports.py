"""Starting the command line imports no heavy library."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = """
import sys
from toollama.cli.entry import main
sys.argv = ["toollama", *sys.argv[1:]]
code = main()
print("\\n" + " ".join(sorted(sys.modules)))
sys.exit(code)
"""
_HEAVY = {"textual", "llama_cpp", "numpy", "httpx", "keyring", "stamina"}


def _modules_after(directory: Path, *arguments: str) -> set[str]:
    variables = {f"TOOLLAMA_{kind}_DIR": str(directory) for kind in ("CONFIG", "DATA", "STATE")}
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        capture_output=True,
        text=True,
        check=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **variables},
    )
    return set(done.stdout.splitlines()[-1].split())


def test_version_imports_nothing_that_a_bare_python_has_not(tmp_path: Path) -> None:
    modules = _modules_after(tmp_path, "--version")
    assert not modules & {"enum", "typing", "re", "contextlib", "toollama.cli.process"}


def test_the_script_of_a_shell_imports_neither_pydantic_nor_typer(tmp_path: Path) -> None:
    modules = _modules_after(tmp_path, "completion", "bash")
    assert not modules & {"pydantic", "typer", "rich", "asyncio", *_HEAVY}


@pytest.mark.parametrize(
    "arguments", [["--help"], ["ask", "--help"], ["models", "info", "--help"], ["doctor", "-h"]]
)
def test_help_imports_no_heavy_library(tmp_path: Path, arguments: list[str]) -> None:
    assert not _modules_after(tmp_path, *arguments) & {"pydantic", "asyncio", *_HEAVY}


def test_a_filtered_list_of_tools_imports_no_pydantic(tmp_path: Path, tools_index: Path) -> None:
    (tmp_path / "cache").mkdir()
    shutil.copy(tools_index, tmp_path / "cache")
    filters = ["--pack", "drummer.search", "--state", "ready", "--json"]
    assert not _modules_after(tmp_path, "tools", "list", *filters) & {"pydantic", *_HEAVY}


@pytest.mark.parametrize("arguments", [["models", "list"], ["runs", "list"], ["tools", "list"]])
def test_a_list_imports_no_heavy_library(tmp_path: Path, arguments: list[str]) -> None:
    assert not _modules_after(tmp_path, *arguments) & _HEAVY


def test_a_list_of_models_that_was_built_before_imports_no_pydantic(tmp_path: Path) -> None:
    _modules_after(tmp_path, "models", "list")
    assert not _modules_after(tmp_path, "models", "list") & {"pydantic", "asyncio", *_HEAVY}
