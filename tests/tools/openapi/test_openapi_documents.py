from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.openapi import yaml_text
from toollama.tools.openapi.document import read
from toollama.tools.openapi.faults import Notes, SpecRefused

PLAIN = 'openapi: 3.1.0\npaths: {/a: {get: {operationId: "on"}}}\n'


def refusal(data: bytes) -> str:
    with pytest.raises(SpecRefused) as caught:
        read(data, name="a.yaml", notes=Notes())
    return caught.value.message


def test_yaml_and_json_are_read_alike() -> None:
    from_yaml = read(PLAIN.encode(), name="a", notes=Notes())
    text = '{"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "on"}}}}'
    assert from_yaml == read(text.encode(), name="a", notes=Notes())


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert "paths" in read(PLAIN.encode("utf-8-sig"), name="a", notes=Notes())
    assert "paths" in read(PLAIN.encode("utf-16"), name="a", notes=Notes())


def test_a_manifest_before_the_description_is_passed_over() -> None:
    notes = Notes()
    text = '{\n  "schema_version": "v1",\n  "api": {"type": "openapi"}\n}\n\n' + PLAIN
    assert read(text.encode(), name="a", notes=notes)["openapi"] == "3.1.0"
    assert "2 documents in one file" in str(notes.all()[0])


def test_yaml_documents_are_split_at_their_marks() -> None:
    assert "paths" in read(f"kind: note\n---\n{PLAIN}".encode(), name="a", notes=Notes())


def test_words_and_dates_stay_texts() -> None:
    [document] = yaml_text.read_all("a: no\nb: on\nc: 2026-11-22\nd: 0123\ne: 12:30", name="a")
    assert document == {"a": "no", "b": "on", "c": "2026-11-22", "d": "0123", "e": "12:30"}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5", 1.5), ("-3", -3), ("1e3", 1000.0), ("true", True), ("~", None), ("", None)],
)
def test_scalars_are_those_of_the_core_schema(text: str, value: object) -> None:
    assert yaml_text.read_all(f"a: {text}", name="a") == [{"a": value}]


def test_a_fault_of_yaml_names_its_line() -> None:
    assert refusal(b"openapi: 3.1.0\npaths: [\n").startswith("a.yaml: line 3")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b"\xff\x00\xff", "text"),
        (b"just words", "no OpenAPI or Swagger description"),
        (b"[1, 2]", "no OpenAPI or Swagger description"),
        (b"a: !!python/object/apply:os.system [x]", "could not determine a constructor"),
        (b"{" * 100_000, "no JSON"),
        (b"a: " + b"[" * 100_000, "deeper than 150 levels"),
        (b"- " * 50_000, "deeper than 150 levels"),
        (b"paths: &a [*a]", "contains itself"),
        (b" " * 20_000_001, "larger than 20 MB"),
    ],
    ids=range(11),
)
def test_what_cannot_be_read_is_refused_with_its_reason(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_aliases_that_stand_for_millions_of_values_are_refused() -> None:
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    assert "aliases stand for over" in refusal("\n".join(["paths: {}", *lines]).encode())


def test_merge_keys_cannot_double_without_end() -> None:
    lines = ["a0: &a0 {x: 1, y: 2}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)]
    assert "too large" in refusal("\n".join(["paths: {}", *lines]).encode())


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "replace")


@given(st.binary(max_size=200) | st.text(max_size=200).map(_encoded))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(SpecRefused):
        assert isinstance(read(data, name="a", notes=Notes()), dict)
