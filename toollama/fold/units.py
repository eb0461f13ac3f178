"""Seconds and bytes in few characters. Pure."""


def duration(seconds: float) -> str:
    """Return seconds in at most six cells."""
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}m{rest:02d}s"


def size(count: float) -> str:
    """Return bytes in binary units, such as `1.6G`."""
    if count < 2**30:
        return f"{count / 2**20:.0f}M"
    return f"{count / 2**30:.1f}G"
