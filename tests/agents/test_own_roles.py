"""Members that a user adds in models.toml alone, and roles that are asked for by name."""

import json
from pathlib import Path

import pytest

from tests.agents.conftest import CREW, Ask
from toollama.agents.messages import PlannedTask, Request, RouteDecision, RouteKind, TaskGraph
from toollama.agents.roles import Staff, layers, pack
from toollama.errors import ExitCode
from toollama.models.catalog import load_catalog
from toollama.models.spec import RoleSpec
from toollama.tools.registry import Registry

LEGAL = RoleSpec(
    name="belter.legal",
    instructions="You read contracts.",
    summary="Reads contracts and finds notice periods.",
    utterances=("when can I cancel this contract", "what is the notice period in the contract"),
    pack=("read_file",),
)
SUMS = RoleSpec(
    name="drummer.sums",
    instructions="You call the calculator.",
    summary="Adds up invoices.",
    utterances=("add up the invoices 12 and 30", "sum of my invoices"),
    pack=("calculator",),
)
REGISTRY = Registry.builtin()
STAFF = Staff({role.name: role for role in (LEGAL, SUMS)}, REGISTRY)
OWN = """
[roles."belter.legal"]
instructions = "You read contracts."
summary = "Reads contracts and finds notice periods."
utterances = ["when can I cancel this contract", "what is the notice period in the contract"]
pack = ["read_file"]
model = "other"
done = ["figures"]
[roles."drummer.sums"]
instructions = "You call the calculator."
summary = "Adds up invoices."
utterances = ["add up the invoices 12 and 30", "sum of my invoices"]
pack = ["calculator"]
"""


@pytest.fixture
def own_roles(tmp_path: Path, ask: Ask) -> Ask:
    """Serve requests with a Belter and a Drummer of the user's own."""
    (tmp_path / "models.toml").write_text(CREW + OWN)
    return ask


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "contract.txt"
    path.write_text("This contract may be cancelled with a notice period of 90 days.\n")
    return path


def test_an_own_belter_takes_what_its_requests_are_like() -> None:
    assert STAFF.belter_for("what is the notice period in the contract?") == "belter.legal"


def test_an_own_belter_leaves_alone_what_a_tool_is_more_like() -> None:
    assert STAFF.belter_for("What is 15% of 240?") == ""


def test_an_own_drummer_calls_the_tools_of_its_pack_for_its_requests_only() -> None:
    assert STAFF.drummer_for("calculator", "add up the invoices 12 and 30") == "drummer.sums"
    assert STAFF.drummer_for("calculator", "What is 15% of 240?") == "drummer.analysis"
    assert STAFF.drummer_for("weather", "add up the invoices 12 and 30") == "drummer.api"


def test_a_task_of_an_own_belter_keeps_to_its_pack() -> None:
    ask = "what is the notice period in the contract"
    task = PlannedTask(belter="knowledge", ask=ask, tools=("dictionary", "read_file"))
    [staffed] = STAFF.staffed(TaskGraph(goal="", tasks=(task,))).tasks
    assert (staffed.belter, staffed.tools) == ("legal", ("read_file",))


def test_a_role_asked_for_takes_everything() -> None:
    staff = Staff({}, REGISTRY, asked_for="drummer.search")
    assert staff.drummer_for("calculator", "2 + 2") == "drummer.search"


def test_a_pack_that_is_empty_is_every_tool_that_names_the_role() -> None:
    role = RoleSpec(name="belter.property", instructions="x")
    assert {"mortgage", "cap_rate"} <= set(pack(role, REGISTRY))


def test_roles_are_listed_from_camina_down() -> None:
    names = ["observer", "drummer.api", "belter.b", "belter.a", "camina"]
    assert layers(names) == ["camina", "belter.a", "belter.b", "drummer.api", "observer"]


def test_an_own_roles_model_yields_to_the_profile_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    named = '[profiles.named]\nsummary = "x"\nroles = { all = "weak", "belter.legal" = "small" }\n'
    path.write_text(CREW + OWN + named)
    catalog = load_catalog(path)
    assert catalog.crew("weak", {})["belter.legal"].id == "other"
    assert catalog.crew("named", {})["belter.legal"].id == "small"
    assert catalog.crew("weak", {"belter": "weak"})["belter.legal"].id == "weak"


def test_a_tool_that_does_not_exist_is_refused_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    path.write_text(CREW + OWN.replace('"calculator"', '"calculater"'))
    with pytest.raises(Exception, match=r"roles\.drummer\.sums\.pack: unknown tool") as caught:
        load_catalog(path, tools=Registry.names())
    assert "calculator" in getattr(caught.value, "fix", "")


async def test_an_own_belter_words_its_answer_by_its_own_prompt_and_model(
    own_roles: Ask, contract: Path
) -> None:
    outcome = await own_roles(
        "what is the notice period in the contract?",
        "The notice period is 90 days.",
        files=[contract],
    )
    assert outcome.text == "The notice period is 90 days."
    [request] = outcome.engine.requests
    assert request.model == "other"
    assert request.messages[0].content == "You read contracts."


async def test_findings_short_of_the_definition_of_done_make_the_answer_partial(
    own_roles: Ask, tmp_path: Path
) -> None:
    path = tmp_path / "contract.txt"
    path.write_text("This contract has no end.\n")
    outcome = await own_roles(
        "what is the notice period in the contract?", "This contract has no end.", stdin="It ends."
    )
    assert outcome.answer is not None
    assert outcome.answer.status == "partial"
    assert "no figure was found" in outcome.answer.limits[0]


async def test_an_own_belter_without_a_text_says_that_its_words_are_unchecked(
    own_roles: Ask,
) -> None:
    outcome = await own_roles("when can I cancel this contract?", "Ask the other side.")
    assert outcome.text == "Ask the other side."
    assert outcome.data("gate.decided")[0]["verdict"] == "unchecked"


async def test_a_drummer_runs_by_itself(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?", role="drummer.analysis")
    assert outcome.text == "15% of 240 = 36"
    assert outcome.engine.requests == []


async def test_a_role_is_offered_the_tools_of_its_pack_only(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?", role="drummer.search")
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.exit_code) == ("role.no_tool", ExitCode.FAILED)


async def test_a_belter_asked_for_takes_the_task(ask: Ask) -> None:
    outcome = await ask("What is 15% of 240?", role="belter.knowledge")
    assert outcome.data("task.started")[0]["belter"] == "knowledge"


async def test_the_observer_by_itself_gives_its_own_words(ask: Ask) -> None:
    outcome = await ask("What went wrong?", "Nothing did.", role="observer")
    assert outcome.text == "Nothing did."
    assert outcome.engine.requests[0].messages[0].content.startswith("You watch a run")


async def test_a_role_that_does_not_exist_is_refused(ask: Ask) -> None:
    outcome = await ask("hi", role="belter.reserch")
    assert outcome.error is not None
    assert outcome.error.exit_code == ExitCode.USAGE
    assert "belter.research" in outcome.error.fix


async def test_basic_depth_keeps_two_tasks_and_asks_no_model_for_words(ask: Ask) -> None:
    text = "What is 15% of 240? How many miles is 42 km? What weekday was 20 July 1969?"
    outcome = await ask(text, crew="weak", depth="basic")
    assert outcome.answer is not None
    assert outcome.text.splitlines() == ["15% of 240 = 36", "42 km = 26.1 mi"]
    assert "left out at --depth basic" in outcome.answer.limits[0]
    assert outcome.engine.requests == []


async def test_a_plan_of_a_model_keeps_to_the_depth(ask: Ask) -> None:
    task = {"tool": "calculator", "ask": "What is 15% of 240?", "needs": 0}
    outcome = await ask(
        "What is 15% of 240? How much is 42 km when converted? What weekday was 20 July 1969?",
        json.dumps({"tasks": [task]}),
        depth="basic",
    )
    constraint = outcome.engine.requests[0].constraint
    assert getattr(constraint, "schema", {})["properties"]["tasks"]["maxItems"] == 2


def test_a_plan_that_the_user_gave_stays_in_the_hands_it_names() -> None:
    task = PlannedTask(belter="document", ask="what is the notice period in the contract")
    given = TaskGraph(goal="x", tasks=(task,))
    request = Request(text=task.ask, plan=given)
    way = RouteDecision(kind=RouteKind.PLAN, clauses=())
    assert Staff({LEGAL.name: LEGAL}, REGISTRY).taken(way, given, request) == (way, given)


def test_what_no_tool_can_do_goes_to_a_role_that_takes_it() -> None:
    way = RouteDecision(kind=RouteKind.REFUSE, clauses=())
    request = Request(text="when can I cancel this contract")
    taken, graph = Staff({LEGAL.name: LEGAL}, REGISTRY).taken(
        way, TaskGraph(goal="x", tasks=()), request
    )
    assert taken.kind is RouteKind.SINGLE_BELTER
    assert [task.belter for task in graph.tasks] == ["legal"]
