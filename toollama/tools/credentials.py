"""Bind each key to the hosts of the tools that declare it, and say which key a tool lacks.

A key for one service can so not be sent to another, whatever a model, a redirect or an imported
description says. The keys themselves are kept by `secrets`.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from toollama.errors import ConfigError
from toollama.secrets import Keys, fault_of
from toollama.text import one_line
from toollama.tools.base import Credentials, ToolFailure, ToolSpec
from toollama.tools.hosts import ANY_HOST, host_part, is_allowed

_SHIPPED = frozenset({"builtin", "catalogue"})
"""Origins whose declarations were reviewed with the program; `catalogue:weather` is one of them."""


class BoundKeys:
    """The user's keys, each for its own hosts; implements `tools.base.Credentials`."""

    def __init__(self, keys: Keys, hosts: Mapping[str, frozenset[str]]) -> None:
        """Take the hosts by the name of the key, as `hosts_by_key` returns them."""
        self._keys = keys
        self._hosts = hosts

    def get(self, name: str, *, host: str) -> str | None:
        """Return the value of a key for use with one host; None where it is unset.

        Raises `ToolFailure`; its kind is `blocked` where the key may not be sent to that host.
        """
        if not is_allowed(host.lower().rstrip("."), hosts=tuple(self._hosts.get(name, ()))):
            raise ToolFailure(
                f"{one_line(name, 80)} may not be sent to {one_line(host, 80)}",
                kind="blocked",
                fix="use a tool of the service that the key is for",
                lasting=True,
            )
        try:
            found = self._keys.find(name)
        except ConfigError as error:
            raise ToolFailure(
                error.message, kind="missing_credential", fix=error.fix, lasting=True
            ) from error
        if found and (fault := fault_of(found.value)):
            raise ToolFailure(
                f"the value of {name} {fault}",
                kind="missing_credential",
                fix=f"toollama keys set {name}",
                lasting=True,
            )
        return found.value if found else None


def hosts_by_key(specs: Iterable[ToolSpec]) -> dict[str, frozenset[str]]:
    """Return the hosts that each key may be sent to: those of the tools that declare it.

    Where a tool that ships with the program declares a key, tools from elsewhere cannot widen
    where it goes: an imported description would otherwise only have to name it. `*` binds nothing.
    """
    by_key: dict[str, dict[bool, set[str]]] = defaultdict(lambda: defaultdict(set))
    for spec in specs:
        bound = {host_part(entry) for entry in spec.hosts} - {ANY_HOST}
        for name in (*spec.credentials, *spec.optional_credentials):
            by_key[name][spec.origin.partition(":")[0] in _SHIPPED] |= bound
    return {name: frozenset(found.get(True) or found[False]) for name, found in by_key.items()}


def require_credentials(spec: ToolSpec, credentials: Credentials) -> None:
    """Return where every key that the tool needs is set.

    Raises `ToolFailure(kind="missing_credential")`, naming the first that is not.
    """
    for name in spec.credentials:
        if credentials.get(name, host=_first_host(spec)) is None:
            raise ToolFailure(
                f"{spec.name} needs {name}, which is not set",
                kind="missing_credential",
                fix=f"toollama keys set {name}",
                lasting=True,
            )


def explain_refusal(failure: ToolFailure, spec: ToolSpec, credentials: Credentials) -> ToolFailure:
    """Return a 401 or 403 of a keyed tool as what it means to the user; else the failure itself."""
    declared = (*spec.credentials, *spec.optional_credentials)
    if failure.status not in {401, 403} or not declared:
        return failure
    host = _first_host(spec)
    sent = [name for name in declared if credentials.get(name, host=host) is not None]
    if failure.status == 401:
        message = (
            f"{spec.name}: the service refused the key {' and '.join(sent)} (401)"
            if sent
            else f"{spec.name}: the service asks for the key {declared[0]} (401)"
        )
    elif sent:
        message = f"{failure.message}; the key {' and '.join(sent)} may be wrong or lack the right"
    else:
        return failure
    return ToolFailure(
        message,
        kind="missing_credential",
        fix=f"toollama keys set {(sent or declared)[0]}",
        lasting=True,
        status=failure.status,
    )


def _first_host(spec: ToolSpec) -> str:
    return next((host_part(entry) for entry in spec.hosts if entry != ANY_HOST), "")
