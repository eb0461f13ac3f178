"""`toollama models verify` and `rm`: the model files that are kept on this machine."""

from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import out
from toollama.cli.approval import agreed
from toollama.cli.options import Json
from toollama.errors import ExitCode, InputError, ModelCorrupt, ModelMissing

if TYPE_CHECKING:
    from toollama.models.catalog import Catalog
    from toollama.models.spec import ModelSpec

Names = Annotated[
    list[str] | None, typer.Argument(metavar="NAME...", help="Models; none means every model.")
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A model's name.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def verify(names: Names = None, *, json: Json = False) -> None:
    """Read model files whole and compare them with their recorded sha256; code 3 if one is bad.

    So it is where one that you name is missing. `unknown` is a file whose header is in order and
    whose sha256 nobody recorded.
    """
    from toollama.models.catalog import load_catalog

    catalog = load_catalog()
    specs = [catalog.model(name) for name in names] if names else _with_files(catalog)
    found = []
    for spec in specs:
        state, detail = _state(catalog, spec)
        found.append({"id": spec.id, "state": state, "detail": detail})
    if json:
        out.json(found)
    else:
        rows = [(each["id"], each["state"], each["detail"]) for each in found]
        out.table(("MODEL", "STATE", "DETAIL"), rows)
    faults = {"bad", "missing"} if names else {"bad"}
    if not faults.isdisjoint(each["state"] for each in found):
        raise typer.Exit(ExitCode.MODEL)


def remove(name: Name, *, yes: Yes = False) -> None:
    """Delete a pulled model, or forget one that was added.

    Only files in the models directory are deleted; others, such as in the hub's cache, stay.
    """
    from toollama import paths
    from toollama.models.catalog import load_catalog
    from toollama.models.fetch.removal import plan_removal, remove

    spec = load_catalog().model(name)
    user_file = paths.user_models_toml()
    removal = plan_removal(spec.id, spec.file, user_file=user_file)
    if removal.empty:
        raise InputError(
            f"{spec.id}: nothing of it is here, or it belongs to a package",
            fix="toollama models list",
        )
    doing = [f"delete {path}" for path in removal.files]
    doing += [f"forget {spec.id} in {user_file}"] if removal.entry else []
    doing += [f"delete {len(removal.states)} saved conversations"] if removal.states else []
    if not agreed("; ".join(doing), yes=yes):
        out.note("nothing was changed")
        return
    remove(spec.id, removal, user_file=user_file)
    out.data(f"{spec.id}\n")
    if not removal.files:
        out.note(f"{spec.file} stays where it is")


def _with_files(catalog: "Catalog") -> list["ModelSpec"]:
    """Return the models that are not only served elsewhere."""
    return [spec for spec in catalog.models.values() if spec.file]


def _state(catalog: "Catalog", spec: "ModelSpec") -> tuple[str, str]:
    from toollama.cli.pull import Meter
    from toollama.clock import SystemClock
    from toollama.models.fetch.verify import digest_of
    from toollama.models.gguf import read_header

    try:
        path = catalog.resolve(spec)
        read_header(path)
        if not spec.sha256:
            return "unknown", "its header is in order, no sha256 is recorded"
        digest = digest_of(path, progress=Meter(spec.id, SystemClock()), reread=True)
    except ModelMissing as fault:
        return "missing", fault.fix
    except ModelCorrupt as fault:
        return "bad", fault.message
    finally:
        out.clear_status()
    if digest == spec.sha256:
        return "ok", digest[:12]
    return "bad", f"its sha256 is {digest[:12]}…, recorded is {spec.sha256[:12]}…"
