"""Every networked tool against a provider that takes only what its contract allows.

The tools come from the registry: one without cases fails here by name. Nothing here shows that the
real service still keeps its contract; `toollama tools test --live` does.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.provider import scripts
from tests.provider.calls import Called, call
from tests.provider.cases import Case, cases_of, seam_of
from tests.provider.mutations import broken_requests
from tests.provider.server import Script
from toollama.policy import CHANGES
from toollama.tools.base import NoCredentials, ToolFailure
from toollama.tools.discovery import Entry, discover
from toollama.tools.discovery.entry import SHIPPED
from toollama.tools.registry import Registry

NETWORKED = [entry for entry in discover().entries if entry.egress and entry.origin in SHIPPED]
CASES = {entry.name: cases_of(entry) for entry in NETWORKED}
SUCCESSES = [case for cases in CASES.values() for case in cases]
FIRST = [cases[0] for cases in CASES.values() if cases]
REGISTRY = Registry.builtin()
KEYED = [case for case in FIRST if REGISTRY.get(case.tool).spec.credentials]
IMPATIENCE_S = 0.03
OUR_FAULTS = {"internal", "invalid_input"}

each_case = pytest.mark.parametrize("case", SUCCESSES, ids=lambda case: case.tool)
each_tool = pytest.mark.parametrize("case", FIRST, ids=lambda case: case.tool)


async def called(case: Case, output_dir: Path, script: Script, deadline_s: float = 10.0) -> Called:
    return await call(
        REGISTRY.get(case.tool), case, output_dir, script=script, deadline_s=deadline_s
    )


async def failed(case: Case, output_dir: Path, script: Script, deadline_s: float = 10.0) -> str:
    """Return the kind of a failure that must come."""
    outcome = (await called(case, output_dir, script, deadline_s)).outcome
    assert isinstance(outcome, ToolFailure), outcome
    assert outcome.fix
    assert "canary-" not in f"{outcome.message} {outcome.fix} {outcome!r}"
    return outcome.kind


@pytest.mark.parametrize("entry", NETWORKED, ids=lambda entry: entry.name)
def test_every_networked_tool_has_a_written_contract(entry: Entry) -> None:
    seam = seam_of(entry)
    assert CASES[entry.name] or (seam and seam.exists()), (
        f"write tests/tools/fixtures/{entry.name}.yaml"
    )


@each_case
async def test_the_documented_reply_becomes_sourced_statements(case: Case, tmp_path: Path) -> None:
    done = await call(REGISTRY.get(case.tool), case, tmp_path)
    result = done.result
    assert done.provider.refused == []
    assert done.provider.unasked == []
    assert result.statements
    assert all(statement and len(statement) <= 240 for statement in result.statements)
    assert result.sources
    said = "\n".join([*result.statements, result.text])
    assert [text for text in case.statements if text not in said] == []
    assert "canary-" not in repr(result)


@each_tool
async def test_a_refused_key_is_told_as_such(case: Case, tmp_path: Path) -> None:
    outcome = (await called(case, tmp_path, scripts.unauthorised)).outcome
    assert isinstance(outcome, ToolFailure)
    assert outcome.kind in {"missing_credential", "blocked"}
    assert "canary-" not in f"{outcome.message} {outcome!r}"
    if needed := REGISTRY.get(case.tool).spec.credentials:
        assert outcome.fix == f"toollama keys set {needed[0]}"


@pytest.mark.parametrize("case", KEYED, ids=lambda case: case.tool)
async def test_a_missing_key_is_told_before_any_request(case: Case, tmp_path: Path) -> None:
    tool = REGISTRY.get(case.tool)
    done = await call(tool, case, tmp_path, credentials=NoCredentials())
    assert isinstance(done.outcome, ToolFailure)
    assert done.outcome.kind == "missing_credential"
    assert done.outcome.fix == f"toollama keys set {tool.spec.credentials[0]}"
    assert done.provider.received == []


@each_tool
async def test_an_unknown_argument_is_refused_before_any_request(
    case: Case, tmp_path: Path
) -> None:
    wrong = replace(case, arguments={**case.arguments, "no_such_argument": 1})
    done = await call(REGISTRY.get(case.tool), wrong, tmp_path)
    assert isinstance(done.outcome, ToolFailure)
    assert (done.outcome.kind, done.provider.received) == ("invalid_input", [])


@each_tool
async def test_a_spent_quota_says_when_to_come_back(case: Case, tmp_path: Path) -> None:
    outcome = (await called(case, tmp_path, scripts.too_many)).outcome
    assert isinstance(outcome, ToolFailure)
    assert (outcome.kind, outcome.retry_after_s) == ("rate_limited", scripts.RETRY_AFTER_S)


@each_tool
async def test_a_broken_service_is_unavailable(case: Case, tmp_path: Path) -> None:
    assert await failed(case, tmp_path, scripts.broken) == "unavailable"


@each_tool
async def test_a_service_that_hangs_is_given_up(case: Case, tmp_path: Path) -> None:
    assert await failed(case, tmp_path, scripts.hanging, IMPATIENCE_S) == "unavailable"


@each_tool
async def test_garbage_is_never_passed_on_as_an_answer(case: Case, tmp_path: Path) -> None:
    assert _is_honest((await called(case, tmp_path, scripts.garbage)).outcome)


@each_tool
async def test_an_empty_body_is_never_passed_on_as_an_answer(case: Case, tmp_path: Path) -> None:
    outcome = (await called(case, tmp_path, scripts.hollow)).outcome
    changes = not CHANGES.isdisjoint(REGISTRY.get(case.tool).spec.effects)
    assert changes or _is_honest(outcome)
    assert not isinstance(outcome, ToolFailure) or outcome.kind not in OUR_FAULTS


@each_tool
async def test_a_request_broken_in_any_one_way_is_refused(case: Case, tmp_path: Path) -> None:
    provider = (await call(REGISTRY.get(case.tool), case, tmp_path)).provider
    accepted = [
        f"{request.method} {request.path} {how}"
        for request in provider.received
        if not isinstance(expectation := provider.judge(request), list)
        for how, broken in broken_requests(request, expectation)
        if not isinstance(provider.judge(broken), list)
    ]
    assert accepted == []


def _is_honest(outcome: object) -> bool:
    """Return whether an unusable reply became a typed failure, or a result that says nothing."""
    if isinstance(outcome, ToolFailure):
        return outcome.kind not in OUR_FAULTS
    return getattr(outcome, "status", "") == "empty"
