# `just` runs what CI runs, in the environment at hand.
default: lint types layers docs test

test:
    pytest

deep:
    pytest -m deep

browser:
    pytest -m browser

lint:
    ruff format --check .
    ruff check .

types:
    mypy

layers:
    lint-imports

docs:
    python -m cogapp --check docs/cli.md docs/tools.md docs/events.md docs/tui.md

# Write the generated parts of the documentation anew.
cog:
    python -m cogapp -r docs/cli.md docs/tools.md docs/events.md docs/tui.md

format:
    ruff format .
    ruff check --fix .

bench name="" *options:
    python -m bench {{name}} {{options}}
