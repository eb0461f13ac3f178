"""Where a model file comes from: a file of a Hugging Face repository, or a plain URL. Pure.

A split model is known by the name of any part.
"""

import re
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit, urlunsplit

from toollama.errors import InputError
from toollama.models.gguf.split import numbered, part_names, stem

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_PATH = r"(?:[A-Za-z0-9][^/@\\\x00-\x1f\x7f]*/)*[A-Za-z0-9][^/@\\\x00-\x1f\x7f]*\.gguf"
_REVISION = r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}"
_HUB = re.compile(
    rf"hf:(?P<owner>{_NAME})/(?P<repo>{_NAME})/(?P<file>{_PATH})(?:@(?P<revision>{_REVISION}))?",
    re.IGNORECASE,
)
_HUB_HOSTS = {"huggingface.co", "www.huggingface.co", "hf.co"}
_HUB_PAGE = re.compile(
    rf"/(?P<owner>{_NAME})/(?P<repo>{_NAME})/(?:resolve|blob)/(?P<revision>[^/]+)/(?P<file>.+)"
)
_FILE_NAME = re.compile(r"[^/\\\x00-\x1f\x7f.][^/\\\x00-\x1f\x7f]{0,199}\.gguf", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file of a repository: `hf:owner/repo/file[@revision]`."""

    repo: str
    """`owner/repo`."""
    file: str
    """Path inside the repository, ending in `.gguf`."""
    revision: str = "main"
    """Branch, tag or commit."""

    @property
    def name(self) -> str:
        """Return the bare file name."""
        return self.file.rpartition("/")[2]

    @property
    def host(self) -> str:
        """Return what stands for the other side in messages."""
        return f"hf:{self.repo}"

    def __str__(self) -> str:
        suffix = "" if self.revision == "main" else f"@{self.revision}"
        return f"hf:{self.repo}/{self.file}{suffix}"

    @property
    def record(self) -> str:
        """Return what models.toml keeps as the model's source."""
        return str(self)

    def parts(self) -> tuple["HubFile", ...]:
        """Return every file of the model, the first part first. Raises `InputError`."""
        folder = self.file.removesuffix(self.name)
        return tuple(replace(self, file=folder + name) for name in part_names(self.name))


@dataclass(frozen=True, slots=True)
class WebFile:
    """A file behind an http or https URL. The URL may carry secrets and is never shown whole."""

    url: str
    name: str
    """The bare file name that its path ends in."""

    @property
    def host(self) -> str:
        """Return the host, without credentials."""
        return urlsplit(self.url).hostname or ""

    @property
    def record(self) -> str:
        """Return what models.toml keeps as the model's source: no credentials, no query."""
        url = urlsplit(self.url)
        return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, "", ""))

    def __str__(self) -> str:
        return f"{self.host}/…/{self.name}"

    def parts(self) -> tuple["WebFile", ...]:
        """Return every file of the model, the first part first. Raises `InputError`."""
        url = urlsplit(self.url)
        folder = url.path[: url.path.rindex("/") + 1]
        names = part_names(self.name)
        if names == (self.name,):
            return (self,)
        # The names differ in digits only, so the encoded part of the path can be exchanged as text.
        last = url.path.removeprefix(folder)
        return tuple(
            WebFile(urlunsplit(url._replace(path=folder + numbered(last, number))), name)
            for number, name in enumerate(names, 1)
        )


Source = HubFile | WebFile


def parse(text: str) -> Source:
    """Return the source that `text` names; a page or file URL of the hub is a `HubFile`.

    Raises `InputError`.
    """
    if found := _HUB.fullmatch(text):
        return _hub_file(found)
    if text.startswith("hf:"):
        raise InputError(
            f"not a file on the hub: {text!r}", fix="write hf:owner/repo/FILE.gguf[@revision]"
        )
    try:
        url = urlsplit(text)
        host, _port = url.hostname, url.port
    except ValueError:
        raise InputError(f"not a URL: {text!r}", fix="check the address") from None
    if url.scheme not in {"http", "https"} or not host:
        raise InputError(
            f"not a source of models: {text!r}",
            fix="give hf:owner/repo/FILE.gguf, an https:// URL, or a name: toollama models list",
        )
    if host in _HUB_HOSTS and (page := _HUB_PAGE.fullmatch(unquote(url.path))):
        return parse(
            f"hf:{page['owner']}/{page['repo']}/{page['file']}"
            + ("" if page["revision"] == "main" else f"@{page['revision']}")
        )
    name = unquote(url.path.rpartition("/")[2])
    if not _FILE_NAME.fullmatch(name):
        raise InputError(
            f"the URL on {host} does not end in the name of a .gguf file",
            fix="give the address of the file itself",
        )
    return WebFile(urlunsplit(url._replace(fragment="")), name)


def model_name(file_name: str) -> str:
    """Return a name for the model in a file: without part number, ending, or odd characters."""
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", stem(file_name)).lstrip("._+-")[:100] or "model"


def _hub_file(found: re.Match[str]) -> HubFile:
    repo = f"{found['owner']}/{found['repo']}"
    return HubFile(repo, found["file"], found["revision"] or "main")
