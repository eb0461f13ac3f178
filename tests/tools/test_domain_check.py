from pathlib import Path
from typing import Any

import pytest

from tests.tools.answering import answered, best, get, refusal_of, refused
from toollama.tools.builtin.domain_check import TOOL

SERVICES = [[["example"], ["http://plain.nic.example/", "https://rdap.nic.example/"]]]


def bootstrap(services: list[Any]) -> dict[str, Any]:
    return get("data.iana.org", "/rdap/dns.json", body={"version": "1.0", "services": services})


def dns(name: str, kind: str, *, code: int = 0) -> dict[str, Any]:
    return get("dns.google", "/resolve", {"name": name, "type": kind}, body={"Status": code})


def silent(name: str) -> list[dict[str, Any]]:
    return [*(dns(name, kind) for kind in ("A", "MX", "TXT")), dns(f"_dmarc.{name}", "TXT")]


async def test_a_name_that_the_registry_does_not_know_is_not_registered(tmp_path: Path) -> None:
    unknown = get("rdap.nic.example", "/domain/free.example", status=404, body={})
    exchanges = [bootstrap(SERVICES), unknown, *silent("free.example")]
    result = await answered(TOOL, {"domain": "free.example"}, *exchanges, output=tmp_path)
    assert result.answer == "not registered"
    assert result.statements == (
        "free.example is not registered, by its registry; it may still be reserved.",
        "free.example has no IPv4 address.",
        "free.example has no MX record.",
        "free.example has no SPF record and no DMARC policy.",
    )


async def test_an_ending_without_a_server_leaves_registration_unknown(tmp_path: Path) -> None:
    exchanges = [bootstrap([]), *silent("made.example")]
    result = await answered(TOOL, {"domain": "made.example"}, *exchanges, output=tmp_path)
    assert result.answer == ""
    assert result.statements[0] == (
        "Whether made.example is registered is not known: no RDAP server answers for .example."
    )


async def test_a_failure_of_dns_is_a_typed_failure(tmp_path: Path) -> None:
    name = "made.example"
    exchanges = [bootstrap([]), dns(name, "A", code=2), *silent(name)[1:]]
    failure = await refused(TOOL, {"domain": name}, *exchanges, output=tmp_path)
    assert failure.kind == "upstream"


async def test_a_url_stands_for_its_domain_in_ascii(tmp_path: Path) -> None:
    exchanges = [bootstrap([]), *silent("xn--bcher-kva.example")]
    arguments = {"domain": "https://bücher.example/x"}
    result = await answered(TOOL, arguments, *exchanges, output=tmp_path)
    assert result.data["domain"] == "xn--bcher-kva.example"


@pytest.mark.parametrize("domain", ["localhost", "127.0.0.1", "a b.example", "http://"])
async def test_what_is_no_domain_name_is_refused(domain: str) -> None:
    assert (await refusal_of(TOOL, domain=domain)).kind == "invalid_input"


def test_a_request_names_the_domain() -> None:
    assert best(TOOL, "when does Example.org expire?") == {"domain": "example.org"}
