"""The storage tests run on any server that VISITORSFLOW_TEST_MYSQL_URL names."""

import pytest
from sqlalchemy import make_url

from tests.mariadb import NAMED, Server


@pytest.mark.skipif(not NAMED, reason="VISITORSFLOW_TEST_MYSQL_URL names no server: MariaDB is tested alone")
def test_it_is_the_one_that_is_named(mariadb: Server) -> None:
    """The fixture that all of them use leads there."""
    named = make_url(NAMED)
    with mariadb.connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_USER()")
        [(user,)] = cursor.fetchall()
    assert user.startswith(f"{named.username}@")
