"""Conversations over scripted models: what a later request may build on."""

from pathlib import Path

import pytest

from tests.agents.conftest import Ask
from toollama.agents.messages import Thread
from toollama.errors import ExitCode
from toollama.policy import Effect

HERE = Thread(terminal="here")
GO_ON = Thread(terminal="here", continues=True)


async def test_a_follow_up_is_answered_as_the_whole_request_that_it_means(ask: Ask) -> None:
    await ask("How many miles are 42 km?", thread=HERE)
    outcome = await ask("and 50 km?", thread=GO_ON)
    assert outcome.text == "50 km = 31.07 mi"
    assert outcome.data("followup.resolved") == [
        {"said": "and 50 km?", "meant": "How many miles are 50 km?"}
    ]


async def test_a_follow_up_of_a_follow_up_goes_on_from_what_that_one_meant(ask: Ask) -> None:
    await ask("How many miles are 42 km?", thread=HERE)
    await ask("and 50 km?", thread=GO_ON)
    assert (await ask("and in feet?", thread=GO_ON)).text == "50 km = 164042 ft"


async def test_without_c_nothing_is_gone_on_from(ask: Ask) -> None:
    await ask("How many miles are 42 km?", thread=HERE)
    outcome = await ask("and 50 GB?", crew="weak", thread=HERE)
    assert outcome.data("followup.resolved") == []
    assert outcome.error is not None


async def test_another_terminal_has_a_conversation_of_its_own(ask: Ask) -> None:
    await ask("How many miles are 42 km?", thread=HERE)
    outcome = await ask("and 50 km?", thread=Thread(terminal="there", continues=True))
    assert outcome.error is not None
    assert outcome.error.exit_code is ExitCode.USAGE


async def test_a_named_conversation_is_begun_and_gone_on_with_from_anywhere(ask: Ask) -> None:
    first = await ask("What is 15% of 240?", thread=Thread(terminal="here", name="sums"))
    second = await ask("and 20%?", thread=Thread(terminal="there", name="sums"))
    assert second.text == "20% of 240 = 48"
    listed = second.store.runs(session="sums")
    assert [row.run_id for row in listed] == [second.run_id, first.run_id]


async def test_a_fork_leaves_the_conversation_as_it_was(ask: Ask) -> None:
    await ask("What is 15% of 240?", thread=Thread(terminal="here", name="sums"))
    fork = await ask("and 20%?", thread=Thread(terminal="here", name="sums", fork=True))
    main = await ask("and of 300?", thread=Thread(terminal="here", name="sums"))
    assert (fork.text, main.text) == ("20% of 240 = 48", "15% of 300 = 45")
    assert fork.store.find_run(fork.run_id).session == fork.run_id


async def test_evidence_ids_stay_citable_through_a_conversation(ask: Ask, sales: Path) -> None:
    first = await ask("What is the total revenue in sales.csv?", crew="weak", thread=HERE)
    second = await ask("What is 15% of 240?", thread=GO_ON)
    ids = [event["evidence_id"] for o in (first, second) for event in o.data("evidence.added")]
    assert ids == ["E1", "E2"]


async def test_the_answer_before_can_be_saved(ask: Ask, tmp_path: Path) -> None:
    await ask("What is 15% of 240?", thread=HERE)
    await ask("save it as notes.md", thread=GO_ON)
    assert (tmp_path / "out" / "notes.md").read_text() == "15% of 240 = 36\n"


async def test_a_model_gets_the_last_turns_as_fenced_data(ask: Ask) -> None:
    await ask("What is 15% of 240?", thread=HERE)
    outcome = await ask("Why should anybody care?", "To tip.", thread=GO_ON)
    prompt = outcome.engine.requests[-1].messages[-1].content
    assert prompt.startswith("<conversation so far ")
    assert "User: What is 15% of 240?\nAnswer: 15% of 240 = 36\n" in prompt


async def test_a_pinned_wish_reaches_the_model_of_every_later_answer(ask: Ask) -> None:
    await ask("Always answer in German. What is 15% of 240?", thread=HERE)
    outcome = await ask("Why should anybody care?", "Niemand.", thread=GO_ON)
    assert (
        outcome.engine.requests[-1]
        .messages[0]
        .content.endswith("The user asked: Always answer in German")
    )


async def test_a_wish_that_no_model_was_told_of_is_owned_up_to(ask: Ask) -> None:
    outcome = await ask("Always answer in German. What is 15% of 240?", thread=HERE)
    assert outcome.answer is not None
    assert outcome.answer.limits == (
        "not applied, the tools' own words are given: Always answer in German",
    )


async def test_what_strangers_wrote_in_an_earlier_turn_still_taints_a_write(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from toollama.agents import memory

    await ask("What is 15% of 240?", thread=HERE)
    told = memory.turn
    monkeypatch.setattr(
        memory,
        "turn",
        lambda events: (turn := told(events)) and turn.model_copy(update={"untrusted": True}),
    )
    refused = await ask("save it as notes.md", thread=GO_ON)
    assert refused.error is not None
    assert refused.error.exit_code is ExitCode.APPROVAL
    granted = frozenset({Effect.WRITE_LOCAL})
    assert (await ask("save it as notes.md", thread=GO_ON, granted=granted)).answer is not None
