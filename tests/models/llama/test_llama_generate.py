"""Free generation through the engine: what comes out, why it ends and what it cost."""

import asyncio
from pathlib import Path

import pytest

from tests.models.llama.harness import ask, complete, running, spec_of
from toollama.errors import InputTooLong, ModelError
from toollama.models.engine import Message, Regex, Sampling
from toollama.models.llama.engine import LlamaEngine

_WARM = Sampling(temperature=1.5, top_k=0, top_p=1.0, min_p=0.0, seed=1)


async def test_the_same_request_gives_the_same_text_on_a_fresh_engine(
    engine: LlamaEngine, tiny: Path
) -> None:
    first = await complete(engine, ask())
    async with running(spec_of(tiny)) as other:
        assert (await complete(other, ask())).text == first.text != ""


async def test_a_seed_decides_what_is_drawn(engine: LlamaEngine) -> None:
    same = [await complete(engine, ask(sampling=_WARM)) for _ in range(2)]
    other = await complete(engine, ask(sampling=Sampling(temperature=1.5, top_k=0, seed=2)))
    assert same[0].text == same[1].text != other.text


async def test_a_repeated_prompt_comes_from_the_cache_and_changes_nothing(
    engine: LlamaEngine,
) -> None:
    first, again = await complete(engine, ask()), await complete(engine, ask())
    assert first.usage.cached_tokens == 0
    assert again.usage.cached_tokens == again.usage.input_tokens - 1
    assert again.text == first.text


async def test_only_the_shared_beginning_of_two_prompts_comes_from_the_cache(
    engine: LlamaEngine, tiny: Path
) -> None:
    await complete(engine, ask("one two three"))
    reused = await complete(engine, ask("one two four"))
    async with running(spec_of(tiny)) as fresh:
        expected = await complete(fresh, ask("one two four"))
    assert 0 < reused.usage.cached_tokens < reused.usage.input_tokens
    assert reused.text == expected.text


async def test_the_token_limit_ends_the_output(engine: LlamaEngine) -> None:
    output = await complete(engine, ask(max_tokens=7, constraint=Regex("[x-z]{50}")))
    assert output.finish_reason == "length"
    assert output.usage.output_tokens == len(output.text) == 7


async def test_a_full_context_ends_the_output(tiny: Path) -> None:
    async with running(spec_of(tiny, context=256)) as engine:
        output = await complete(engine, ask(max_tokens=999, constraint=Regex("[x-z]{900}")))
    assert output.finish_reason == "length"
    assert output.usage.input_tokens + output.usage.output_tokens == 256


async def test_output_that_is_complete_when_the_context_is_full_counts_as_complete(
    tiny: Path,
) -> None:
    async with running(spec_of(tiny, context=256)) as engine:
        prompt = (await complete(engine, ask())).usage.input_tokens
        pattern = Regex(f"[x-z]{{{256 - prompt}}}")
        output = await complete(engine, ask(max_tokens=999, constraint=pattern))
    assert output.finish_reason == "stop"
    assert len(output.text) == 256 - prompt


async def test_a_stop_string_ends_the_output_and_is_not_part_of_it(engine: LlamaEngine) -> None:
    whole = (await complete(engine, ask())).text
    stop = whole[9:11]
    output = await complete(engine, ask(stop=(stop,)))
    assert output.finish_reason == "stop"
    assert output.text == whole[: whole.index(stop)]


async def test_the_usage_counts_what_was_read_and_written(engine: LlamaEngine) -> None:
    usage = (await complete(engine, ask(constraint=Regex("[x-z]{12}")))).usage
    assert usage.output_tokens == 12
    assert usage.input_tokens > len("hello")
    assert usage.time_to_first_token_s is not None
    assert usage.time_to_first_token_s > 0
    assert usage.tokens_per_second is not None
    assert usage.tokens_per_second > 0


async def test_thoughts_between_the_reasoning_tags_come_apart_from_the_answer(
    engine: LlamaEngine, tiny: Path
) -> None:
    whole = (await complete(engine, ask())).text
    opening, closing = whole[:2], whole[6:8]
    end = whole.index(closing, 2)
    spec = spec_of(tiny, name="thinker", reasoning_tags=(opening, closing))
    await engine.load(spec, lambda _payload: None)
    output = await complete(engine, ask(model="thinker"))
    assert output.reasoning.startswith(whole[2:end])
    assert opening not in output.reasoning
    assert closing not in output.reasoning


async def test_a_constraint_leaves_no_room_for_reasoning(tiny: Path) -> None:
    async with running(spec_of(tiny, reasoning_tags=("x", "y"))) as engine:
        output = await complete(engine, ask(constraint=Regex("xyx")))
    assert (output.text, output.reasoning) == ("xyx", "")


async def test_a_prompt_longer_than_the_context_is_refused(tiny: Path) -> None:
    async with running(spec_of(tiny, context=256)) as engine:
        with pytest.raises(InputTooLong, match="256 tokens"):
            await complete(engine, ask("x" * 300))
        assert (await complete(engine, ask())).text


async def test_a_model_that_is_not_resident_cannot_generate(engine: LlamaEngine) -> None:
    with pytest.raises(ModelError, match="other is not resident"):
        await complete(engine, ask(model="other"))


async def test_text_without_a_unicode_form_is_read_all_the_same(engine: LlamaEngine) -> None:
    """File names may carry bytes that are no UTF-8; Python holds them as lone surrogates."""
    assert (await complete(engine, ask("name \udc80", prefill="\udc80"))).text


async def test_the_answer_goes_on_from_the_prefill(engine: LlamaEngine) -> None:
    plain = await complete(engine, ask())
    prefilled = await complete(engine, ask(prefill="- "))
    assert prefilled.usage.input_tokens > plain.usage.input_tokens
    assert prefilled.text != plain.text


async def test_tokens_are_counted_without_generating(engine: LlamaEngine) -> None:
    assert await engine.count_tokens("tiny", "the") == 1
    assert await engine.count_tokens("tiny", "xyz") == 3
    assert await engine.count_tokens("tiny", "") == 0


async def test_requests_of_two_tasks_do_not_mix(engine: LlamaEngine) -> None:
    requests = [
        ask("one", constraint=Regex("[a-m]{30}")),
        ask("two", constraint=Regex("[n-z]{30}")),
    ]
    expected = [(await complete(engine, request)).text for request in requests]
    arrived: list[int] = []

    async def run(number: int) -> str:
        pieces = []
        async for delta in engine.generate(requests[number]):
            arrived.append(number)
            pieces.append(delta.text)
        return "".join(pieces)

    assert list(await asyncio.gather(run(0), run(1))) == expected
    assert arrived == sorted(arrived)


async def test_every_role_of_a_conversation_is_read(engine: LlamaEngine) -> None:
    turns = [Message("system", "s"), Message("user", "u"), Message("assistant", "a")]
    request = ask()
    longer = type(request)(
        model="tiny", messages=[*turns, *request.messages], purpose="test", max_tokens=4
    )
    counts = [(await complete(engine, each)).usage.input_tokens for each in (request, longer)]
    assert counts[1] > counts[0] + 2 * len("assistant")


async def test_every_token_drawn_is_scored_where_asked(engine: LlamaEngine) -> None:
    deltas = [delta async for delta in engine.generate(ask(max_tokens=5, logprobs=3))]
    scores = deltas[-1].scores
    assert len(scores) == 5
    assert all(len(score.alternatives) == 3 for score in scores)
    assert all(score.logprob <= score.alternatives[0][1] <= 0 for score in scores)


async def test_no_token_is_scored_unasked(engine: LlamaEngine) -> None:
    deltas = [delta async for delta in engine.generate(ask(max_tokens=5))]
    assert deltas[-1].scores == ()
