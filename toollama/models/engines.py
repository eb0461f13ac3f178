"""Builds the engine that serves every model of a catalogue, in this process and on servers."""

from toollama import paths
from toollama.models.catalog import Catalog
from toollama.models.engine import Engine


def engine_for(
    catalog: Catalog,
    *,
    vram_bytes: int | None,
    kv_disk_bytes: int | None,
    use_gpu: bool,
    wait_for_gpu: bool,
) -> Engine:
    """Return an engine with nothing loaded; None stands for what the machine offers.

    At most `kv_disk_bytes` of contexts are kept on disk while their model is away.
    """
    from toollama.models.llama import spill
    from toollama.models.llama.engine import LlamaEngine

    local = LlamaEngine(
        resolve=catalog.resolve,
        vram_bytes=vram_bytes,
        kv_disk_bytes=spill.limit_bytes(kv_disk_bytes),
        kv_directory=paths.kv_dir(),
        use_gpu=use_gpu,
        wait_for_gpu=wait_for_gpu,
    )
    if not any(spec.endpoints for spec in catalog.models.values()):
        return local
    from toollama.models.mixed import MixedEngine
    from toollama.models.remote.engine import RemoteEngine

    return MixedEngine(local=local, remote=RemoteEngine())
