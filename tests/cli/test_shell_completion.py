"""The completion scripts in the shells themselves: what Tab makes of a line.

A shell that is not installed is skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.kept_runs import FIRST, keep

LINES = {
    "toollama mod": "models",
    "toollama ask -m all=smol": "smollm2-135m",
    "toollama runs show 20261122-1500": FIRST,
    "toollama ask -o ans": "answer.md",
}
"""A line on which Tab is pressed, and what then stands at its end."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with the program on the PATH, a run and a file."""
    program = tmp_path / "bin" / "toollama"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m toollama "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "answer.md").write_text("one")
    keep()
    return tmp_path


def _bash(place: Path) -> list[str]:
    # bash itself splits the words of a line at = as well.
    script = """
eval "$(toollama completion bash)"
while read -r line; do
    COMP_WORDS=(${line//=/ = }); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
    _toollama toollama "${COMP_WORDS[COMP_CWORD]}" ''
    (( ${#COMPREPLY[@]} )) || COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
    echo "${COMPREPLY[0]}"
done
"""
    return _shell("bash", "--norc", "-c", script, place=place)


def _zsh(place: Path) -> list[str]:
    script = """
zmodload zsh/zpty
zpty shell 'PS1= zsh -f -i'
zpty -w shell 'autoload -Uz compinit; compinit -u -D; eval "$(toollama completion zsh)"'
zpty -w shell 'say() { print -r -- "<${${BUFFER% }##* }>"; BUFFER=; }; zle -N say'
zpty -w shell 'bindkey "^X" say; print REA""DY'
zpty -r -m shell seen '*READY*'
while read -r line; do
    zpty -w -n shell "$line"$'\\t\\x18'
    zpty -r -m shell seen '*<*>*'
    print -r -- ${${seen##*<}%%>*}
done
zpty -d shell
"""
    return _shell("zsh", "-f", "-c", script, place=place)


def _fish(place: Path) -> list[str]:
    script = """
toollama completion fish | source
while read line
    complete -C $line | string split -f 1 \\t | head -1
end
"""
    return _shell("fish", "--no-config", "-c", script, place=place)


def _shell(*command: str, place: Path) -> list[str]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        command,
        input="".join(f"{line}\n" for line in LINES),
        capture_output=True,
        text=True,
        cwd=place,
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return [line.rpartition("=")[2] for line in done.stdout.splitlines()]


@pytest.mark.parametrize("complete", [_bash, _zsh, _fish])
def test_tab_names_what_may_follow_in_the_shell_itself(
    place: Path, complete: Callable[[Path], list[str]]
) -> None:
    assert complete(place) == list(LINES.values())
