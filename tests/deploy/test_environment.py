"""Settings: a wrong one is named, with what it may be, before anything starts."""

import pytest

from deploy import environment
from deploy.environment import WrongSetting

DATABASE = "postgresql://heyue:secret@db.example:5433/outsourcing"


def test_nothing_set_means_embedded_with_the_demo() -> None:
    read = environment.read({})
    assert (read.is_embedded, read.demo, read.port, read.host, read.workers) == (True, True, None, "127.0.0.1", 1)


def test_an_own_server_means_no_demo_unless_it_is_asked_for() -> None:
    assert environment.read({"DATABASE_URL": DATABASE}).demo is False
    assert environment.read({"DATABASE_URL": DATABASE, "HEYUE_DEMO": "1"}).demo is True


def test_an_empty_variable_counts_as_unset() -> None:
    assert environment.read({"DATABASE_URL": "", "PORT": " "}) == environment.read({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "８０８０"),
        ("HEYUE_DEMO", "yes"),
        ("HEYUE_WORKERS", "0"),
        ("HEYUE_WORKERS", "-1"),
        ("HEYUE_HOST", "example.com"),
        ("HEYUE_LOG_LEVEL", "loud"),
        ("HEYUE_SESSION_HOURS", "1.5"),
        ("HEYUE_POOL_SIZE", "1"),
        ("HEYUE_SECURE_COOKIES", "true"),
        ("DATABASE_URL", "mysql://db.example/outsourcing"),
        ("DATABASE_URL", "postgresql://db.example"),
        ("DATABASE_URL", "postgresql://db.example:port/outsourcing"),
        ("DATABASE_URL", "outsourcing"),
    ],
)
def test_a_wrong_value_is_named_with_what_it_may_be(name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        environment.read({name: value})
    text = str(refused.value)
    assert text.startswith(f"{name} is ")
    assert environment.MAY_BE[name] in text
    assert "\n" not in text


def test_a_wrong_address_is_shown_without_its_password() -> None:
    with pytest.raises(WrongSetting) as refused:
        environment.read({"DATABASE_URL": "mysql://heyue:s3cret@db.example/outsourcing"})
    assert "s3cret" not in str(refused.value)
    assert "heyue:***@db.example" in str(refused.value)


def test_a_mistyped_name_is_found() -> None:
    assert environment.unknown({"HEYUE_DEMOO": "1", "HEYUE_DEMO": "1", "HOME": "/root"}) == ["HEYUE_DEMOO"]
