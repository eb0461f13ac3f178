"""The remote engine over real sockets, against a double that checks every request."""

import asyncio
from typing import Any

import pytest

from tests.models.remote.harness import ask, complete, ignore, served_by, text_of
from tests.openai_double import OpenAIDouble, Reply
from toollama.errors import InputTooLong, ModelError, ModelMissing
from toollama.models.engine import Choice, JsonSchema, Regex
from toollama.models.remote.engine import RemoteEngine
from toollama.models.spec import EndpointSpec, ModelSpec

_NUMBER = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}
_STREAM = {"Content-Type": "text/event-stream"}
_KINDS = {
    "llamacpp": {"/props": {"default_generation_settings": {"n_ctx": 2048}}},
    "vllm": {},
    "library": {},
    "somebody": {},
}


async def test_only_the_named_server_gets_the_key(engine: RemoteEngine) -> None:
    async with OpenAIDouble(key="s3cret-key") as keyed, OpenAIDouble() as open_to_all:
        await engine.load(served_by(keyed, api_key_env="TINY_KEY"), ignore)
        await complete(engine)
        await engine.unload("tiny")
        await engine.load(served_by(open_to_all), ignore)
        await complete(engine)
    assert not any("authorization" in asked.headers for asked in open_to_all.asked)


async def test_a_refused_key_is_struck_out_of_the_message(engine: RemoteEngine) -> None:
    async with OpenAIDouble(key="another") as double:
        with pytest.raises(ModelError, match="•••") as caught:
            await engine.load(served_by(double, api_key_env="TINY_KEY"), ignore)
    assert "s3cret" not in caught.value.line()


async def test_a_variable_that_is_not_set_is_named(engine: RemoteEngine) -> None:
    async with OpenAIDouble() as double:
        with pytest.raises(ModelError, match="NO_SUCH_KEY"):
            await engine.load(served_by(double, api_key_env="NO_SUCH_KEY"), ignore)


async def test_a_model_that_is_not_served_is_answered_with_those_that_are(
    engine: RemoteEngine,
) -> None:
    async with OpenAIDouble(models=["a-7b", "b-7b"]) as double:
        with pytest.raises(ModelMissing, match="a-7b, b-7b") as caught:
            await engine.load(served_by(double, model="c-7b"), ignore)
    assert "`model`" in caught.value.fix


async def test_the_only_model_of_a_server_needs_no_name(engine: RemoteEngine) -> None:
    async with OpenAIDouble(models=["/models/whatever.gguf"]) as double:
        await engine.load(served_by(double), ignore)
        await complete(engine)
    assert double.completions[0]["model"] == "/models/whatever.gguf"


async def test_a_server_that_is_not_there_is_named_with_a_check(engine: RemoteEngine) -> None:
    spec = ModelSpec(id="tiny", endpoints=(EndpointSpec(url="http://127.0.0.1:9"),))
    with pytest.raises(ModelError, match=r"127\.0\.0\.1:9 cannot be reached") as caught:
        await engine.load(spec, ignore)
    assert "curl http://127.0.0.1:9/v1/models" in caught.value.fix


@pytest.mark.parametrize("url", ["http://exa mple", "http://xn--a.b..c:1", "http://a\u202eb"])
async def test_a_host_that_cannot_be_asked_for_is_an_error(engine: RemoteEngine, url: str) -> None:
    with pytest.raises(ModelError):
        await engine.load(ModelSpec(id="tiny", endpoints=(EndpointSpec(url=url),)), ignore)


@pytest.mark.parametrize(
    ("owner", "tokens"), [("llamacpp", 2048), ("vllm", 2048), ("library", 8192)]
)
async def test_the_context_is_what_the_server_tells(
    engine: RemoteEngine, owner: str, tokens: int
) -> None:
    async with OpenAIDouble(owned_by=owner, routes=_KINDS[owner]) as double:
        assert (await engine.load(served_by(double), ignore)).context_tokens == tokens


async def test_a_smaller_context_of_the_users_own_is_kept(engine: RemoteEngine) -> None:
    async with OpenAIDouble(owned_by="vllm") as double:
        assert (await engine.load(served_by(double, context=512), ignore)).context_tokens == 512


@pytest.mark.parametrize("owner", ["llamacpp", "vllm"])
async def test_a_server_that_can_counts_the_tokens(engine: RemoteEngine, owner: str) -> None:
    routes = {**_KINDS[owner], "/tokenize": {"tokens": [1, 2, 3, 4, 5]}}
    async with OpenAIDouble(owned_by=owner, routes=routes) as double:
        await engine.load(served_by(double), ignore)
        assert await engine.count_tokens("tiny", "some words") == 5


async def test_tokens_are_estimated_where_the_server_does_not_count(engine: RemoteEngine) -> None:
    async with OpenAIDouble() as double:
        await engine.load(served_by(double), ignore)
        assert await engine.count_tokens("tiny", "0123456789") == 4


@pytest.mark.parametrize("owner", _KINDS)
async def test_every_kind_of_server_gets_a_schema_and_keeps_it(
    engine: RemoteEngine, owner: str
) -> None:
    async with OpenAIDouble(owned_by=owner, routes=_KINDS[owner]) as double:
        await engine.load(served_by(double), ignore)
        deltas = await complete(engine, ask(constraint=JsonSchema(_NUMBER)))
    assert text_of(deltas) == '{"n": 7}'
    assert double.completions[0]["response_format"]["json_schema"]["schema"] == _NUMBER


@pytest.mark.parametrize(
    ("owner", "refused", "field"),
    [
        ("llamacpp", ["json_schema"], "json_schema"),
        ("vllm", ["response_format"], "structured_outputs"),
        ("vllm", ["response_format", "structured_outputs"], "guided_json"),
        ("somebody", ["json_schema"], "response_format"),
    ],
)
async def test_a_refused_way_to_give_a_schema_is_followed_by_the_next_and_remembered(
    engine: RemoteEngine, owner: str, refused: list[str], field: str
) -> None:
    refuses = ["response_format"] if owner == "llamacpp" else refused
    async with OpenAIDouble(owned_by=owner, routes=_KINDS[owner], refuses=refuses) as double:
        await engine.load(served_by(double), ignore)
        for _ in range(2):
            deltas = await complete(engine, ask(constraint=JsonSchema(_NUMBER)))
    assert text_of(deltas) == '{"n": 7}'
    assert field in double.completions[-1]
    assert len(double.completions) == len(refuses) + 2


async def test_a_server_that_takes_no_schema_is_told_it_in_words(engine: RemoteEngine) -> None:
    def in_words(body: Any) -> Reply:
        told = '"integer"' in body["messages"][-1]["content"]
        return Reply(('{"n": 7}',) if told else ("no",))

    async with OpenAIDouble(refuses=["response_format"], script=in_words) as double:
        await engine.load(served_by(double), ignore)
        deltas = await complete(engine, ask(constraint=JsonSchema(_NUMBER)))
    assert text_of(deltas) == '{"n": 7}'


async def test_output_outside_the_schema_is_asked_for_once_more(engine: RemoteEngine) -> None:
    replies = [Reply(('{"n": "seven"}',)), Reply(('{"n": 7}',))]
    async with OpenAIDouble(replies=replies) as double:
        await engine.load(served_by(double), ignore)
        deltas = await complete(engine, ask(constraint=JsonSchema(_NUMBER)))
    assert text_of(deltas) == '{"n": 7}'
    assert "$.n" in double.completions[1]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("constraint", "wrong"),
    [
        (JsonSchema(_NUMBER), '{"n": 7, "m": 1}'),
        (JsonSchema(_NUMBER), "Sure! Here it is:"),
        (Choice(("yes", "no")), '"maybe"'),
        (Regex("[0-9]{2}"), '"123"'),
    ],
)
async def test_output_that_is_wrong_twice_is_refused(
    engine: RemoteEngine, constraint: Any, wrong: str
) -> None:
    async with OpenAIDouble(script=lambda _body: Reply((wrong,))) as double:
        await engine.load(served_by(double), ignore)
        with pytest.raises(ModelError, match="output format"):
            await complete(engine, ask(constraint=constraint))
    assert len(double.completions) == 2


@pytest.mark.parametrize(
    ("constraint", "raw", "expected"),
    [
        (Choice(("yes", "no")), '"no"', "no"),
        (Choice(("yes", "no")), "no", "no"),
        (Regex("[0-9]{2}"), '"12"', "12"),
        (Regex("[0-9]{2}"), "12", "12"),
    ],
)
async def test_a_choice_or_a_pattern_comes_back_bare(
    engine: RemoteEngine, constraint: Any, raw: str, expected: str
) -> None:
    async with OpenAIDouble(replies=[Reply((raw,))]) as double:
        await engine.load(served_by(double), ignore)
        assert text_of(await complete(engine, ask(constraint=constraint))) == expected


async def test_thoughts_come_apart_whether_named_or_tagged(engine: RemoteEngine) -> None:
    replies = [
        Reply(("yes",), thoughts=("hm, ",)),
        Reply(
            (
                "<thi",
                "nk>hm, </think>yes",
            )
        ),
    ]
    async with OpenAIDouble(replies=replies) as double:
        await engine.load(served_by(double, reasoning_tags=("<think>", "</think>")), ignore)
        for _ in range(2):
            deltas = await complete(engine)
            assert (text_of(deltas, "reasoning"), text_of(deltas)) == ("hm, ", "yes")


async def test_a_prefill_that_is_said_again_is_no_output(engine: RemoteEngine) -> None:
    async with OpenAIDouble(replies=[Reply(("-", " one"))]) as double:
        await engine.load(served_by(double), ignore)
        assert text_of(await complete(engine, ask(prefill="- "))) == "one"


async def test_a_server_that_continues_answers_gets_the_prefill(engine: RemoteEngine) -> None:
    async with OpenAIDouble(owned_by="vllm", replies=[Reply(("one",))]) as double:
        await engine.load(served_by(double), ignore)
        assert text_of(await complete(engine, ask(prefill="- "))) == "one"
    assert double.completions[0]["messages"][-1] == {"role": "assistant", "content": "- "}
    assert double.completions[0]["continue_final_message"] is True


_BAD_STREAMS = {
    "a page": (
        Reply(raw=b"<html>proxy</html>", headers={"Content-Type": "text/html"}),
        "text/html",
    ),
    "json": (Reply(raw=b"{}", headers={"Content-Type": "application/json"}), "application/json"),
    "a page as an error": (Reply(raw=b"<html>", status=500, headers=_STREAM), "answered 500$"),
    "not json": (Reply(raw=b"data: {oops\n\n"), "not JSON"),
    "a wrong shape": (Reply(raw=b'data: {"choices": 3}\n\n'), "choices is wrong"),
    "not utf-8": (Reply(raw=b"data: \xff\xfe\n\n"), "UTF-8"),
    "nothing": (Reply(raw=b""), "before the end"),
    "cut off": (Reply(("a", "b"), fail_before_piece=1), "before the end"),
    "a huge line": (Reply(raw=b"data: " + b"x" * (3 << 20)), "above 1 MiB"),
    "a fault inside": (Reply(raw=b'data: {"error": {"message": "no memory"}}\n'), "no memory"),
    "a redirect": (Reply(raw=b"", status=302, headers={"Location": "http://x.example"}), "redir"),
    "compressed": (Reply(raw=b"x", headers={**_STREAM, "Content-Encoding": "gzip"}), "compress"),
}


@pytest.mark.parametrize("fault", _BAD_STREAMS)
async def test_a_faulty_answer_is_an_error_with_the_server_named(
    engine: RemoteEngine, fault: str
) -> None:
    reply, said = _BAD_STREAMS[fault]
    async with OpenAIDouble(replies=[reply]) as double:
        await engine.load(served_by(double), ignore)
        with pytest.raises(ModelError, match=said) as caught:
            await complete(engine)
    assert double.url in caught.value.message
    assert caught.value.fix


async def test_a_text_that_is_too_long_is_an_input_error(engine: RemoteEngine) -> None:
    raw = b'{"error": {"message": "This model\'s maximum context length is 2048 tokens"}}'
    async with OpenAIDouble(replies=[Reply(raw=raw, status=400)]) as double:
        await engine.load(served_by(double), ignore)
        with pytest.raises(InputTooLong):
            await complete(engine)


@pytest.mark.parametrize("constraint", [None, Regex("[a-z ]+")], ids=["free", "constrained"])
async def test_an_answer_ends_at_its_deadline_with_what_was_written(
    engine: RemoteEngine, constraint: Regex | None
) -> None:
    never = asyncio.Event()
    async with OpenAIDouble(replies=[Reply(["so far", " more"], until=never)]) as double:
        await engine.load(served_by(double), ignore)
        deltas = await complete(engine, ask(deadline_s=0.3, constraint=constraint))
        never.set()
    assert deltas[-1].finish_reason == "deadline"
    assert deltas[-1].usage is not None
    if constraint is None:
        assert text_of(deltas) == "so far"


async def test_a_deadline_that_is_kept_changes_nothing(engine: RemoteEngine) -> None:
    async with OpenAIDouble() as double:
        await engine.load(served_by(double), ignore)
        deltas = await complete(engine, ask(deadline_s=30.0))
    assert deltas[-1].finish_reason == "stop"
