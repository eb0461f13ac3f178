"""`toollama serve`: the full screen in a browser on this machine, or lines for a program."""

from typing import TYPE_CHECKING, Annotated

import typer

from toollama.cli import out
from toollama.errors import InputError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

Web = Annotated[bool, typer.Option("--web", help="Serve the interface to a browser.")]
Jsonl = Annotated[
    bool,
    typer.Option("--jsonl", help="Take commands on stdin and write events to stdout, as lines."),
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="With --web; 0 is any free port.")]


def serve(*, web: Web = False, jsonl: Jsonl = False, port: Port = 0) -> None:
    """Serve the full screen on 127.0.0.1, or an editor on stdin and stdout.

    The address that --web prints carries the token that it takes. docs/pipes.md shows the lines of
    --jsonl.
    """
    import asyncio

    if web == jsonl:
        raise InputError("nothing says what to serve", fix="toollama serve --web, or --jsonl")
    if web:
        asyncio.run(_serve(port))
        return
    asyncio.run(_serve_lines())


async def _serve_lines() -> None:
    """Serve stdin until its end; a signal, or a reader that is gone, ends the process."""
    import asyncio
    from contextlib import AsyncExitStack, suppress

    from toollama.cli import running, signals
    from toollama.errors import ExitCode
    from toollama.host.lines import LineHost

    def announce(code: ExitCode) -> None:
        session.cancel_exit_code = code

    def write(line: bytes) -> None:
        try:
            out.json_line(line.decode().rstrip("\n"))
        except out.BrokenPipe:
            stop(ExitCode.BROKEN_PIPE)

    async with AsyncExitStack() as ending:
        session = running.open_session()
        ending.push_async_callback(session.close)
        task = asyncio.current_task()
        assert task is not None
        stop = signals.Stop(task, announce=announce)
        ending.enter_context(signals.stopping(stop))
        ending.enter_context(signals.watching_reader(stop))
        host = LineHost(session, write)
        ending.push_async_callback(host.close)
        _read_lines(host.take, host.end_input, asyncio.get_running_loop())
        with suppress(asyncio.CancelledError):
            await host.finished()
    if stop.exit_code is not None:
        signals.leave(stop.exit_code)  # a thread still waits for stdin


def _read_lines(
    take: "Callable[[bytes], None]",
    end: "Callable[[], None]",
    loop: "asyncio.AbstractEventLoop",
) -> None:
    """Read stdin on a thread of its own: a file cannot be waited for by an event loop."""
    import sys
    from contextlib import suppress
    from threading import Thread

    def read() -> None:
        with suppress(RuntimeError):  # the loop has ended meanwhile
            for line in sys.stdin.buffer if sys.stdin else ():
                loop.call_soon_threadsafe(take, line)
            loop.call_soon_threadsafe(end)

    Thread(target=read, name="toollama-stdin", daemon=True).start()


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
