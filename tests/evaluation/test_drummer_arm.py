from toollama.clock import SystemClock
from toollama.evaluation.drummer_arm import DrummerArm
from toollama.evaluation.tasks import Task, Turn
from toollama.evaluation.trial import outcome, score
from toollama.models.engine import GenerationRequest, JsonSchema
from toollama.models.scripted import Reply, ScriptedEngine
from toollama.models.spec import ModelSpec

ORDER = {
    "name": "order",
    "description": "Order food.",
    "parameters": {
        "type": "dict",
        "required": ["food", "count"],
        "properties": {
            "food": {"type": "string", "description": "The name of the dish."},
            "count": {"type": "integer", "description": "How many."},
        },
    },
}
OTHER = {"name": "taxi", "description": "Call a taxi.", "parameters": {"type": "dict"}}


def arm(*replies: Reply, tier: str = "T1") -> tuple[DrummerArm, ScriptedEngine]:
    engine = ScriptedEngine(replies)
    spec = ModelSpec(id="m", file="m.gguf")
    drummer = DrummerArm(engine, spec, "T0" if tier == "T0" else "T1", clock=SystemClock())
    return drummer, engine


def task(request: str) -> Task:
    answer = {"order": {"food": ["soup"], "count": [2]}}
    return Task("one", (Turn("user", request),), (OTHER, ORDER), (answer,))


async def test_words_that_say_everything_need_no_model() -> None:
    drummer, engine = arm()
    done = await outcome(drummer, task("order 2 times the food 'soup'"), SystemClock())
    assert (done.right, done.valid, engine.requests) == (True, True, [])


async def test_the_model_settles_what_the_words_leave_open() -> None:
    drummer, engine = arm('{"tool": "order", "arguments": {"food": "soup", "count": 2}}')
    done = await outcome(drummer, task("order 2 of that warm stuff, soup"), SystemClock())
    assert (done.right, len(engine.requests), drummer.swaps) == (True, 1, 0)


async def test_what_the_words_settle_stands_over_what_the_model_wrote() -> None:
    drummer, _ = arm('{"tool": "order", "arguments": {"food": "soup", "count": 7}}')
    done = await outcome(drummer, task("order 2 of that warm stuff, soup"), SystemClock())
    assert done.calls[0].arguments == {"food": "soup", "count": 2}


async def test_a_weak_model_may_only_copy() -> None:
    seen: list[GenerationRequest] = []

    def reply(request: GenerationRequest) -> str:
        seen.append(request)
        return '{"tool": "order", "arguments": {"food": "soup", "count": 2}}'

    drummer, _ = arm(reply, tier="T0")
    await outcome(drummer, task("order 2 soup"), SystemClock())
    constraint = seen[0].constraint
    assert isinstance(constraint, JsonSchema)
    food = constraint.schema["properties"]["arguments"]["properties"]["food"]
    assert "pattern" in food or "enum" in food


async def test_output_that_is_cut_is_no_call_that_breaks_its_schema() -> None:
    drummer, _ = arm('{"tool": "order", "argu')
    done = await outcome(drummer, task("order 2 of that warm stuff, soup"), SystemClock())
    assert (done.calls, done.fault) == ((), "order needs food, which could not be had")


async def test_a_score_adds_up_what_the_outcomes_tell() -> None:
    drummer, _ = arm('{"tool": "order", "arguments": {"food": "tea", "count": 2}}')
    right = await outcome(drummer, task("order 2 times the food 'soup'"), SystemClock())
    wrong = await outcome(drummer, task("order 2 of that warm stuff, tea"), SystemClock())
    one = score("toollama", [right, wrong])
    assert (one.items, one.right.value, one.valid_share) == (2, 0.5, 1.0)
