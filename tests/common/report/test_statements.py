"""Statements are told by their own text, with how often, how long, and what to look at."""

from __future__ import annotations

from libs.common.report import statements
from libs.common.report.statements import OTHERS, Statements, text_of


def test_statements_that_differ_in_how_many_values_they_name_are_one() -> None:
    book = Statements()
    book.note("SELECT a FROM t WHERE id IN (:id0, :id1)", 0.001, reads=True)
    book.note("SELECT a FROM t\n  WHERE id IN (:id0, :id1, :id2)", 0.003, reads=True)
    (one,) = book.told()
    assert one.statement == "SELECT a FROM t WHERE id IN (…)"
    assert (one.kind, one.times, one.mean_ms, one.worst_ms, one.slow) == ("read", 2, 2.0, 3.0, 0)
    assert one.suggestion == ""


def test_rows_of_values_are_one_and_texts_in_quotes_are_left_out() -> None:
    assert text_of("INSERT INTO t (a, b) VALUES (:a0, :b0), (:a1, :b1)") == "INSERT INTO t (a, b) VALUES (…)"
    assert text_of("SELECT 'hunter2'") == "SELECT '…'"
    assert len(text_of("x" * 10_000)) == statements.TEXT_CHARACTERS + 1


def test_slow_ones_come_first_with_what_to_look_at() -> None:
    book = Statements()
    for _ in range(1000):
        book.note("SELECT often", 0.01, reads=True)
    book.note("SELECT slow", 2, reads=True)
    book.note("UPDATE slow", 1, reads=False)
    for _ in range(9):
        book.note("SELECT seldom", 0.001, reads=True)
    book.note("SELECT seldom", 0.6, reads=True)
    told = book.told()
    assert [one.statement for one in told] == ["SELECT slow", "UPDATE slow", "SELECT seldom", "SELECT often"]
    assert [one.suggestion[:14] for one in told] == ["Slow nearly ea", "Slow nearly ea", "Slow now and t", ""]
    assert "ANALYZE" in told[0].suggestion
    assert "writes" in told[1].suggestion


def test_however_many_there_are_the_book_has_an_end() -> None:
    book = Statements()
    for number in range(statements.MAX_TEXTS + 100):
        book.note(f"SELECT {number}", 0.001, reads=True)
    assert len(book.told()) == statements.TOLD
    (others,) = (one for one in book.told() if one.statement == OTHERS)
    assert others.times == statements.MAX_TEXTS + 100 - statements.MAX_STATEMENTS
