"""One address, three spellings."""

import pytest

from deploy.database_url import DatabaseUrl, NotADatabaseUrl


def test_an_address_survives_reading_and_writing() -> None:
    text = "postgresql://heyue:p%40ss%2Fw%20rd@db.example:5433/out%20sourcing?sslmode=require"
    url = DatabaseUrl.parse(text)
    assert (url.user, url.password, url.database) == ("heyue", "p@ss/w rd", "out sourcing")
    assert url.libpq() == text


def test_sqlalchemy_names_the_encryption_otherwise() -> None:
    url = DatabaseUrl.parse("postgres://db.example/outsourcing?sslmode=require")
    assert url.sqlalchemy() == "postgresql+asyncpg://db.example:5432/outsourcing?ssl=require"


def test_another_user_signs_in_at_the_same_place() -> None:
    url = DatabaseUrl.parse("postgresql://admin:a@[::1]:5433/outsourcing").signed_in_as("svc_sla", "b:c")
    assert url.libpq() == "postgresql://svc_sla:b%3Ac@[::1]:5433/outsourcing"


def test_a_folder_of_a_unix_socket_takes_the_place_of_the_host() -> None:
    url = DatabaseUrl.parse("postgresql:///outsourcing?host=/var/run/postgresql")
    assert url.libpq() == "postgresql:///outsourcing?host=%2Fvar%2Frun%2Fpostgresql"


@pytest.mark.parametrize("text", ["", "outsourcing", "mysql://h/d", "postgresql://h", "postgresql://h:x/d"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NotADatabaseUrl):
        DatabaseUrl.parse(text)
