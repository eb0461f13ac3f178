"""`toollama models ps`: the devices, their memory, and who owns the GPU. Loads nothing."""

from toollama.cli import out
from toollama.cli.options import Json


def ps(*, json: Json = False) -> None:
    """Show the devices that can hold models, their free memory, and who uses the GPU."""
    from toollama.models.fit import shown_size
    from toollama.models.llama.devices import list_devices
    from toollama.models.lock import holder

    devices, owner = list_devices(), holder()
    if json:
        out.json({"devices": devices, "holder": owner})
        return
    out.table(
        ("DEVICE", "KIND", "FREE", "TOTAL", "NAME"),
        [
            (
                device.name,
                device.kind,
                shown_size(device.free_bytes),
                shown_size(device.total_bytes),
                device.description,
            )
            for device in devices
        ],
    )
    if not devices:
        out.warn("llama-cpp-python is not installed: no device can be listed")
    if owner is None:
        out.note("no process holds the GPU")
    else:
        since = owner.since.astimezone().isoformat(sep=" ", timespec="seconds")
        out.note(f"the GPU is held by process {owner.pid} since {since}: {owner.command}")
