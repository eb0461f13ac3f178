"""How Markdown is drawn on a terminal."""

import re

import pytest

from toollama.cli.drawing import draw
from toollama.cli.look import Look, decide
from toollama.cli.options import Render
from toollama.fold.blocks import Blocks

SGR = re.compile(r"\x1b\[[0-9;]*m")
PLAIN, COLOURED = Look(drawn=True, columns=40), Look(drawn=True, columns=40, colour=True)


def drawn(text: str, look: Look = PLAIN) -> str:
    blocks = Blocks()
    return "".join(draw(block, look) for block in [*blocks.feed(text), *blocks.finish()])


@pytest.mark.parametrize(
    ("markdown", "lines"),
    [
        ("# One\n\n## Two\n", ["# One", "", "## Two"]),
        ("**bold** and `code`\n", ["bold and code"]),
        ("- a\n- b\n", [" • a", " • b"]),
        ("3. c\n4. d\n", [" 3 c", " 4 d"]),
        ("```py\n  x = 1\n```\n", ["```py", "  x = 1", "```"]),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", [" a  b", " ────", " 1  2"]),
        ("[here](https://example.org)\n", ["here (https://example.org)"]),
        ("word " * 10 + "\n", ["word " * 7 + "word", "word word"]),
    ],
)
def test_markdown_is_drawn_as_lines(markdown: str, lines: list[str]) -> None:
    assert drawn(markdown).rstrip("\n").split("\n") == lines


def test_colour_changes_no_character() -> None:
    text = "# A\n\n- **b** `c`\n\n```py\nd = 1\n```\n\n| e | f |\n|---|---|\n| 1 | 2 |\n"
    coloured = drawn(text, COLOURED)
    assert "\x1b[" in coloured
    assert SGR.sub("", coloured) == drawn(text)


def test_a_link_is_never_one_that_acts_on_a_click() -> None:
    assert "\x1b]8" not in drawn("[x](https://example.org)\n", COLOURED)


@pytest.mark.parametrize(
    ("render", "terminal", "environ", "plain", "wanted"),
    [
        (Render.AUTO, True, {}, False, True),
        (Render.AUTO, False, {}, False, False),
        (Render.AUTO, True, {"TERM": "dumb"}, False, False),
        (Render.AUTO, True, {"ACCESSIBLE": "1"}, False, False),
        (Render.AUTO, True, {"ACCESSIBLE": "0"}, False, True),
        (Render.AUTO, True, {}, True, False),
        (Render.ALWAYS, False, {}, False, True),
        (Render.NEVER, True, {}, False, False),
    ],
)
def test_markdown_is_drawn_where_a_person_looks_at_it(
    render: Render, terminal: bool, environ: dict[str, str], plain: bool, wanted: bool
) -> None:
    look = decide(
        render,
        plain=plain,
        columns=None,
        environ=environ,
        terminal=terminal,
        terminal_columns=200,
        colour=True,
    )
    assert look.drawn is wanted
    assert look.columns == 100
