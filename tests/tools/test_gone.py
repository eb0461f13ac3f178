import tomllib
from pathlib import Path

import toollama.tools


def test_every_tool_that_is_gone_has_a_reason_and_a_replacement_once() -> None:
    path = Path(toollama.tools.__file__).with_name("gone.toml")
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["gone"]
    assert all(entry.keys() == {"name", "reason", "replacement"} for entry in entries)
    assert all(all(entry.values()) for entry in entries)
    assert len({entry["name"] for entry in entries}) == len(entries)
