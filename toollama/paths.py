"""Every path the program owns. No other module joins a user directory by hand.

`TOOLLAMA_{CONFIG,DATA,STATE,CACHE}_DIR` override the platform's directories one by one.
"""

import os
from pathlib import Path

_APP = "toollama"


def _directory(kind: str) -> Path:
    override = os.environ.get(f"TOOLLAMA_{kind.upper()}_DIR")
    if override:
        return written(override)
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")(_APP, appauthor=False))


def written(name: str | Path) -> Path:
    """Return the path that a person wrote, its `~` filled in; `~nobody` is a name like others."""
    return Path(os.path.expanduser(name))  # noqa: PTH111 - Path's own raises for `~nobody`


def config_dir() -> Path:
    """Return the directory of files the user edits."""
    return _directory("config")


def data_dir() -> Path:
    """Return the directory of what must not be lost: the run log, pulled models."""
    return _directory("data")


def state_dir() -> Path:
    """Return the directory of logs and locks."""
    return _directory("state")


def cache_dir() -> Path:
    """Return the directory of what can be deleted at any time."""
    return _directory("cache")


def user_models_toml() -> Path:
    """Return the user's models.toml, merged over the packaged one."""
    return config_dir() / "models.toml"


def user_config_toml() -> Path:
    """Return the user's settings file; TOOLLAMA_CONFIG names another."""
    override = os.environ.get("TOOLLAMA_CONFIG")
    return written(override) if override else config_dir() / "config.toml"


def project_config_toml() -> Path:
    """Return the settings file of the directory that the program was started in."""
    return Path("toollama.toml")


def credentials_toml() -> Path:
    """Return the file of keys that only its owner may read."""
    return config_dir() / "credentials.toml"


def packaged_models_toml() -> Path:
    """Return the models.toml that ships with the program.

    The wheel carries it inside the package; a source checkout has it at the top level.
    """
    packaged = Path(__file__).with_name("models.toml")
    return packaged if packaged.exists() else Path(__file__).parent.parent / "models.toml"


def role_prompt(name: str) -> Path | None:
    """Return the file of a role's instructions: the user's own before the packaged one."""
    places = [config_dir() / written(name)]
    if Path(name).name == name:
        places.append(Path(__file__).parent / "agents" / "prompts" / name)
    return next((path for path in places if path.is_file()), None)


def templates_dir() -> Path:
    """Return the directory of the user's prompt templates."""
    return config_dir() / "templates"


def schemas_dir() -> Path:
    """Return the directory of the user's JSON Schemas for answers."""
    return config_dir() / "schemas"


def database() -> Path:
    """Return the SQLite file that holds runs and events."""
    return data_dir() / "toollama.db"


def output_dir() -> Path:
    """Return the directory that tools may write into without asking."""
    override = os.environ.get("TOOLLAMA_OUTPUT_DIR")
    return written(override) if override else data_dir() / "output"


def kv_dir() -> Path:
    """Return the directory that the state of conversations spills to."""
    return cache_dir() / "kv"


def rates_database() -> Path:
    """Return the SQLite file that counts requests to each provider."""
    return state_dir() / "rates.db"


def results_database() -> Path:
    """Return the SQLite file of what tools answered."""
    return cache_dir() / "results.db"


def models_dir() -> Path:
    """Return the directory that pulled model files live in."""
    return data_dir() / "models"
