import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from toollama import paths
from toollama.errors import ConfigError, InputError
from toollama.secrets import Keys, Redactor, fault_of
from toollama.secrets.credentials_file import CredentialsFile
from toollama.secrets.places import Environment, Keyring

NAME = "EXAMPLE_API_KEY"
VALUE = "k-1234567890"


class DictPlace:
    def __init__(self, name: str, **values: str) -> None:
        self.name = name
        self.values = values

    def get(self, name: str) -> str | None:
        return self.values.get(name)

    def set(self, name: str, value: str) -> bool:
        self.values[name] = value
        return True

    def remove(self, name: str) -> bool:
        return self.values.pop(name, None) is not None


@pytest.fixture
def file(tmp_path: Path) -> CredentialsFile:
    return CredentialsFile(tmp_path / "config" / "credentials.toml")


def test_the_first_place_that_has_a_key_gives_it() -> None:
    keys = Keys(
        [DictPlace("env"), DictPlace("keyring", A_KEY="second"), DictPlace("file", A_KEY="x")]
    )
    found = keys.find("A_KEY")
    assert found is not None
    assert (found.value, found.source) == ("second", "keyring")


def test_a_key_that_no_place_has_is_none() -> None:
    assert Keys([DictPlace("env")]).find(NAME) is None


def test_a_key_that_was_found_is_never_shown_by_its_repr() -> None:
    assert VALUE not in repr(Keys([DictPlace("env", **{NAME: VALUE})]).find(NAME))


def test_a_key_that_was_found_is_known_to_the_redactor() -> None:
    redactor = Redactor()
    Keys([DictPlace("env", **{NAME: VALUE})], redactor=redactor).find(NAME)
    assert VALUE not in redactor.redact(f"at https://x.org/?key={VALUE}")


def test_an_empty_variable_counts_as_unset() -> None:
    assert Environment({NAME: "  "}).get(NAME) is None


def test_the_environment_goes_before_the_file(file: CredentialsFile) -> None:
    file.set(NAME, "from-the-file")
    found = Keys([Environment({NAME: VALUE}), file]).find(NAME)
    assert found is not None
    assert found.source == "env"


def test_a_key_is_saved_in_the_file_where_no_keyring_answers() -> None:
    assert Keys.open({}).save(NAME, VALUE) == "file"
    assert CredentialsFile(paths.credentials_toml()).get(NAME) == VALUE


def test_the_file_of_keys_is_made_for_its_owner_only(file: CredentialsFile) -> None:
    file.set(NAME, VALUE)
    assert file.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_mends_it(
    file: CredentialsFile, mode: int
) -> None:
    file.set(NAME, VALUE)
    file.path.chmod(mode)
    with pytest.raises(ConfigError, match="can be read by others") as caught:
        file.get(NAME)
    assert caught.value.fix == f"chmod 600 {file.path}"
    assert VALUE not in str(caught.value)


def test_a_file_that_is_not_toml_is_named_without_quoting_it(file: CredentialsFile) -> None:
    file.set(NAME, VALUE)
    file.path.write_text(f"{NAME} = {VALUE}\n")
    with pytest.raises(ConfigError, match="not valid TOML") as caught:
        file.get(NAME)
    assert VALUE not in str(caught.value)
    assert caught.value.__suppress_context__


def test_a_value_that_is_not_a_text_is_refused(file: CredentialsFile) -> None:
    file.set(NAME, VALUE)
    file.path.write_text(f"{NAME} = 12345678\n")
    with pytest.raises(ConfigError, match="is not a text"):
        file.get(NAME)


def test_setting_a_key_keeps_the_other_lines(file: CredentialsFile) -> None:
    file.set("OTHER_KEY", 'a"b\\c')
    file.path.write_text("# mine\n" + file.path.read_text())
    file.set(NAME, VALUE)
    assert file.path.read_text().startswith("# mine\n")
    assert (file.get("OTHER_KEY"), file.get(NAME)) == ('a"b\\c', VALUE)


def test_a_removed_key_is_gone_from_every_place(file: CredentialsFile) -> None:
    keys = Keys([DictPlace("keyring", **{NAME: VALUE}), file])
    file.set(NAME, VALUE)
    assert keys.remove(NAME) == ["keyring", "file"]
    assert keys.find(NAME) is None
    assert keys.remove(NAME) == []


def test_a_failed_write_leaves_the_file_whole(
    file: CredentialsFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.set(NAME, VALUE)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="No space left"):
        file.set(NAME, "another-value")
    monkeypatch.undo()
    assert file.get(NAME) == VALUE
    assert [path.name for path in file.path.parent.iterdir()] == ["credentials.toml"]


@pytest.mark.parametrize(
    ("value", "said"),
    [("", "empty"), ("a b", "blank"), ("abc\n", "line break"), ("clé-1234", "header")],
)
def test_a_value_that_no_service_hands_out_is_refused(value: str, said: str) -> None:
    assert said in fault_of(value)
    with pytest.raises(InputError, match=said):
        Keys([DictPlace("file")]).save(NAME, value)


def test_a_value_in_place_of_the_name_is_not_repeated() -> None:
    with pytest.raises(InputError) as caught:
        Keys([DictPlace("file")]).save("sk-live-1234567890", VALUE)
    assert "sk-live" not in caught.value.line()


class FakeKeyring(ModuleType):
    def __init__(self, broken: Exception | None) -> None:
        super().__init__("keyring")
        self.values: dict[str, str] = {}
        self.broken = broken

    def get_password(self, service: str, name: str) -> str | None:
        self.check()
        return self.values.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self.check()
        self.values[name] = value

    def delete_password(self, service: str, name: str) -> None:
        self.check()
        del self.values[name]

    def check(self) -> None:
        if self.broken:
            raise self.broken


def test_a_keyring_keeps_and_forgets_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring(None))
    place = Keyring()
    assert place.set(NAME, VALUE)
    assert place.get(NAME) == VALUE
    assert (place.remove(NAME), place.remove(NAME)) == (True, False)


def test_a_keyring_that_fails_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", FakeKeyring(RuntimeError("no session bus")))
    place = Keyring()
    assert (place.set(NAME, VALUE), place.get(NAME), place.remove(NAME)) == (False, None, False)


def test_without_the_extra_the_keyring_holds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert (Keyring().get(NAME), Keyring().set(NAME, VALUE)) == (None, False)
