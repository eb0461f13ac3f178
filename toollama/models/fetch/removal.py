"""Taking a model away: its files, its entry in models.toml, the state of conversations with it."""

from dataclasses import dataclass
from pathlib import Path

from toollama import paths
from toollama.errors import ModelError
from toollama.models.fetch import entries
from toollama.models.gguf.split import part_names
from toollama.models.llama.spill import spilled
from toollama.toml_document import parse_if_present

_LEFTOVERS = (".part", ".part.json", ".bad")


@dataclass(frozen=True, slots=True)
class Removal:
    """What taking a model away will do."""

    files: tuple[Path, ...]
    """To be deleted; all of them lie in the models directory."""
    entry: bool
    """Whether its entry in the user's models.toml goes."""
    states: tuple[Path, ...] = ()
    """State of conversations with it, to be deleted as well."""

    @property
    def empty(self) -> bool:
        """Return whether there is nothing to do."""
        return not (self.files or self.entry)


def plan_removal(name: str, file: str, *, user_file: Path) -> Removal:
    """Return what removing the model `name`, whose `file` is declared so, comes to.

    Files outside the models directory are never deleted: they belong to somebody else. Raises
    `ConfigError` for a models.toml that cannot be read.
    """
    declared = parse_if_present(user_file).data.get("models", {})
    entry = isinstance(declared, dict) and name in declared
    return Removal(_own_files(file), entry, _states(file))


def remove(name: str, removal: Removal, *, user_file: Path) -> None:
    """Delete the files, then the entry. Raises `ModelError` and `ConfigError`."""
    for path in (*removal.files, *removal.states):
        try:
            path.unlink(missing_ok=True)
        except OSError as fault:
            raise ModelError(
                f"{path}: cannot be deleted: {fault.strerror}", fix="check its permissions"
            ) from None
    if removal.entry:
        entries.forget(name, user_file=user_file)


def _states(file: str) -> tuple[Path, ...]:
    try:
        return spilled(paths.models_dir() / Path(file).expanduser())
    except RuntimeError:  # `~somebody` without a home directory
        return ()


def _own_files(file: str) -> tuple[Path, ...]:
    if file.startswith("package:"):
        return ()
    directory = paths.models_dir().absolute().resolve()
    path = directory / file
    # A link in the directory is ours and may go; what it leads to is not looked at.
    if path.parent.resolve() != directory or not path.name.lower().endswith(".gguf"):
        return ()
    names = [part + leftover for part in part_names(path.name) for leftover in ("", *_LEFTOVERS)]
    found = (directory / name for name in names)
    return tuple(each for each in found if each.is_symlink() or each.is_file())
