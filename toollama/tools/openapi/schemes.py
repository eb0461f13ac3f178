"""How a description asks for keys: by security schemes, and by parameters that are keys. Pure.

Every credential gets an environment-style name made from the provider's; a value never comes from
the description.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from toollama.tools.openapi.faults import Notes, pointer
from toollama.tools.openapi.secrets import env_name

Alternatives = list[list[str]]
"""Sets of scheme names, any of which opens an operation; an empty one needs none."""
_MAX_ALTERNATIVES = 6
# Tuples: what a stranger wrote may be a list, which a set cannot be asked for.
_PLACES = ("query", "header", "cookie")
_TOKEN_KINDS = ("oauth2", "openIdConnect")


class Schemes:
    """The security schemes of one document, as the declared format has them."""

    def __init__(self, declared: Mapping[str, Any], provider: str, notes: Notes) -> None:
        self._provider = provider
        self._notes = notes
        self.slim: dict[str, dict[str, Any]] = {}
        for name, scheme in declared.items():
            made = self._scheme(scheme) if isinstance(scheme, Mapping) else None
            if made:
                self.slim[name] = made
            else:
                where = pointer("components", "securitySchemes", name)
                notes.add(where, "this kind of security is not known; it is left out")

    def _scheme(self, scheme: Mapping[str, Any]) -> dict[str, Any] | None:
        kind = scheme.get("type")
        if kind == "apiKey" and scheme.get("in") in _PLACES:
            name = str(scheme.get("name") or "")
            return (
                _api_key(str(scheme["in"]), name, env_name(self._provider, name)) if name else None
            )
        if kind == "http" and str(scheme.get("scheme")).lower() == "bearer":
            return {"type": "http", "scheme": "bearer", "x-env": env_name(self._provider)}
        if kind == "http" and str(scheme.get("scheme")).lower() == "basic":
            env = env_name(self._provider, "user_password")
            return {"type": "http", "scheme": "basic", "x-env": env}
        if kind in _TOKEN_KINDS:
            env = env_name(self._provider, "access_token")
            return {"type": "http", "scheme": "bearer", "x-env": env}
        return None

    def hidden(self, place: str, wire_name: str, prefix: str) -> str:
        """Return the scheme of a parameter that is a credential, made where there is none."""
        for name, scheme in self.slim.items():
            if scheme["type"] == "apiKey" and (scheme["in"], scheme["name"]) == (place, wire_name):
                return name
            if scheme["type"] == "http" and wire_name.lower() == "authorization":
                return name
        made = _api_key(place, wire_name, env_name(self._provider, wire_name))
        name = f"{place}_{wire_name}"
        self.slim[name] = {**made, "x-prefix": prefix} if prefix else made
        return name

    def alternatives(self, declared: Any, where: str) -> Alternatives:
        """Return what a `security` list asks for; what is not known is as if not asked for."""
        if not isinstance(declared, list) or not declared:
            return [[]]
        found: Alternatives = []
        for one in declared[:_MAX_ALTERNATIVES]:
            names = list(one) if isinstance(one, Mapping) else []
            unknown = [name for name in names if name not in self.slim]
            for name in unknown:
                self._notes.add(where, f"security asks for {name!r}, which is not declared")
            if not unknown:
                found.append(names)
        return found or [[]]


def _api_key(place: str, wire_name: str, env: str) -> dict[str, Any]:
    return {"type": "apiKey", "in": place, "name": wire_name, "x-env": env}


def with_hidden(
    alternatives: Alternatives, required: Sequence[str], optional: Sequence[str]
) -> list[dict[str, list[str]]]:
    """Return `security` with the schemes of hidden parameters added to every set."""
    needed = [[*one, *required] for one in alternatives]
    richer = [[*one, *optional] for one in needed] if optional else []
    unique = {tuple(dict.fromkeys(one)): None for one in [*richer, *needed]}
    return [{name: [] for name in one} for one in unique]
