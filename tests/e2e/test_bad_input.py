"""Bad input: one error line with the next step, the documented exit code, the run recorded."""

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Toollama, error_lines
from tests.tiny_gguf import write_tiny_gguf

pytestmark = pytest.mark.starter


def _corrupt_header(path: Path) -> list[str]:
    path.write_bytes(b"GGUF" + b"\xff" * 64)
    return ["ask", "-m", f"all={path}", "What is 15% of 240?"]


def _corrupt_tensors(path: Path) -> list[str]:
    whole = write_tiny_gguf(path.with_name("whole.gguf"))
    path.write_bytes(whole.read_bytes()[:-4096])
    return ["ask", "-m", f"all={path}", "--direct", "hello"]


def _too_long(path: Path) -> list[str]:
    text = path.with_name("long.txt")
    text.write_text("many words here " * 20_000)
    return ["ask", "-f", str(text), "--direct", "what is this?"]


CASES = {
    "a missing model": (lambda p: ["ask", "-m", f"all={p}", "hi"], 3, "model.missing"),
    "a corrupt header": (_corrupt_header, 3, "model.corrupt"),
    "cut tensor data": (_corrupt_tensors, 3, "model.corrupt"),
    "an unknown role": (lambda p: ["ask", "-m", "captain=x", "hi"], 2, "name.unknown"),
    "an unknown model": (lambda p: ["ask", "-m", "all=gpt-9", "hi"], 2, "name.unknown"),
    "an empty prompt": (lambda p: ["ask", "  "], 2, "input.invalid"),
    "an unreadable file": (lambda p: ["ask", "-f", str(p), "what?"], 2, "input.invalid"),
    "a prompt beyond the context": (_too_long, 2, "input.too_long"),
    "a budget below any model": (
        lambda p: ["ask", "--vram", "10MB", "--direct", "hi"],
        3,
        "model.does_not_fit",
    ),
    "an unknown tool": (lambda p: ["tools", "run", "teleport"], 2, "name.unknown"),
    "no network": (lambda p: ["ask", "What is the weather in Bergen?"], 5, "tool.unavailable"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_error_is_one_line_with_its_code_and_next_step(
    toollama: Toollama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    make, exit_code, code = CASES[case]
    outcome = toollama(*make(tmp_path / "model.gguf"))
    [line] = error_lines(outcome)
    assert line.startswith(f"error[{code}]: ")
    assert " — fix: " in line
    assert outcome.returncode == exit_code
    assert "Traceback" not in outcome.stderr


def test_a_malformed_models_toml_is_named_by_file_and_line(
    toollama: Toollama, environment: dict[str, str]
) -> None:
    config = Path(environment["TOOLLAMA_CONFIG_DIR"])
    config.mkdir(parents=True)
    (config / "models.toml").write_text('[models.mine]\nfile = "x.gguf"\ncontxt = 5\n')
    outcome = toollama("ask", "hi")
    [line] = error_lines(outcome)
    assert "models.toml:3" in line
    assert "context" in line
    assert outcome.returncode == 2


def test_binary_standard_input_is_refused(toollama: Toollama) -> None:
    outcome = toollama("ask", "summarise", stdin=b"\x7fELF\x00\x01\x02\x00" * 64)
    [line] = error_lines(outcome)
    assert "binary" in line
    assert outcome.returncode == 2


def test_a_failed_run_is_recorded_with_its_code(toollama: Toollama) -> None:
    toollama("ask", "-m", "captain=x", "hi")
    [run] = json.loads(toollama("runs", "list", "--json").stdout)
    assert (run["status"], run["exit_code"]) == ("failed", 2)
