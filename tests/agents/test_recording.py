"""`agents.recording`: what tools answered in a run, handed out to one that does it again."""

import pytest

from toollama.agents.journal import Journal, LoggedCall, call_key
from toollama.agents.messages import EvidenceRecord
from toollama.agents.recording import RESULT, Recording
from toollama.events.payloads import ToolCallFailed
from toollama.tools.base import ToolFailure, ToolResult

OSLO = {"city": "Oslo"}


def answered(statement: str, *, evidence: str = "") -> LoggedCall:
    kept = RESULT.dump_python(ToolResult(status="ok", statements=(statement,)), mode="json")
    logged = {"result": kept, "evidence": [evidence] if evidence else []}
    return LoggedCall("c1", "distance", call_key("distance", OSLO), OSLO, "1", result=logged)


def failed(code: str) -> LoggedCall:
    failure = ToolCallFailed(call_id="c1", tool="distance", code=code, message="no", fix="wait")
    return LoggedCall("c1", "distance", call_key("distance", OSLO), OSLO, "1", failure=failure)


def recorded(*calls: LoggedCall) -> Recording:
    return Recording.of("20261122-150000-aaaa", Journal(calls=list(calls)))


def next_statement(recording: Recording) -> str:
    answer = recording.next_answer("distance", OSLO)
    result = recording.result(answer) if answer else None
    return result.statements[0] if result else ""


def test_answers_come_in_their_order_and_the_last_stays() -> None:
    recording = recorded(answered("one"), answered("two"))
    assert [next_statement(recording) for _ in range(3)] == ["one", "two", "two"]


def test_a_call_that_was_never_made_has_no_answer() -> None:
    assert recorded(answered("one")).next_answer("distance", {"city": "Bergen"}) is None
    assert Recording().next_answer("distance", OSLO) is None


def test_a_tool_that_failed_fails_again_before_it_answers() -> None:
    recording = recorded(failed("unavailable"), answered("one"))
    with pytest.raises(ToolFailure) as raised:
        next_statement(recording)
    assert (raised.value.kind, raised.value.fix) == ("unavailable", "wait")
    assert next_statement(recording) == "one"


@pytest.mark.parametrize("code", ["denied", "interrupted"])
def test_what_the_tool_itself_did_not_answer_is_no_answer(code: str) -> None:
    assert recorded(failed(code)).next_answer("distance", OSLO) is None


def test_the_long_text_of_an_answer_is_that_of_its_evidence() -> None:
    text = EvidenceRecord(id="E1", title="t", locator="l", text="1,000 km by road", tool="distance")
    journal = Journal(calls=[answered("one", evidence="E1")], evidence={"E1": text})
    recording = Recording.of("20261122-150000-aaaa", journal)
    answer = recording.next_answer("distance", OSLO)
    assert answer is not None
    result = recording.result(answer)
    assert result is not None
    assert result.text == "1,000 km by road"


def test_a_reader_is_told_whose_answers_they_are_once_one_was_used() -> None:
    recording = recorded(answered("one"))
    assert recording.notes() == ()
    next_statement(recording)
    (note,) = recording.notes()
    assert note.endswith("their answers are those of 20261122-150000-aaaa")
