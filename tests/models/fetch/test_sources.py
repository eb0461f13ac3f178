"""What people write to say where a model is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.errors import InputError
from toollama.models.fetch.sources import HubFile, WebFile, model_name, parse
from toollama.models.gguf.split import part_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hf:owner/repo/m.gguf", HubFile("owner/repo", "m.gguf")),
        ("hf:owner/repo/q4/m.gguf@v1.0", HubFile("owner/repo", "q4/m.gguf", "v1.0")),
        ("hf:owner/repo/m.gguf@refs/pr/1", HubFile("owner/repo", "m.gguf", "refs/pr/1")),
        (
            "https://huggingface.co/owner/repo/blob/main/m.gguf",
            HubFile("owner/repo", "m.gguf"),
        ),
        (
            "https://huggingface.co/owner/repo/resolve/v2/m.gguf?download=true",
            HubFile("owner/repo", "m.gguf", "v2"),
        ),
        (
            "https://example.org/a/m%20x.gguf#top",
            WebFile("https://example.org/a/m%20x.gguf", "m x.gguf"),
        ),
    ],
)
def test_a_source_is_read_as_written(text: str, expected: HubFile | WebFile) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "hf:owner/m.gguf",
        "hf:owner/repo/m.bin",
        "hf:owner/repo/../m.gguf",
        "hf:owner/repo/a/../../m.gguf",
        "hf:../repo/m.gguf",
        "ftp://example.org/m.gguf",
        "https:///m.gguf",
        "https://example.org/",
        "https://example.org/..%2f..%2fm.gguf",
        "https://example.org/.gguf",
        "https://[broken/m.gguf",
        "",
    ],
)
def test_what_is_no_source_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse(text)


@given(
    st.text() | st.text().map("hf:a/b/{}.gguf".format) | st.text().map("https://h/{}.gguf".format)
)
def test_any_text_is_a_source_with_a_plain_file_name_or_is_refused(text: str) -> None:
    try:
        source = parse(text)
    except InputError:
        return
    assert "/" not in source.name
    assert source.name.lower().endswith(".gguf")


def test_a_recorded_source_reads_back_as_itself() -> None:
    for text in ("hf:owner/repo/m.gguf@v1", "https://example.org/m.gguf"):
        assert parse(parse(text).record) == parse(text)


def test_credentials_and_query_are_neither_shown_nor_recorded() -> None:
    source = parse("https://me:hidden@example.org:8080/a/m.gguf?token=hidden")
    assert "hidden" not in f"{source} {source.record} {source.host}"


def test_a_split_url_keeps_its_query_in_every_part() -> None:
    parts = parse("https://h.org/a%20b/m-00002-of-00002.gguf?k=1").parts()
    assert [part.url for part in parts if isinstance(part, WebFile)] == [
        "https://h.org/a%20b/m-00001-of-00002.gguf?k=1",
        "https://h.org/a%20b/m-00002-of-00002.gguf?k=1",
    ]


@given(st.integers(1, 1000).flatmap(lambda n: st.tuples(st.integers(1, n), st.just(n))))
def test_any_part_names_all_parts(numbers: tuple[int, int]) -> None:
    number, count = numbers
    names = part_names(f"m-{number:05}-of-{count:05}.gguf")
    assert len(set(names)) == count
    assert names[number - 1] == f"m-{number:05}-of-{count:05}.gguf"


@pytest.mark.parametrize("part", ["00000-of-00003", "00004-of-00003", "00001-of-99999"])
def test_a_part_that_cannot_be_is_refused(part: str) -> None:
    with pytest.raises(InputError):
        part_names(f"m-{part}.gguf")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("m-Q4_K_M.gguf", "m-Q4_K_M"),
        ("m-00001-of-00003.gguf", "m"),
        ("m x.gguf", "m-x"),
        ("漢.gguf", "model"),
    ],
)
def test_a_model_is_named_after_its_file(file: str, name: str) -> None:
    assert model_name(file) == name
