from dataclasses import replace

import pytest

from toollama.secrets import Keys
from toollama.tools.base import Arguments, NoCredentials, ToolFailure, ToolSpec
from toollama.tools.credentials import (
    BoundKeys,
    explain_refusal,
    hosts_by_key,
    require_credentials,
)
from toollama.tools.hosts import is_allowed

NAME = "EXAMPLE_API_KEY"
SPEC = ToolSpec(
    name="example",
    summary="An example.",
    utterances=(),
    parameters=Arguments,
    packs=(),
    hosts=("api.example.org", "*.example.net", "odd.example.org:2096"),
    credentials=(NAME,),
)


class OneKey:
    name = "env"

    def __init__(self, value: str = "value-1234") -> None:
        self.value = value

    def get(self, name: str) -> str | None:
        return self.value if name == NAME else None

    def set(self, name: str, value: str) -> bool:
        return False

    def remove(self, name: str) -> bool:
        return False


def bound(*specs: ToolSpec) -> BoundKeys:
    return BoundKeys(Keys([OneKey()]), hosts_by_key(specs))


@pytest.mark.parametrize(
    "host", ["api.example.org", "API.Example.org.", "eu.example.net", "odd.example.org"]
)
def test_a_key_goes_to_the_hosts_of_its_tool(host: str) -> None:
    assert bound(SPEC).get(NAME, host=host) == "value-1234"


@pytest.mark.parametrize("host", ["evil.org", "example.net", "api.example.org.evil.org", "", "*"])
def test_a_key_is_blocked_for_any_other_host(host: str) -> None:
    with pytest.raises(ToolFailure) as caught:
        bound(SPEC).get(NAME, host=host)
    assert caught.value.kind == "blocked"


@pytest.mark.parametrize("value", ["two words", "line\nline", "clé-12345"])
def test_a_value_that_no_header_can_carry_is_not_sent(value: str) -> None:
    keys = BoundKeys(Keys([OneKey(value)]), hosts_by_key([SPEC]))
    with pytest.raises(ToolFailure) as caught:
        keys.get(NAME, host="api.example.org")
    assert (caught.value.kind, value in caught.value.line()) == ("missing_credential", False)


def test_a_name_that_no_tool_declares_goes_nowhere() -> None:
    with pytest.raises(ToolFailure, match="may not be sent"):
        bound(SPEC).get("OTHER_KEY", host="api.example.org")


def test_a_tool_with_free_urls_binds_a_key_to_no_host() -> None:
    assert hosts_by_key([replace(SPEC, hosts=("*",))]) == {NAME: frozenset()}


def test_a_key_goes_to_the_hosts_of_all_shipped_tools_that_declare_it() -> None:
    other = replace(
        SPEC,
        hosts=("b.org",),
        credentials=(),
        optional_credentials=(NAME,),
        origin="catalogue:other",
    )
    assert "b.org" in hosts_by_key([SPEC, other])[NAME]


def test_an_imported_tool_cannot_widen_where_a_shipped_tool_s_key_goes() -> None:
    imported = replace(SPEC, hosts=("evil.org",), origin="openapi:evil.yaml")
    assert "evil.org" not in hosts_by_key([imported, SPEC])[NAME]


def test_a_key_of_imported_tools_only_goes_to_their_hosts() -> None:
    imported = replace(SPEC, hosts=("own.org",), origin="openapi:own.yaml")
    assert hosts_by_key([imported]) == {NAME: frozenset({"own.org"})}


def test_a_tool_that_lacks_its_key_says_how_to_set_it() -> None:
    with pytest.raises(ToolFailure) as caught:
        require_credentials(SPEC, NoCredentials())
    assert (caught.value.kind, caught.value.fix) == (
        "missing_credential",
        f"toollama keys set {NAME}",
    )


def test_a_tool_whose_keys_are_set_may_run() -> None:
    require_credentials(SPEC, bound(SPEC))


def refused(status: int | None) -> ToolFailure:
    return ToolFailure("a.org said no", kind="blocked", fix="set contact", status=status)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (401, f"example: the service refused the key {NAME} (401)"),
        (403, f"a.org said no; the key {NAME} may be wrong or lack the right"),
    ],
)
def test_a_refused_key_is_named_with_the_command_that_sets_it(status: int, said: str) -> None:
    failure = explain_refusal(refused(status), SPEC, bound(SPEC))
    assert (failure.message, failure.kind, failure.fix) == (
        said,
        "missing_credential",
        f"toollama keys set {NAME}",
    )


def test_an_optional_key_that_a_service_insists_on_is_asked_for() -> None:
    spec = replace(SPEC, credentials=(), optional_credentials=("UNSET_KEY",))
    failure = explain_refusal(refused(401), spec, bound(spec))
    assert (failure.message, failure.fix) == (
        "example: the service asks for the key UNSET_KEY (401)",
        "toollama keys set UNSET_KEY",
    )


@pytest.mark.parametrize(
    ("status", "spec"),
    [
        (404, SPEC),
        (None, SPEC),
        (401, replace(SPEC, credentials=())),
        (403, replace(SPEC, credentials=(), optional_credentials=("UNSET_KEY",))),
    ],
)
def test_a_failure_that_is_not_about_a_key_stays_as_it_is(
    status: int | None, spec: ToolSpec
) -> None:
    failure = refused(status)
    assert explain_refusal(failure, spec, bound(spec)) is failure


@pytest.mark.parametrize(
    ("host", "port", "hosts", "allowed"),
    [
        ("a.org", None, ("a.org",), True),
        ("a.org", 2096, ("a.org",), False),
        ("a.org", 2096, ("a.org:2096",), True),
        ("a.org", None, ("a.org:2096",), False),
        ("x.a.org", 2096, ("*.a.org:2096",), True),
        ("a.org", None, ("*.a.org",), False),
        ("anything.org", None, ("*",), True),
        ("anything.org", 22, ("*",), False),
    ],
)
def test_an_entry_names_a_host_and_a_port(
    host: str, port: int | None, hosts: tuple[str, ...], allowed: bool
) -> None:
    assert is_allowed(host, port, hosts=hosts) is allowed
