"""The registration of a domain name, by RDAP (RFC 9082, RFC 9083).

IANA's list (RFC 9224) says which server answers for a top-level domain; some have none. A name that
the server does not know is not registered. Not yet run against real registries.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from toollama.tools.base import HttpDoor
from toollama.tools.upstream import Document, json_of, read_as

BOOTSTRAP_HOST = "data.iana.org"
_ACCEPT = "application/rdap+json"


class _Bootstrap(Document):
    services: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]


class _Event(Document):
    eventAction: str  # noqa: N815 - the standard's own name
    eventDate: str = ""  # noqa: N815 - the standard's own name


class _Nameserver(Document):
    ldhName: str = ""  # noqa: N815 - the standard's own name


class _Entity(Document):
    roles: tuple[str, ...] = ()
    vcardArray: tuple[Any, ...] = ()  # noqa: N815 - the standard's own name


class _Domain(Document):
    ldhName: str = ""  # noqa: N815 - the standard's own name
    status: tuple[str, ...] = ()
    events: tuple[_Event, ...] = ()
    nameservers: tuple[_Nameserver, ...] = ()
    entities: tuple[_Entity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What the registry says of a name. What it does not say is empty."""

    registered: bool
    registrar: str = ""
    created: str = ""
    """A day, `1995-08-14`."""
    expires: str = ""
    status: tuple[str, ...] = ()
    nameservers: tuple[str, ...] = ()


async def registration(http: HttpDoor, domain: str) -> Registration | None:
    """Return the registration, or None where no RDAP server answers for the name's ending.

    Raises `ToolFailure`.
    """
    server = await _server(http, domain.rpartition(".")[2])
    if not server:
        return None
    reply = await http.request(
        "GET",
        f"{server.rstrip('/')}/domain/{domain}",
        accept=_ACCEPT,
        expect=(404,),
        hosts=[urlsplit(server).hostname or ""],
    )
    if reply.status == 404:
        return Registration(registered=False)
    service = urlsplit(server).hostname or "RDAP"
    return _registration(read_as(_Domain, json_of(reply, service=service), service=service))


async def _server(http: HttpDoor, top_level: str) -> str:
    answer = await http.get_json(f"https://{BOOTSTRAP_HOST}/rdap/dns.json", hosts=[BOOTSTRAP_HOST])
    for endings, servers in read_as(_Bootstrap, answer, service=BOOTSTRAP_HOST).services:
        if top_level in endings:
            return next((one for one in servers if one.startswith("https://")), "")
    return ""


def _registration(domain: _Domain) -> Registration:
    days = {event.eventAction: event.eventDate[:10] for event in domain.events}
    names = [_full_name(entity) for entity in domain.entities if "registrar" in entity.roles]
    return Registration(
        registered=True,
        registrar=next(filter(None, names), ""),
        created=days.get("registration", ""),
        expires=days.get("expiration", ""),
        status=domain.status,
        nameservers=tuple(one.ldhName.lower() for one in domain.nameservers if one.ldhName),
    )


def _full_name(entity: _Entity) -> str:
    """Return the `fn` of a jCard (RFC 7095)."""
    rows = entity.vcardArray[1] if len(entity.vcardArray) > 1 else ()
    for row in rows if isinstance(rows, list | tuple) else ():
        if isinstance(row, list | tuple) and len(row) > 3 and row[0] == "fn":
            return str(row[3])
    return ""
