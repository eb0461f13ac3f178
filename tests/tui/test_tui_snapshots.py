"""Pictures of a recorded run: three sizes in two themes. Look at a diff before accepting it."""

from collections.abc import Callable
from typing import Any

import pytest
import stage
from textual.pilot import Pilot

SIZES = {"wide": (140, 40), "medium": (100, 30), "narrow": (60, 20)}
PLANNED_SEQ = 66


async def _drawn(pilot: Pilot[int]) -> None:
    await stage.wait_until(pilot, lambda: stage.main_of(pilot).view.ended)
    await pilot.pause()


async def _half(pilot: Pilot[int]) -> None:
    await stage.wait_until(pilot, lambda: bool(stage.main_of(pilot).view.trace))
    await pilot.pause()


@pytest.mark.parametrize("theme", ["textual-dark", "ansi-light"])
@pytest.mark.parametrize("size", SIZES)
def test_a_finished_run_looks_like_its_picture(
    snap_compare: Callable[..., Any], size: str, theme: str
) -> None:
    app = stage.replayed(theme=theme)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=_drawn)


def test_a_run_that_goes_on_looks_like_its_picture(snap_compare: Callable[..., Any]) -> None:
    app = stage.replayed(until_seq=PLANNED_SEQ)
    assert snap_compare(app, terminal_size=(140, 40), run_before=_half)


def test_ascii_looks_like_its_picture(snap_compare: Callable[..., Any]) -> None:
    app = stage.replayed(ascii_only=True)
    assert snap_compare(app, terminal_size=(100, 30), run_before=_drawn)
