from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toollama import paths
from toollama.config import load_settings, parse_bytes
from toollama.errors import ConfigError, InputError


def config_file(directory: Path, text: str) -> Path:
    path = directory / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_file_and_environment_the_program_chooses(tmp_path: Path) -> None:
    settings = load_settings(tmp_path / "absent.toml", {})
    assert (settings.profile, settings.vram_bytes, settings.timezone) == ("", None, "")
    assert settings.output_dir == paths.output_dir()
    assert not settings.offline


def test_the_file_is_read(tmp_path: Path) -> None:
    path = config_file(
        tmp_path,
        'profile = "8gb"\nvram = "6.5GiB"\ntimezone = "Europe/Oslo"\ncontact = "me@example.org"\n'
        'offline = true\noutput_dir = "/out"\n[network.base_urls]\n"Api.Example.org" = "http://x/"\n',
    )
    settings = load_settings(path, {})
    assert (settings.profile, settings.vram_bytes) == ("8gb", 6979321856)
    assert (settings.timezone, settings.contact) == ("Europe/Oslo", "me@example.org")
    assert (settings.offline, settings.output_dir) == (True, Path("/out"))
    assert settings.network.base_urls == {"api.example.org": "http://x"}


@pytest.mark.parametrize(("said", "kv_disk_bytes"), [('"2GiB"', 2 << 30), ("0", 0), ('""', None)])
def test_the_disk_for_conversations_is_a_size(
    tmp_path: Path, said: str, kv_disk_bytes: int | None
) -> None:
    path = config_file(tmp_path, f"kv_disk = {said}\n")
    assert load_settings(path, {}).kv_disk_bytes == kv_disk_bytes
    assert load_settings(path, {"TOOLLAMA_KV_DISK": "1GiB"}).kv_disk_bytes == 1 << 30


def test_the_default_file_lies_in_the_config_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLLAMA_CONFIG_DIR", str(tmp_path))
    config_file(tmp_path, 'profile = "12gb"')
    assert load_settings(environ={}).profile == "12gb"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = config_file(
        tmp_path,
        'profile = "8gb"\nvram = "1GiB"\ncontact = "a@example.org"\noffline = false\n'
        '[network.base_urls]\n"a.org" = "http://file"\n"b.org" = "http://file"\n',
    )
    environ = {
        "TOOLLAMA_PROFILE": "24gb",
        "TOOLLAMA_VRAM": "2GiB",
        "TOOLLAMA_CONTACT": "b@example.org",
        "TOOLLAMA_OFFLINE": "1",
        "TOOLLAMA_OUTPUT_DIR": "/env",
        "TOOLLAMA_BASE_URLS": "a.org=http://env, c.org=https://env/x",
    }
    settings = load_settings(path, environ)
    assert (settings.profile, settings.vram_bytes) == ("24gb", 2 << 30)
    assert (settings.contact, settings.offline) == ("b@example.org", True)
    assert settings.output_dir == Path("/env")
    assert settings.network.base_urls == {
        "a.org": "http://env",
        "b.org": "http://file",
        "c.org": "https://env/x",
    }


def test_an_empty_variable_counts_as_unset(tmp_path: Path) -> None:
    path = config_file(tmp_path, 'profile = "8gb"\noffline = true\n')
    settings = load_settings(path, {"TOOLLAMA_PROFILE": "", "TOOLLAMA_OFFLINE": ""})
    assert (settings.profile, settings.offline) == ("8gb", True)


@pytest.mark.parametrize(
    ("text", "place", "fix"),
    [
        ('profle = "8gb"', "1 profle: unknown key", "did you mean `profile`?"),
        ("zzz = 1", "1 zzz: unknown key", "valid keys: contact, kv_disk"),
        ("\n[netwrk]", "2 netwrk: unknown key", "did you mean `network`?"),
        ("[network]\nbase_url = {}", "2 network.base_url: unknown key", "`base_urls`"),
        ("profile = 8", "1 profile: must be a valid string", "correct"),
        ('offline = "yes"', "1 offline: must be a valid boolean", "correct"),
        ("network = 3", "1 network: must be a table", "[table]"),
        ("[network]\nbase_urls = 3", "2 network.base_urls: must be a table", "[table]"),
        ('vram = "lots"', "1 vram: not a size in bytes: 'lots'", "correct"),
        ("vram = true", "1 vram: must be a valid string", "correct"),
        ('timezone = "Mars/Olympus"', "1 timezone: must be an IANA zone", "correct"),
        ('timezone = "../etc/passwd"', "1 timezone: must be an IANA zone", "correct"),
        ('contact = "a\\nb"', "1 contact: must be one line", "correct"),
        ('output_dir = "here"', "1 output_dir: must be an absolute path", "correct"),
        ('output_dir = "~nobody_here/x"', "1 output_dir: names a user", "correct"),
        (
            '[network.base_urls]\n"a.org" = "ftp://x"',
            "1 network.base_urls: the URL for a.org must start with http",
            "correct",
        ),
        ("a = [\n  'b = 1',\n]\n'quoted key' = 2", "1 a: unknown key", "valid keys"),
        ("timezone = '''\n'''\nprofle = 2", "3 profle: unknown key", "`profile`"),
    ],
)
def test_a_fault_names_its_line_its_key_and_a_fix(
    tmp_path: Path, text: str, place: str, fix: str
) -> None:
    path = config_file(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path, {})
    assert caught.value.message.startswith(f"{path}:{place}")
    assert fix in caught.value.fix


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TOOLLAMA_VRAM", "lots"),
        ("TOOLLAMA_OFFLINE", "perhaps"),
        ("TOOLLAMA_BASE_URLS", "a.org"),
        ("TOOLLAMA_BASE_URLS", "a.org=ftp://x"),
        ("TOOLLAMA_CONTACT", "a\r\nX-Evil: 1"),
        ("TOOLLAMA_OUTPUT_DIR", "relative"),
    ],
)
def test_a_fault_in_the_environment_names_the_variable(
    tmp_path: Path, variable: str, value: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "absent.toml", {variable: value})
    assert caught.value.message.startswith(f"{variable}: ")


def test_a_directory_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, {})


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="larger than 1 MiB"):
        load_settings(config_file(tmp_path, "#" * (1 << 20) + "\n"), {})


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (8589934592, 8589934592),
        ("0", 0),
        ("1024", 1024),
        ("512B", 512),
        ("8g", 8 << 30),
        ("8G", 8 << 30),
        ("8GiB", 8 << 30),
        ("6.5GiB", 6979321856),
        ("600MB", 600_000_000),
        (" 1.5 tb ", 1_500_000_000_000),
        ("0.1kb", 100),
    ],
)
def test_a_size_is_read_in_bytes(text: str | int, count: int) -> None:
    assert parse_bytes(text) == count


@pytest.mark.parametrize("text", ["", "GiB", "-1", "1e9", "8 gigs", "8PB", "1.GiB", "nan", True])
def test_what_is_no_size_is_refused(text: str | int) -> None:
    with pytest.raises(InputError, match="not a size in bytes"):
        parse_bytes(text)


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_refused(text: str) -> None:
    with suppress(InputError):
        assert parse_bytes(text) >= 0
