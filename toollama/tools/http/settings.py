"""What a user may set about the network: mirrors, offline mode and how services are greeted."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How the door reaches the network."""

    base_urls: Mapping[str, str] = field(default_factory=dict)
    """Another base URL by host, for mirrors and tests: requests to the host go there instead.

    `{"en.wikipedia.org": "http://127.0.0.1:8001/wiki"}` sends `https://en.wikipedia.org/api/x` to
    `http://127.0.0.1:8001/wiki/api/x`, the only private address that is then reachable."""
    offline: bool = False
    contact: str = ""
    """A URL or e-mail address that services may write to; Wikimedia asks for one."""
    version: str = "0"

    def user_agent(self) -> str:
        """Return the User-Agent, which tells a service whom to write to before it blocks us."""
        contact = "".join(letter for letter in self.contact if "!" <= letter <= "~")
        return f"ToolLama/{self.version}" + (f" (+{contact})" if contact else "")
