"""What a dry run tells, what a run leaves that is not to be kept, and what a seed reaches."""

from collections.abc import AsyncGenerator
from pathlib import Path

from tests.agents.conftest import Ask
from toollama.agents.messages import Thread
from toollama.events.payloads import Usage
from toollama.models.engine import Delta, GenerationRequest
from toollama.models.scripted import ScriptedEngine

COMPOUND = "How many miles are 42 km and what is the highest revenue in sales.csv?"


async def test_a_dry_run_loads_no_model_and_calls_no_tool(ask: Ask, sales: Path) -> None:
    done = await ask(COMPOUND, files=[sales], crew="pair", dry_run=True)
    assert done.answer is not None
    assert not any(type_.startswith(("model.", "tool.", "inference.")) for type_ in done.types())
    data = done.answer.data
    assert data["scores"][0]["tools"]["unit_convert"] > 0
    [file] = data["files"]
    assert (file["name"], file["path"], file["untrusted"]) == ("sales.csv", str(sales), False)
    assert file["bytes"] == 113
    assert "unit_convert" in data["offered"]
    assert done.answer.exit_code == 0


async def test_a_dry_run_tells_each_model_with_its_roles_and_its_memory(ask: Ask) -> None:
    engine = ScriptedEngine(sizes={"small": 3, "other": 5}, budget_bytes=4)
    done = await ask("hello there", crew="pair", engine=engine, dry_run=True)
    assert done.answer is not None
    small, other = done.answer.data["crew"]
    assert ("camina" in small["roles"], small["fits"], small["cpu_bytes"]) == (True, True, 3)
    assert ("drummer.api" in other["roles"], other["fits"]) == (True, False)
    assert other["problem"] == "other does not fit"
    assert done.answer.data["budget_bytes"] == 4


async def test_a_dry_run_needs_no_file_of_a_model(ask: Ask) -> None:
    done = await ask("compare the weather in Oslo and Rome", crew="8gb", dry_run=True)
    assert done.answer is not None, done.error
    data = done.answer.data
    assert "its file is not here" in data["models"]["drummer.api"]
    assert not any(model["fits"] for model in data["crew"])
    assert {role for model in data["crew"] for role in model["roles"]} >= {"camina", "observer"}


async def test_a_dry_run_says_where_a_model_may_plan_otherwise(ask: Ask, sales: Path) -> None:
    vague = "compare the regions in sales.csv and tell me about chairs, and how many km are 3 miles"
    for crew, planner in (("small", "small may plan otherwise"), ("weak", "rules")):
        done = await ask(vague, files=[sales], crew=crew, dry_run=True)
        assert done.answer is not None
        assert done.answer.data["planner"] == planner


async def test_a_run_that_is_not_kept_leaves_nothing_in_the_log(ask: Ask) -> None:
    done = await ask("What is 15% of 240?", stdin="a text", keep=False)
    assert done.text
    assert done.store.runs() == []
    assert done.store.evidence(done.run_id) == []


async def test_nobody_goes_on_from_a_run_that_is_not_kept(ask: Ask) -> None:
    here = Thread(terminal="t", continues=True)
    await ask("What is 15% of 240?", thread=here.model_copy(update={"continues": False}))
    await ask("What is 20% of 50?", thread=here.model_copy(update={"continues": False}), keep=False)
    last = await ask("and of 300?", thread=here)
    assert last.data("followup.resolved")[0]["meant"] == "What is 15% of 300?"


async def test_a_seed_reaches_every_inference_and_the_log(ask: Ask) -> None:
    done = await ask("hello there, who are you", "I am a model.", direct=True, seed=7)
    assert [request.sampling.seed for request in done.engine.requests] == [7]
    assert done.data("run.started")[0]["options"]["seed"] == 7
    assert done.data("run.started")[0]["request"]["seed"] == 7
    assert done.data("inference.started")[0]["sampling"]["seed"] == 7


class _Thinker(ScriptedEngine):
    async def generate(self, request: GenerationRequest) -> AsyncGenerator[Delta, None]:
        yield Delta("hm\x1b", "reasoning")
        yield Delta("I am a model.")
        yield Delta("", finish_reason="stop", usage=Usage())


async def test_what_a_model_thinks_is_told_and_not_kept(ask: Ask) -> None:
    done = await ask("hello there, who are you", engine=_Thinker(), direct=True)
    assert [data["text"] for data in done.data("reasoning.delta")] == ["hm␛"]
    assert "hm" not in done.text
    logged = [event.type for event in done.store.events(done.run_id)]
    assert "reasoning.delta" not in logged
