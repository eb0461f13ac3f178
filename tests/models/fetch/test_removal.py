"""What taking a model away touches, and what it leaves alone."""

from pathlib import Path

import pytest

from toollama import paths
from toollama.models.fetch.removal import Removal, plan_removal, remove
from toollama.models.llama.sequences import SequenceStore, StateKey
from toollama.models.llama.spill import spilled


@pytest.fixture
def models() -> Path:
    directory = paths.models_dir()
    directory.mkdir(parents=True)
    return directory


@pytest.fixture
def user_file(tmp_path: Path) -> Path:
    return tmp_path / "models.toml"


def test_a_pulled_file_goes_with_what_a_failed_pull_left(models: Path, user_file: Path) -> None:
    for name in ("m.gguf", "m.gguf.part", "m.gguf.bad", "n.gguf"):
        (models / name).touch()
    remove("m", plan_removal("m", "m.gguf", user_file=user_file), user_file=user_file)
    assert [each.name for each in models.iterdir()] == ["n.gguf"]


def test_all_parts_of_a_split_model_go(models: Path, user_file: Path) -> None:
    for number in (1, 2):
        (models / f"m-0000{number}-of-00002.gguf").touch()
    removal = plan_removal("m", "m-00001-of-00002.gguf", user_file=user_file)
    assert len(removal.files) == 2


@pytest.mark.parametrize("file", ["../m.gguf", "{outside}/m.gguf", "package:p/m.gguf", ""])
def test_no_file_outside_the_models_directory_is_touched(
    models: Path, user_file: Path, tmp_path: Path, file: str
) -> None:
    for directory in (tmp_path, models.parent):
        (directory / "m.gguf").touch()
    removal = plan_removal("m", file.format(outside=tmp_path), user_file=user_file)
    assert removal == Removal((), entry=False)


def test_a_link_in_the_models_directory_goes_and_its_target_stays(
    models: Path, user_file: Path, tmp_path: Path
) -> None:
    target = tmp_path / "m.gguf"
    target.touch()
    (models / "m.gguf").symlink_to(target)
    remove("m", plan_removal("m", "m.gguf", user_file=user_file), user_file=user_file)
    assert (target.exists(), list(models.iterdir())) == (True, [])


def test_the_state_of_conversations_goes_with_the_model(models: Path, user_file: Path) -> None:
    store = SequenceStore(ram_bytes=20, disk_bytes=10_000, directory=paths.kv_dir())
    for name in ("m.gguf", "n.gguf", "in-memory", "in-memory-too"):
        store.put(StateKey(str(models / name), 1, 2, "f16", "b"), range(99), b"ten bytes!")
    user_file.write_text('[models.m]\nfile = "m.gguf"\n')
    remove("m", plan_removal("m", "m.gguf", user_file=user_file), user_file=user_file)
    assert spilled(models / "m.gguf") == ()
    assert spilled() == spilled(models / "n.gguf") != ()


def test_an_entry_is_forgotten_and_the_rest_of_the_file_stays(user_file: Path) -> None:
    user_file.write_text('# mine\n[models.m]\nfile = "/m.gguf"\n\n[models.n] # keep\nfile = "/n"\n')
    remove("m", plan_removal("m", "/m.gguf", user_file=user_file), user_file=user_file)
    assert user_file.read_text() == '# mine\n[models.n] # keep\nfile = "/n"\n'
