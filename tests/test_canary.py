"""A key is pushed through every way a call can end, and looked for wherever text may come out."""

import asyncio
import base64
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.agents.conftest import CREW
from tests.loopback import Answer, Loopback, json_answer, redirect_to
from toollama import paths
from toollama.cli import out
from toollama.clock import SystemClock
from toollama.config import NetworkSettings, Settings
from toollama.errors import ToolLamaError
from toollama.models.catalog import load_catalog
from toollama.models.scripted import ScriptedEngine
from toollama.policy import Effect
from toollama.secrets import REDACTED
from toollama.session import AskOptions, Session
from toollama.store import Store
from toollama.tools.base import (
    Arguments,
    Candidate,
    Proposal,
    Source,
    Tool,
    ToolContext,
    ToolFailure,
    ToolResult,
    ToolSpec,
)
from toollama.tools.registry import Registry

HOST = "api.example.org"
URL = f"https://{HOST}/data"
NAME = "CANARY_API_KEY"
CANARY = "Canary/7f3a+91e2"
BASIC = base64.b64encode(f"user:{CANARY}".encode()).decode()
ECHO = f"<h1>no {CANARY}</h1> Basic {BASIC} key=Canary%2F7f3a%2B91e2".encode()


class How(Arguments):
    how: str


class Keyed(Tool[How, Any]):
    """Sends its key along, and misbehaves as it is told."""

    spec = ToolSpec(
        name="keyed",
        summary="Look up the tide.",
        utterances=("look up the tide in Bergen", "when is the tide high in Oslo"),
        parameters=How,
        packs=("drummer.search",),
        effects=frozenset({Effect.READ_PUBLIC}),
        egress=True,
        hosts=(HOST,),
        credentials=(NAME,),
        cache_ttl_s=600,
        deadline_s=0.5,
    )

    def propose(self, text: str, context: ToolContext) -> Proposal:
        return {"how": [Candidate("echo", "words", certain=True)]}

    async def execute(self, args: How, context: ToolContext) -> Any:
        key = context.credentials.get(NAME, host=HOST)
        match args.how:
            case "hang":
                await asyncio.Event().wait()
            case "raise":
                raise ValueError(f"no {key}") from KeyError(key)
            case "refuse":
                raise ToolFailure(f"no {key}", kind="upstream", fix=f"not {key}")
            case "bad url":
                await context.http.get_json(f"https://[::1?key={key}", hosts=[HOST])
            case "other host":
                context.credentials.get(f"{NAME}_{key}", host=f"{key}.example.org")
            case "echo":
                return key
            case "chained":
                raise ToolFailure("no", kind="upstream", fix="none") from KeyError(key)
        return await context.http.get_json(
            URL,
            params={"key": str(key)},
            headers={"Authorization": f"Basic {BASIC}"},
            hosts=[HOST],
        )

    def format(self, args: How, raw: Any, context: ToolContext) -> ToolResult:
        return ToolResult(
            statements=(f"The service says {raw}.",),
            answer=str(raw),
            text=f"{raw} {BASIC}",
            data={"said": raw},
            sources=(Source(f"About {raw}", f"{URL}?key={raw}", untrusted=True),),
        )


def models_toml() -> Path:
    path = paths.data_dir().parent / "models.toml"
    path.write_text(CREW)
    return path


class World:
    """One session over a loopback server, and all that it lets out."""

    def __init__(self, base_urls: Mapping[str, str], engine: ScriptedEngine) -> None:
        clock = SystemClock()
        self.engine = engine
        self.errors: list[ToolLamaError] = []
        self.results: list[ToolResult] = []
        self.session = Session(
            settings=Settings(timezone="UTC", network=NetworkSettings(base_urls=dict(base_urls))),
            catalog=load_catalog(models_toml()),
            store=Store.open(paths.database(), clock),
            clock=clock,
            registry=Registry([Keyed()]),
            engine=engine,
        )

    async def call(self, how: str) -> None:
        try:
            self.results.append(await self.session.run_tool("keyed", {"how": how}))
        except ToolLamaError as error:
            self.errors.append(error)

    def said(self) -> list[str]:
        """Return every text that left the call, but for files and streams."""
        prompts = [repr(request) for request in self.engine.requests]
        failures = [
            text
            for error in self.errors
            for text in (
                str(error),
                repr(error),
                error.line(),
                "".join(traceback.format_exception(error)),
            )
        ]
        return [*prompts, *failures, *map(repr, self.results)]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, CANARY)


def hits(text: str) -> list[str]:
    """Return the spellings of the key that a text contains."""
    spellings = (CANARY, "Canary%2F7f3a%2B91e2", "Canary/7f3a%2B91e2", BASIC, "7f3a", "91e2")
    return [spelling for spelling in spellings if spelling.lower() in text.lower()]


def written() -> str:
    """Return all that lies on the disk."""
    places = (paths.data_dir(), paths.state_dir(), paths.cache_dir())
    files = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert files
    return "".join(path.read_bytes().decode("latin-1") for path in files)


ANSWERS = {
    "401 echoes it": Answer(ECHO, 401),
    "403 echoes it": Answer(ECHO, 403),
    "404 echoes it": Answer(ECHO, 404),
    "429 echoes it": Answer(ECHO, 429, {"Retry-After": "900"}),
    "500 echoes it": Answer(ECHO, 500),
    "400 as JSON": json_answer({"error": f"bad key {CANARY}"}, status=400),
    "200 as JSON": json_answer({"error": f"bad key {CANARY}", "basic": BASIC}),
    "a page for JSON": Answer(ECHO),
    "a redirect in place": redirect_to(f"https://{HOST}/?key={CANARY}"),
    "a redirect elsewhere": redirect_to(f"https://evil.example.com/?key={CANARY}"),
    "a redirect to nowhere": redirect_to(f"https://[::1?key={CANARY}"),
    "an odd encoding": Answer(b"x", headers={"Content-Encoding": CANARY}),
    "a reset": Answer(reset=True),
    "silence": Answer(b" " * 99, drip_s=0.2),
}


async def world_after(how: str, *, answer: Answer | None = None) -> World:
    async with Loopback(HOST) as server:
        server.expect(HOST, "/data", answer or json_answer("fine"), query={"key": CANARY})
        server.expect(HOST, "/", Answer(ECHO, 401), query={"key": CANARY.replace("+", " ")})
        world = World(server.base_urls, ScriptedEngine())
        await world.call(how)
        await world.session.close()
    return world


def assert_silent(world: World, capsys: pytest.CaptureFixture[str], log: str) -> None:
    for error in world.errors:
        out.error(error.line())
    for result in world.results:
        out.json(result)
    streams = capsys.readouterr()
    for text in (*world.said(), streams.out, streams.err, log, written()):
        assert not hits(text), text


@pytest.mark.parametrize("name", ANSWERS)
async def test_no_answer_of_a_service_gives_the_key_away(
    name: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world = await world_after("fetch", answer=ANSWERS[name])
    assert len(world.errors) + len(world.results) == 1
    assert_silent(world, capsys, caplog.text)


@pytest.mark.parametrize(
    "how", ["hang", "raise", "refuse", "bad url", "other host", "echo", "chained"]
)
async def test_no_fault_of_a_tool_gives_the_key_away(
    how: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    world = await world_after(how)
    assert len(world.errors) + len(world.results) == 1
    assert_silent(world, capsys, caplog.text)


async def test_a_wrong_key_is_called_so_with_the_command_that_sets_it() -> None:
    (error,) = (await world_after("fetch", answer=ANSWERS["401 echoes it"])).errors
    assert (error.message, error.fix) == (
        f"keyed: the service refused the key {NAME} (401)",
        f"toollama keys set {NAME}",
    )


async def test_a_missing_key_ends_the_call_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(NAME)
    (error,) = (await world_after("raise")).errors
    assert (error.message, error.fix) == (
        f"keyed needs {NAME}, which is not set",
        f"toollama keys set {NAME}",
    )


async def test_no_prompt_gives_the_key_away(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a service echoes is evidence, and evidence is read by models."""
    world = World({}, ScriptedEngine(["It is high at noon [1]."] * 9))
    question = "Look up the tide in Bergen, and explain at length what it means for a sailor."
    answer = await world.session.ask(AskOptions(prompt=question, profile="small"))
    await world.session.close()
    prompts = [repr(request) for request in world.engine.requests]
    assert any(REDACTED in prompt for prompt in prompts)
    out.data(answer.text)
    assert_silent(world, capsys, repr(answer))
