"""What is taken out of a run before it is sent to strangers."""

from pathlib import Path

import pytest

from toollama.cli.redaction import Hidden, redacted, what_to_hide

NOBODY = Hidden((), "/", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("write to a.b+c@mail.example.org now", "write to [mail] now"),
        ("https://user:pass@example.org/x", "https://[login]@example.org/x"),
        ("sk-abcdefghijklmnopqrstuv", "[key]"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer [key]"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.sig", "[key]"),
        ("version 1.2.3 of 2026-11-22", "version 1.2.3 of 2026-11-22"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str, shown: str) -> None:
    assert redacted(text, NOBODY) == shown


def test_values_of_secret_variables_are_hidden_the_longest_first() -> None:
    hidden = what_to_hide(
        {"A_TOKEN": "abcdef", "B_KEY": "abcdefgh", "PATH": "/usr/bin", "C_SECRET": "x"},
        Path("/home/lena"),
    )
    assert hidden.secrets == ("abcdefgh", "abcdef")
    assert redacted("abcdefgh abcdef /usr/bin x", hidden) == "[key] [key] /usr/bin x"


def test_the_home_directory_and_its_owner_are_hidden() -> None:
    hidden = what_to_hide({}, Path("/home/lena"))
    assert redacted("/home/lena/a.txt of lena, not of /home/lenard", hidden) == (
        "~/a.txt of [user], not of /home/lenard"
    )
