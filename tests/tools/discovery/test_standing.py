import pytest

from tests.tools.discovery.folder import write_tool
from toollama.errors import ConfigError, UnknownName
from toollama.tools.discovery import State, discover
from toollama.tools.discovery import switches as switch
from toollama.tools.discovery.standing import standing
from toollama.tools.discovery.survey import survey
from toollama.tools.discovery.switches import Switches
from toollama.tools.registry import Registry


def trusted_tool(**fields: object) -> None:
    switch.save(switch.load().with_trusted(write_tool(**fields)))  # type: ignore[arg-type]


def state(switches: Switches, *, keys: tuple[str, ...] = ()) -> str:
    [entry] = [entry for entry in discover().entries if entry.name == "echo"]
    return str(standing(entry, switches, is_set=lambda name: name in keys))


def test_a_tool_without_a_key_to_set_is_ready() -> None:
    trusted_tool()
    assert state(Switches()) == "ready"


def test_a_tool_names_every_key_that_it_needs() -> None:
    trusted_tool(credentials=("A_KEY", "B_KEY"))
    assert state(Switches()) == "needs A_KEY,B_KEY"
    assert state(Switches(), keys=("A_KEY",)) == "needs B_KEY"
    assert state(Switches(), keys=("A_KEY", "B_KEY")) == "ready"


def test_a_tool_that_is_off_says_why_until_it_is_enabled() -> None:
    trusted_tool(off="for development only")
    assert state(Switches()) == "off (for development only)"
    assert state(Switches(enabled=frozenset({"echo"}))) == "ready"


def test_what_the_user_disabled_is_disabled_whatever_else_holds() -> None:
    trusted_tool(credentials=("A_KEY",))
    assert state(Switches(disabled=frozenset({"echo"}))) == "disabled (by you)"


def test_a_key_in_the_environment_makes_its_tool_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted_tool(credentials=("A_KEY",))
    assert survey().row("echo").standing.state is State.NEEDS
    monkeypatch.setenv("A_KEY", "canary-value")
    assert survey().row("echo").standing.state is State.READY


def test_a_tool_without_its_key_has_no_spec_among_those_that_are_ready(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trusted_tool(credentials=("A_KEY",))
    everything = Registry.discover()
    assert "echo" in {spec.name for spec in everything.specs()}
    ready = everything.ready()
    assert "echo" not in {spec.name for spec in ready.specs()}
    with pytest.raises(UnknownName, match="echo cannot be used: needs A_KEY") as caught:
        ready.get("echo")
    assert caught.value.fix == "toollama keys set A_KEY"
    monkeypatch.setenv("A_KEY", "canary-value")
    assert "echo" in everything.ready()


def test_a_person_may_run_a_tool_that_lacks_its_key_to_be_told_so() -> None:
    trusted_tool(credentials=("A_KEY",))
    assert "echo" in Registry.discover().switched_on()


def test_a_disabled_tool_is_withheld_from_a_person_too() -> None:
    trusted_tool()
    switch.save(switch.load().with_disabled(["echo"]))
    with pytest.raises(UnknownName, match="disabled"):
        Registry.discover().switched_on().get("echo")


def test_enabling_undoes_disabling_and_the_other_way_round() -> None:
    off = Switches().with_disabled(["a", "b"])
    on = off.with_enabled(["a"])
    assert (on.disabled, on.enabled) == (frozenset({"b"}), frozenset({"a"}))
    assert on.with_disabled(["a"]).enabled == frozenset()


def test_choices_are_kept_beside_what_the_user_wrote() -> None:
    switch.path().parent.mkdir(parents=True, exist_ok=True)
    switch.path().write_text('# my own note\ndisabled = ["a"]\n')
    switch.save(switch.load().with_disabled(["b"]))
    assert switch.path().read_text().startswith("# my own note\n")
    assert switch.load().disabled == frozenset({"a", "b"})


@pytest.mark.parametrize(
    "text", ["disabled = 1", "enabled = [1]", "trusted = []", "disabled = [", "\x00"]
)
def test_choices_that_cannot_be_read_name_the_file(text: str) -> None:
    switch.path().parent.mkdir(parents=True, exist_ok=True)
    switch.path().write_text(text)
    with pytest.raises(ConfigError, match=r"tools\.toml:1: "):
        switch.load()
