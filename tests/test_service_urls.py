import pytest

from toollama.base_urls import service_urls
from toollama.errors import ConfigError


def test_a_variable_names_the_users_own_server_of_a_service() -> None:
    assert service_urls({"SEARXNG_URL": "http://127.0.0.1:8080/", "OTHER": "x"}) == {
        "searxng.invalid": "http://127.0.0.1:8080"
    }


def test_a_value_that_is_no_url_is_refused_by_its_variable() -> None:
    with pytest.raises(ConfigError, match="LIBRETRANSLATE_URL"):
        service_urls({"LIBRETRANSLATE_URL": "localhost:5000"})
