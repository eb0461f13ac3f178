import sys
from types import ModuleType

import pytest

from toollama.secrets import keyring_names
from toollama.secrets.places import Keyring


class Ring(ModuleType):
    """A keyring that counts how often it is asked."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.values: dict[str, str] = {"A_KEY": "put there by hand"}
        self.asked = 0

    def get_password(self, service: str, name: str) -> str | None:
        self.asked += 1
        return self.values.get(name)

    def set_password(self, service: str, name: str, value: str) -> None:
        self.values[name] = value

    def delete_password(self, service: str, name: str) -> None:
        del self.values[name]


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    pytest.importorskip("keyring")
    found = Ring()
    monkeypatch.setitem(sys.modules, "keyring", found)
    return found


def test_a_keyring_is_not_woken_for_a_key_that_was_never_put_there(ring: Ring) -> None:
    assert Keyring().get("A_KEY") is None
    assert ring.asked == 0


def test_a_key_that_was_put_there_is_found_until_it_is_taken_out(ring: Ring) -> None:
    assert Keyring().set("B_KEY", "canary-value")
    assert Keyring().get("B_KEY") == "canary-value"
    assert keyring_names.path().read_text() == "B_KEY\n"
    assert Keyring().remove("B_KEY")
    assert keyring_names.names() == frozenset()


def test_a_damaged_list_of_names_is_an_empty_one() -> None:
    keyring_names.path().parent.mkdir(parents=True, exist_ok=True)
    keyring_names.path().write_bytes(b"\xff\xfe")
    assert keyring_names.names() == frozenset()
