import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_core import from_json

from tests.tools.discovery.folder import write_tool
from toollama import paths
from toollama.errors import ConfigError, InputError, UnknownName
from toollama.tools.base import ToolSpec
from toollama.tools.discovery import Discovered, Entry, Origin, compiled, discover, sources
from toollama.tools.discovery import switches as switch
from toollama.tools.discovery.entry import from_document, from_spec
from toollama.tools.discovery.sources import Source
from toollama.tools.registry import Registry


def trust(path: Path) -> None:
    switch.save(switch.load().with_trusted(path))


def found_at(*places: Source) -> Discovered:
    return compiled.compile_index(places)


def index_file() -> Path:
    return paths.cache_dir() / "tools.json"


def test_every_shipped_tool_is_found_without_a_problem() -> None:
    found = discover()
    assert (found.problems, found.collisions) == ((), ())
    assert {"calculator", "weather"} <= {entry.name for entry in found.entries}


def test_an_entry_survives_its_way_through_the_index() -> None:
    for entry in discover().entries:
        assert from_document(from_json(_json(entry))) == entry


def _json(entry: Entry) -> bytes:
    from pydantic_core import to_json

    return to_json(entry.document())


def test_an_indexed_spec_is_the_tools_own_but_for_where_it_comes_from() -> None:
    registry = Registry.builtin()
    for spec in registry.specs():
        own = registry.get(spec.name).spec
        for name in ToolSpec.__dataclass_fields__.keys() - {"origin"}:
            if name != "parameters":
                assert getattr(spec, name) == getattr(own, name), (spec.name, name)
        schema = own.parameters.model_json_schema()
        assert spec.parameters.model_json_schema() == schema


def test_specs_come_from_the_index_without_importing_a_tool() -> None:
    discover()
    program = (
        "import sys\n"
        "from toollama.tools.registry import Registry\n"
        "assert len(Registry.discover().specs()) > 10\n"
        "tools = [name for name in sys.modules if name.startswith('toollama.tools.builtin.')]\n"
        "assert tools == [], tools\n"
        "Registry.discover().get('calculator')\n"
        "assert 'toollama.tools.builtin.calculator' in sys.modules\n"
        "assert 'toollama.tools.builtin.weather' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))


def test_a_listing_imports_neither_pydantic_nor_any_tool_nor_a_client() -> None:
    discover()
    program = (
        "import sys\n"
        "from toollama.cli import process\n"
        "assert process.run(['tools', 'list']) == 0\n"
        "heavy = {'pydantic', 'httpx', 'numpy', 'textual', 'llama_cpp', 'yaml', 'asyncio',\n"
        "         'importlib.metadata', 'toollama.tools.base'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env=dict(os.environ),
    )
    assert "calculator\tready\t" in done.stdout


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b'{"stamp": "x"}', b"\xff\x00", b"[" * 100_000]
)
def test_a_damaged_index_is_built_again(damage: bytes) -> None:
    whole = discover()
    index_file().write_bytes(damage)
    compiled._discovered.cache_clear()
    assert discover() == whole
    assert from_json(index_file().read_bytes())["entries"]


def test_an_index_with_a_tampered_entry_is_built_again() -> None:
    whole = discover()
    document = from_json(index_file().read_bytes())
    document["entries"][0]["effects"] = ["rule_the_world"]
    from pydantic_core import to_json

    index_file().write_bytes(to_json(document))
    compiled._discovered.cache_clear()
    assert discover() == whole


def test_an_index_that_cannot_be_kept_costs_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(compiled.files, "replace", full)
    assert discover().entries


def test_a_new_file_in_the_users_folder_is_seen_at_once() -> None:
    assert discover().problems == ()
    write_tool()
    [problem] = discover().problems
    assert "is not trusted" in problem.message
    assert problem.fix.startswith("read it, then: toollama tools enable --trust ")


def test_a_file_of_the_users_folder_is_not_run_before_it_is_trusted(tmp_path: Path) -> None:
    path = write_tool()
    mark = tmp_path / "ran"
    path.write_text(f"open({str(mark)!r}, 'w').close()\n{path.read_text()}")
    discover()
    assert not mark.exists()
    trust(path)
    assert discover().entry("echo").origin is Origin.USER_FOLDER
    assert mark.exists()


def test_a_trusted_file_that_changes_is_not_run_again() -> None:
    path = write_tool()
    trust(path)
    registry = Registry.discover()
    assert "echo" in registry
    path.write_text(f"{path.read_text()}\n# changed")
    with pytest.raises(ConfigError, match="was changed since it was trusted"):
        registry.get("echo")
    assert "echo" not in Registry.discover()


def test_a_tool_cannot_say_of_itself_where_it_comes_from() -> None:
    trust(write_tool())
    [spec] = [spec for spec in Registry.discover().specs() if spec.name == "echo"]
    assert spec.origin == "user"


def test_only_files_of_the_users_folder_can_be_trusted(tmp_path: Path) -> None:
    elsewhere = tmp_path / "tool.py"
    elsewhere.write_text("TOOL = None")
    with pytest.raises(InputError, match="only files there are tools"):
        switch.load().with_trusted(elsewhere)


def test_a_place_that_fails_to_load_is_a_problem_and_hides_no_other() -> None:
    path = write_tool(file="broken.py")
    path.write_text("raise RuntimeError('oh\\x1b no')")
    trust(path)
    found = discover()
    assert "calculator" in {entry.name for entry in found.entries}
    [problem] = found.problems
    assert "RuntimeError: oh␛ no" in problem.message


def test_a_place_that_brings_no_tool_is_a_problem() -> None:
    path = write_tool(file="nothing.py")
    path.write_text("ANSWER = 42")
    trust(path)
    [problem] = discover().problems
    assert "brings NoneType, which is not a tool" in problem.message


@pytest.mark.parametrize("name", ["Echo", "echo-all", "1echo", "e" * 65, "echo\\x1b[2J"])
def test_a_tool_whose_name_a_model_could_not_write_is_a_problem(name: str) -> None:
    trust(write_tool(name))
    [problem] = discover().problems
    assert "calls a tool" in problem.message
    assert "\x1b" not in problem.message


def test_a_tool_that_fails_to_load_when_it_is_called_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trust(write_tool())
    registry = Registry.discover()
    monkeypatch.setattr(sources, "_user_tools", lambda *_: 1 / 0)
    with pytest.raises(ConfigError, match=r"mine\.py: ZeroDivisionError"):
        registry.get("echo")


def test_the_earlier_origin_keeps_a_name_and_the_other_is_told() -> None:
    path = write_tool("calculator")
    trust(path)
    found = discover()
    assert found.entry("calculator").origin is Origin.BUILT_IN
    [collision] = found.collisions
    assert (collision.kept, collision.hidden) == ("builtin", f"user:{path}")


def test_an_entry_point_brings_a_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "their_tools.py").write_text(write_tool("theirs").read_text())
    monkeypatch.syspath_prepend(tmp_path)
    found = found_at(Source(Origin.ENTRY_POINT, "their_tools:TOOL"))
    assert found.entry("theirs").label() == "entry-point:their_tools:TOOL"


def test_an_entry_point_may_bring_several_tools(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "two_tools.py").write_text(f"{write_tool('one').read_text()}\nTOOLS = (TOOL,)")
    monkeypatch.syspath_prepend(tmp_path)
    found = found_at(Source(Origin.ENTRY_POINT, "two_tools:TOOLS"))
    assert [entry.name for entry in found.entries] == ["one"]


def test_an_unknown_tool_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(UnknownName, match="did you mean calculator"):
        discover().entry("calculater")


def test_a_tool_that_left_its_place_is_told() -> None:
    spec = Registry.builtin().get("calculator").spec
    gone = from_spec(spec, origin=Origin.BUILT_IN, place="toollama.tools.builtin.weather")
    with pytest.raises(ConfigError, match="no longer brings calculator"):
        Registry(entries=[gone]).get("calculator")


def test_every_watched_file_of_the_package_exists() -> None:
    assert all(path.exists() for path in sources.watched())


PETS = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example.org"}],
    "paths": {
        "/pets/{name}": {
            "get": {
                "operationId": "findPet",
                "summary": "Find a pet by its name.",
                "parameters": [
                    {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"200": {"description": "the pet"}},
            }
        }
    },
}


def test_an_imported_description_is_an_origin_of_its_own(tmp_path: Path) -> None:
    from pydantic_core import to_json

    from toollama.cli import process

    path = tmp_path / "pets.json"
    path.write_bytes(to_json(PETS))
    before = {entry.name for entry in discover().entries}
    assert process.run(["tools", "import", str(path)]) == 0
    [name] = {entry.name for entry in discover().entries} - before
    assert discover().entry(name).origin is Origin.IMPORT
    assert Registry.discover().get(name).spec.hosts == ("pets.example.org",)


def test_without_any_key_most_of_what_the_program_needs_is_ready() -> None:
    assert len(Registry.builtin().ready().specs()) >= 28


@pytest.mark.parametrize("entry", discover().entries, ids=lambda entry: entry.name)
def test_a_shipped_tool_says_what_choosing_and_calling_it_needs(entry: Entry) -> None:
    names = {one.name for one in discover().entries}
    assert len(set(entry.utterances)) >= 20
    assert entry.packs
    assert 0 < len(entry.summary) <= 300
    assert names.issuperset(entry.fallbacks)
    assert entry.egress == bool(entry.hosts)
    if entry.egress:
        assert entry.effects
        assert entry.provider
        assert entry.homepage.startswith("https://")
        assert entry.verified_live != "local"
