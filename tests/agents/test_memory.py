"""What a conversation keeps, and what it drops first."""

from hypothesis import given
from hypothesis import strategies as st

from toollama.agents import memory
from toollama.agents.messages import Memory, SourceLine, Turn

PINNED = "Always answer in metric"


def turns(count: int) -> tuple[Turn, ...]:
    return tuple(
        Turn(
            run_id=f"r{number}",
            said=f"question {number}",
            meant=f"question {number}",
            answer=f"answer {number}",
            values={"city": f"City{number}"},
            sources=(SourceLine(id=f"E{number}", title=f"title {number}", locator="x"),),
        )
        for number in range(1, count + 1)
    )


async def words(text: str) -> int:
    return len(text.split())


async def compacted(count: int, room_tokens: int) -> str:
    known = Memory(pinned=(PINNED,), turns=turns(count))
    return await memory.compact(known, room_tokens=room_tokens, count=words)


async def test_the_last_two_turns_are_verbatim_and_older_ones_a_line() -> None:
    text = await compacted(3, 1000)
    assert text.endswith(
        "Earlier: question 1 → answer 1\n"
        "User: question 2\nAnswer: answer 2\nUser: question 3\nAnswer: answer 3"
    )


async def test_the_oldest_go_first_and_the_constraint_never() -> None:
    assert await compacted(3, 0) == f"The user asked: {PINNED}"
    text = await compacted(5, 18)
    assert "question 5" in text
    assert "question 3" not in text


@given(count=st.integers(0, 12), room_tokens=st.integers(6, 120))
async def test_a_memory_never_takes_more_than_its_room(count: int, room_tokens: int) -> None:
    assert await words(await compacted(count, room_tokens)) <= max(room_tokens, 7)


async def test_the_entity_table_holds_what_was_last_spoken_of() -> None:
    assert memory.entities(Memory(turns=turns(2))) == {"city": "City2"}


def test_evidence_numbers_go_on_after_those_of_earlier_turns() -> None:
    assert memory.next_evidence_no(Memory(turns=turns(4))) == 5
    assert memory.next_evidence_no(Memory()) == 1


def test_lasting_wishes_are_pinned_and_questions_are_not() -> None:
    assert memory.constraints("Always answer in German. What is 2 + 2?") == (
        "Always answer in German",
    )
    assert memory.constraints("answer in metric") == ("answer in metric",)
    assert memory.constraints("Answer in one word: what is the capital of France?") == ()
    assert memory.constraints("What does the report answer?") == ()


def test_a_wish_said_twice_is_pinned_once() -> None:
    said = Turn(run_id="r1", said=PINNED, meant=PINNED, answer="")
    assert memory.remember([said], f"{PINNED}. What is 2 + 2?").pinned == (PINNED,)
