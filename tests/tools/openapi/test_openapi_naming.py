import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama.tools.openapi.naming import provider_of, slug, tool_names

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["get", "post"]),
        st.text(max_size=30).map("/".__add__),
        st.sampled_from(["", "getPet", "get_pet", "获取", "x" * 90, "x" * 91])
        | st.text(max_size=90),
    ),
    max_size=12,
    unique_by=lambda one: one[:2],
)


@given(OPERATIONS)
def test_names_are_unique_short_and_plain(operations: list[tuple[str, str, str]]) -> None:
    names = tool_names("pets", operations)
    assert len(set(names)) == len(operations)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name) for name in names)


@given(OPERATIONS, st.randoms())
def test_a_name_does_not_depend_on_the_order(
    operations: list[tuple[str, str, str]], random: object
) -> None:
    in_order = dict(zip(operations, tool_names("pets", operations), strict=True))
    turned = operations[::-1]
    assert dict(zip(turned, tool_names("pets", turned), strict=True)) == in_order


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("getPetById", "get_pet_by_id"),
        ("listAPIs", "list_apis"),
        ("HTTPServer", "http_server"),
        ("Categories_get", "categories_get"),
        ("größe/menü", "groe_menu"),
    ],
)
def test_words_of_an_identifier_are_told_apart(text: str, words: str) -> None:
    assert slug(text) == words


def test_an_operation_is_named_by_its_provider_and_id() -> None:
    assert tool_names("pets", [("get", "/a", "listPets")]) == ["pets_list_pets"]
    assert tool_names("pets", [("get", "/a", "pets_list")]) == ["pets_list"]


def test_without_an_id_method_and_path_are_the_name() -> None:
    assert tool_names("pets", [("get", "/a/{id}", "")]) == ["pets_get_a_id"]


@pytest.mark.parametrize("operation_id", ["获取宠物", "получить"])
def test_an_id_in_other_letters_gives_way_to_the_path(operation_id: str) -> None:
    assert tool_names("pets", [("get", "/a", operation_id)]) == ["pets_get_a"]


def test_a_hash_tells_equal_ids_apart_inside_the_limit() -> None:
    names = tool_names("pets", [("get", f"/{n}", "list" * 30) for n in range(3)])
    assert all(len(name) == 64 and re.search(r"_[0-9a-f]{6}$", name) for name in names)


def test_a_provider_is_cut_between_words() -> None:
    assert provider_of("", "corporate_bullshit_generator") == "corporate_bullshit"
    assert provider_of("4chan API", "") == "api_4chan_api"
