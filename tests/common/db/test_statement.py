"""Named parameters are found where the engine would find them, and nowhere else."""

from __future__ import annotations

import pytest

from libs.common.db.statement import parse, places_for


@pytest.mark.parametrize(
    ("sql", "numbered", "names"),
    [
        ("SELECT :a, :b, :a", "SELECT $1, $2, $1", ("a", "b")),
        ("SELECT ':a', :b", "SELECT ':a', $1", ("b",)),
        ("SELECT 'it''s :a', :b", "SELECT 'it''s :a', $1", ("b",)),
        (r"SELECT E'\':a', :b", r"SELECT E'\':a', $1", ("b",)),
        ('SELECT ":a" FROM t WHERE x=:b', 'SELECT ":a" FROM t WHERE x=$1', ("b",)),
        ("SELECT :a::text", "SELECT $1::text", ("a",)),
        ("SELECT x::bigint", "SELECT x::bigint", ()),
        ("SELECT 1 -- :a\n, :b", "SELECT 1 -- :a\n, $1", ("b",)),
        ("SELECT /* :a */ :b", "SELECT /* :a */ $1", ("b",)),
        ("SELECT /* /* :a */ :c */ :b", "SELECT /* /* :a */ :c */ $1", ("b",)),
        ("SELECT /* never closed :a", "SELECT /* never closed :a", ()),
        ("SELECT $$ :a $$, $t$ :b $$ $t$, :c", "SELECT $$ :a $$, $t$ :b $$ $t$, $1", ("c",)),
        ("SELECT a[1:n], :b", "SELECT a[1:n], $1", ("b",)),
        ("SELECT 'ü:a', :b", "SELECT 'ü:a', $1", ("b",)),
        ("", "", ()),
    ],
)
def test_parameters_outside_strings_casts_and_comments(
    sql: str, numbered: str, names: tuple[str, ...]
) -> None:
    statement = parse(sql)
    assert (statement.numbered, statement.names) == (numbered, names)


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 1", True),
        ("  -- why\n select 1", True),
        ("WITH x AS (SELECT 1) SELECT * FROM x", True),
        ("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x RETURNING id", False),
        ("INSERT INTO t VALUES (1) RETURNING id", False),
        ("SELECT 'update'", True),
        ("SELECT id FROM t FOR UPDATE", False),
        ("CREATE TABLE t (id TEXT)", False),
    ],
)
def test_only_statements_that_change_nothing_go_to_a_reader(sql: str, reads: bool) -> None:
    assert parse(sql).reads is reads


def test_a_missing_value_names_its_parameter() -> None:
    with pytest.raises(TypeError, match=":b"):
        parse("SELECT :a, :b").values({"a": 1})


def test_a_few_values_have_a_place_each() -> None:
    places, named = places_for("id", ["b", "a"])
    assert (places, named) == (":id_0, :id_1", {"id_0": "b", "id_1": "a"})
    assert parse(f"SELECT 1 WHERE x IN ({places})").values(named) == ["b", "a"]
