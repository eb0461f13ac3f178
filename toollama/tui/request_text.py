"""What comes with a request that was typed on the screen: the files it names, and pasted texts."""

from collections.abc import Sequence

from toollama.agents.messages import Attached
from toollama.commands import mentioned
from toollama.errors import InputError
from toollama.host import mentions
from toollama.paths import written
from toollama.text import one_line, visible, well_formed


def attachments(text: str, pasted: Sequence[str] = ()) -> tuple[Attached, ...]:
    """Return the files that a text names and the texts pasted with it.

    Raises `InputError` for what is no file.
    """
    files = [_file(name) for name in mentions.present(mentioned(text))]
    texts = [
        Attached(name=f"pasted-{number}.txt", text=well_formed(content))
        for number, content in enumerate(pasted, start=1)
    ]
    return (*files, *texts)


def _file(name: str) -> Attached:
    path = written(name)
    if not path.is_file():
        raise InputError(
            f"@{one_line(name, 80)} is not one file", fix="name a file, or use toollama ask -f"
        )
    return Attached(name=visible(name), path=path.resolve())
