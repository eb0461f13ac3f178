"""What every contract test shares."""

from collections.abc import Iterator

import httpx
import pytest


@pytest.fixture(scope="session", autouse=True)
def _one_tls_context() -> Iterator[None]:
    """Let all doors share one TLS context: reading the certificates is most of a short test."""
    context = httpx.create_ssl_context()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx, "create_ssl_context", lambda: context)
        yield
