"""The private servers start, answer, and come back after a kill."""

from __future__ import annotations

import asyncpg
import pytest

from tests import servers


def test_redis_answers_and_survives_a_kill_on_the_same_port() -> None:
    with servers.redis_server() as server:
        assert server.command("PING") == "PONG"
        port = server.port
        server.kill()
        server.start()
        assert server.port == port
        assert server.command("PING") == "PONG"


async def test_each_test_gets_its_own_empty_database(postgres_server: servers.PostgresServer) -> None:
    first, second = postgres_server.new_database(), postgres_server.new_database()
    assert first != second
    connection = await asyncpg.connect(first)
    try:
        assert await connection.fetchval("SELECT 1") == 1
    finally:
        await connection.close()


async def test_a_database_given_back_is_empty_for_the_next_test(
    postgres_server: servers.PostgresServer,
) -> None:
    url = postgres_server.new_database()
    left_open = await asyncpg.connect(url)
    await left_open.execute("CREATE TABLE t (i INT); CREATE SCHEMA s; CREATE TABLE s.t (i INT)")
    postgres_server.give_back(url)
    assert postgres_server.new_database() == url
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
        await left_open.fetchval("SELECT 1")
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname = 't'") == 0
    assert (
        await connection.fetchval("SELECT count(*) FROM pg_namespace WHERE nspname IN ('s', 'public')") == 1
    )
    await connection.close()
    postgres_server.give_back(url)


async def test_a_database_with_tables_keeps_them_and_their_version_and_no_row(
    postgres_server: servers.PostgresServer,
) -> None:
    url = postgres_server.new_database(tables_of="films")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE SCHEMA films; CREATE TABLE films.films_version AS SELECT 1")
    await connection.execute("CREATE TABLE films.a (id INT UNIQUE); INSERT INTO films.a VALUES (1), (2)")
    await connection.execute("CREATE TABLE films.b (a INT REFERENCES films.a (id))")
    await connection.execute("INSERT INTO films.b VALUES (1)")
    await connection.close()
    postgres_server.give_back(url, tables_of="films")
    assert postgres_server.new_database() != url
    assert postgres_server.new_database(tables_of="films") == url
    connection = await asyncpg.connect(url)
    rows = [await connection.fetchval(f"SELECT count(*) FROM films.{name}") for name in ("a", "b")]
    assert [*rows, await connection.fetchval("SELECT count(*) FROM films.films_version")] == [0, 0, 1]
    await connection.close()


async def test_postgresql_comes_back_on_the_same_port_with_what_it_had() -> None:
    with servers.postgres_server() as server:
        port, url = server.port, server.new_database()
        server.stop()
        server.stop()
        server.start()
        assert server.port == port
        connection = await asyncpg.connect(url)
        await connection.close()
