"""`toollama serve --web`: the full-screen interface in a browser on this machine."""

from typing import Annotated

import typer

from toollama.cli import out
from toollama.errors import InputError

Web = Annotated[bool, typer.Option("--web", help="Serve the interface to a browser.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="0 is any free port.")]


def serve(*, web: Web = False, port: Port = 0) -> None:
    """Serve the interface on 127.0.0.1; the address printed carries the token that it takes."""
    if not web:
        raise InputError("there is nothing else to serve yet", fix="toollama serve --web")
    import asyncio

    asyncio.run(_serve(port))


async def _serve(port: int) -> None:
    from contextlib import AsyncExitStack, closing

    from aiohttp.web import AppRunner, SockSite

    from toollama.cli import running
    from toollama.host import wire
    from toollama.host.server import Host
    from toollama.tui import web

    try:
        listener = web.bind(port)
    except OSError as error:
        raise InputError(
            f"port {port} cannot be used: {error.strerror}", fix="give another --port, or none"
        ) from error
    number = listener.getsockname()[1]
    token = web.new_token()
    path = wire.socket_path()
    async with AsyncExitStack() as ending:
        ending.enter_context(closing(listener))
        session = running.open_session()
        ending.push_async_callback(session.close)
        await ending.enter_async_context(Host(session).listening(path))
        server = web.TokenServer(path, port=number, token=token)
        runner = AppRunner(await server.application(), access_log=None)
        ending.push_async_callback(runner.cleanup)
        await runner.setup()
        await SockSite(runner, listener).start()
        out.data(f"{server.public_url}/?token={token}\n")
        out.note("Ctrl-C ends it; every tab shares one engine")
        await _until_stopped()


async def _until_stopped() -> None:
    """Wait for Ctrl-C or a request to end."""
    import asyncio
    import signal

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()
