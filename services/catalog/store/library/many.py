"""Any number of values in one parameter, as JSON: one statement serves every number of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from libs.common.db import Dialect, Value

Type = Literal["text", "number"]

_encoder = msgspec.json.Encoder()


def encoded(values: Iterable[Value] | Iterable[Sequence[Value]]) -> str:
    return _encoder.encode(list(values)).decode()


def numbers(dialect: Dialect, parameter: str) -> str:
    """A sub-select of one column, for IN."""
    if dialect == "sqlite":
        return f"(SELECT value FROM json_each(:{parameter}))"  # noqa: S608  names from our code
    elements = f"json_array_elements_text(CAST(CAST(:{parameter} AS TEXT) AS JSON))"
    return f"(SELECT CAST(value AS BIGINT) FROM {elements} AS given(value))"  # noqa: S608  names from our code


def one_of(dialect: Dialect, column: str, values: str) -> str:
    """That the column has one of a few `values`, of `numbers` or `texts`: its index is asked for each of
    them. For IN a sub-select PostgreSQL expects many, and reads the whole table."""
    return f"{column} IN {values}" if dialect == "sqlite" else f"{column} = ANY(ARRAY{values})"


def among(dialect: Dialect, column: str, parameter: str) -> str:
    """That the column is one of a few numbers."""
    return one_of(dialect, column, numbers(dialect, parameter))


def by_panel_id(dialect: Dialect, columns: str, table: str, of: tuple[str, ...]) -> str:
    """A query of the rows with some of `:panel_ids`, each unique among rows of the same `of`.

    PostgreSQL is made to ask for each, by the very index: while a table fills, it takes it for small.
    """
    same = " AND ".join(f"{name} = :{name}" for name in of)
    given = numbers(dialect, "panel_ids")
    if dialect == "sqlite":
        return f"SELECT {columns} FROM {table} WHERE {same} AND panel_id IN {given}"  # noqa: S608  names from our code
    one = (
        f"SELECT {columns} FROM {table} WHERE {same} AND panel_id = given.number"  # noqa: S608  names from our code
        f" ORDER BY {', '.join(of)}, panel_id LIMIT 1"
    )
    return f"SELECT found.* FROM {given} AS given(number), LATERAL ({one}) AS found"  # noqa: S608  names from our code


def texts(dialect: Dialect, parameter: str) -> str:
    """As `numbers`, of texts."""
    if dialect == "sqlite":
        return numbers(dialect, parameter)
    elements = f"json_array_elements_text(CAST(CAST(:{parameter} AS TEXT) AS JSON))"
    return f"(SELECT value FROM {elements} AS given(value))"  # noqa: S608  names from our code


def rows(dialect: Dialect, parameter: str, **columns: Type) -> str:
    """A table of those columns, from an array of arrays. SQLite wants WHERE TRUE before ON CONFLICT."""
    if dialect == "sqlite":
        picked = (f"json_extract(value, '$[{at}]') AS {name}" for at, name in enumerate(columns))
        source = f"json_each(:{parameter})"
    else:
        picked = (
            f"value ->> {at} AS {name}" if type_ == "text" else f"CAST(value ->> {at} AS BIGINT) AS {name}"
            for at, (name, type_) in enumerate(columns.items())
        )
        source = f"json_array_elements(CAST(CAST(:{parameter} AS TEXT) AS JSON)) AS given(value)"
    return f"(SELECT {', '.join(picked)} FROM {source})"  # noqa: S608  names from our code


def gathered(dialect: Dialect, column: str) -> str:
    """The values of a column as one JSON text."""
    return f"json_group_array({column})" if dialect == "sqlite" else f"CAST(json_agg({column}) AS TEXT)"
