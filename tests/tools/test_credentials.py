from dataclasses import replace

import pytest

from toollama.secrets import Keys
from toollama.tools.base import Arguments, NoCredentials, ToolFailure, ToolSpec
from toollama.tools.credentials import BoundKeys, hosts_by_key, require_credentials
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

    def get(self, name: str) -> str | None:
        return "value-1234" if name == NAME else None

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


def test_a_name_that_no_tool_declares_goes_nowhere() -> None:
    with pytest.raises(ToolFailure, match="may not be sent"):
        bound(SPEC).get("OTHER_KEY", host="api.example.org")


def test_a_tool_with_free_urls_binds_a_key_to_no_host() -> None:
    assert hosts_by_key([replace(SPEC, hosts=("*",))]) == {NAME: frozenset()}


def test_a_key_goes_to_the_hosts_of_all_shipped_tools_that_declare_it() -> None:
    other = replace(SPEC, hosts=("b.org",), credentials=(), optional_credentials=(NAME,))
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
