"""The file of keys: `NAME = "value"` lines that only their owner may read.

It refuses to use a file that others can read, and never quotes one in a message.
"""

import os
import tempfile
import tomllib
from pathlib import Path

from toollama.errors import ConfigError

_OTHERS = 0o077


class CredentialsFile:
    """One TOML file; it need not exist."""

    name = "file"

    def __init__(self, path: Path) -> None:
        self.path = path

    def get(self, name: str) -> str | None:
        """Return a value. Raises `ConfigError`."""
        value = tomllib.loads(self._text()).get(name)
        if value is not None and not isinstance(value, str):
            raise ConfigError(f"{self.path}: {name} is not a text", fix=_set_again(name))
        return value

    def set(self, name: str, value: str) -> bool:
        """Keep a value, leaving the user's other lines and comments as they are; return True.

        Raises `ConfigError`.
        """
        import tomlkit

        document = tomlkit.parse(self._text())
        document[name] = value
        self._write(tomlkit.dumps(document))
        return True

    def remove(self, name: str) -> bool:
        """Forget a value; return whether there was one. Raises `ConfigError`."""
        import tomlkit

        document = tomlkit.parse(self._text())
        if name not in document:
            return False
        del document[name]
        self._write(tomlkit.dumps(document))
        return True

    def _text(self) -> str:
        """Return the content, valid TOML, or nothing where there is no file."""
        try:
            with self.path.open(encoding="utf-8") as file:
                mode = os.fstat(file.fileno()).st_mode
                if mode & _OTHERS:
                    raise ConfigError(
                        f"{self.path} holds keys and can be read by others (mode {mode & 0o777:o})",
                        fix=f"chmod 600 {self.path}",
                    )
                text = file.read()
            tomllib.loads(text)
        except FileNotFoundError:
            return ""
        except (ValueError, RecursionError):
            # The parser's message may quote the line, which holds a key.
            raise ConfigError(
                f"{self.path} is not valid TOML", fix='write each key as NAME = "value"'
            ) from None
        except OSError as error:
            raise ConfigError(
                f"{self.path} cannot be read: {error.strerror}", fix=f"chmod 600 {self.path}"
            ) from error
        return text

    def _write(self, text: str) -> None:
        """Replace the file at once; it is never readable by others, nor half written."""
        directory = self.path.parent
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            # mkstemp makes the file with mode 0600.
            descriptor, temporary = tempfile.mkstemp(dir=directory, prefix=".credentials-")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                Path(temporary).replace(self.path.resolve())
            except BaseException:
                Path(temporary).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise ConfigError(
                f"{self.path} cannot be written: {error.strerror}",
                fix=f"make {directory} writable, or set the key in the environment",
            ) from error


def _set_again(name: str) -> str:
    return f"toollama keys set {name}"
