"""Where copied text goes besides the terminal's clipboard, which not every terminal has."""

from pathlib import Path

from toollama import paths


def keep_copy(text: str) -> Path | None:
    """Write the text to `last-copy.md` in the state directory; None where that cannot be."""
    path = paths.state_dir() / "last-copy.md"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
        path.chmod(0o600)
    except OSError:
        return None
    return path
