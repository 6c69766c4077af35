"""A list cut anywhere is the same list, and whatever isn't a list has a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.protocols.xtream import pieces
from libs.protocols.xtream.errors import (
    AnswerUnreadable,
    Blocked,
    CredentialsRefused,
    CutShort,
    EmptyAnswer,
    ItemTooLarge,
    NotAPanel,
    XtreamError,
)
from libs.protocols.xtream.pieces import MAX_PREAMBLE_BYTES, STEP_BYTES, Pieces

Item = dict[str, Any]

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.sampled_from(["},{", "}, {", "]", "[{", '"', "\\", '\\"},{\\"', "}\n,\n{"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=12)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), ("\n,\r\n ", ":\t")])


def read(reader: Pieces[Item], parts: Iterable[bytes]) -> list[Item]:
    rows = [row for part in parts for batch in reader.feed(part) for row in batch]
    return rows + [row for batch in reader.finish() for row in batch]


def before_the_error(body: bytes) -> tuple[list[Item], XtreamError]:
    reader, rows = Pieces(Item), []
    with pytest.raises(XtreamError) as failed:  # noqa: PT012  # what comes before it counts
        for batch in reader.feed(body):
            rows += batch
        for batch in reader.finish():
            rows += batch
    return rows, failed.value


def parts_of(body: bytes, cuts: Sequence[int]) -> list[bytes]:
    places = sorted(cut % (len(body) + 1) for cut in cuts)
    return [body[start:end] for start, end in zip([0, *places], [*places, len(body)], strict=True)]


@settings(max_examples=150, deadline=None)
@given(
    items=ITEMS,
    cuts=st.lists(st.integers(0, 10_000), max_size=12),
    separators=SEPARATORS,
    plain=st.booleans(),
    step=st.sampled_from([1, 3, 20, STEP_BYTES]),
)
def test_any_list_cut_anywhere_is_the_same_list(
    items: list[Item], cuts: list[int], separators: tuple[str, str], plain: bool, step: int
) -> None:
    body = json.dumps(items, separators=separators, ensure_ascii=plain).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "STEP_BYTES", step)
        reader = Pieces(Item)
        assert read(reader, parts_of(body, cuts)) == json.loads(body)
        assert not reader.skipped


@settings(max_examples=100, deadline=None)
@given(items=ITEMS.filter(bool), cut=st.integers(1, 10_000), step=st.sampled_from([1, 20, STEP_BYTES]))
def test_a_list_without_its_end_gives_what_was_whole_and_says_so(
    items: list[Item], cut: int, step: int
) -> None:
    body = json.dumps(items).encode()
    body = body[: 1 + cut % (len(body) - 1)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pieces, "STEP_BYTES", step)
        rows, error = before_the_error(body)
    assert isinstance(error, CutShort)
    assert error.is_retryable
    assert rows == json.loads(json.dumps(items))[: len(rows)]


def test_entries_come_before_the_end_does() -> None:
    reader = Pieces(Item)
    body = json.dumps([{"id": number, "name": "x" * 100} for number in range(3000)]).encode()
    early = [row for batch in reader.feed(body[:-100_000]) for row in batch]
    assert early[0]["id"] == 0
    assert len(early) > 2000


def test_no_more_is_held_than_what_is_not_whole_yet() -> None:
    reader = Pieces(Item)
    entry = b'{"id":1,"name":"' + b"x" * 200 + b'"},'
    list(reader.feed(b"["))
    for _ in range(20):
        for _ in reader.feed(entry * 400):
            pass
        assert reader.waiting_bytes < STEP_BYTES


@pytest.mark.parametrize(
    "body",
    [
        b' \r\n[ {"id" : 1} , {"id":2}\n]\n',
        b'\xef\xbb\xbf[{"id":1},\n{"id":2}]',
        b'[{"id":1},{"id":2}]<!-- cached -->',
        b'[{"id":1},{"id":2}]\n[{"id":3}]',
        b'[{"id":1},{"id":2},]',
        b'[{"id":1},,{"id":2}]',
        b'\n<br />\n<b>Warning</b>:  Undefined array key "a[0]" in <b>/p/api.php</b> on line <b>9</b><br />'
        b'\n[{"id":1},{"id":2}]',
        b'Notice: Undefined index: series [x] in /panel/api.php on line 9\n[{"id":1},{"id":2}]',
    ],
    ids=["whitespace", "bom", "words_behind", "list_behind", "comma", "commas", "php_warning", "php_notice"],
)
@pytest.mark.parametrize("step", [1, STEP_BYTES])
def test_what_stands_around_and_between_entries_is_no_matter(
    monkeypatch: pytest.MonkeyPatch, body: bytes, step: int
) -> None:
    monkeypatch.setattr(pieces, "STEP_BYTES", step)
    for parts in ([body], [body[at : at + 1] for at in range(len(body))]):
        assert read(Pieces(Item), parts) == [{"id": 1}, {"id": 2}]


def test_an_empty_list_is_a_list() -> None:
    assert read(Pieces(Item), [b"[]"]) == read(Pieces(Item), [b" [ \n", b"] "]) == []


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", EmptyAnswer),
        (b" \n", EmptyAnswer),
        (b"<!DOCTYPE html><html><script>var a=[{}]</script></html>", NotAPanel),
        (b"<html>Maintenance</html>", NotAPanel),
        (b"Blocked", Blocked),
        (b"Access Denied", Blocked),
        (b"It works!", NotAPanel),
        (b'{"user_info":{"auth":0}}', CredentialsRefused),
        (b'Warning: x in y on line 1\n{"user_info":{"auth":0}}', CredentialsRefused),
        (b'{"error":"Unauthorized"}', CredentialsRefused),
        (b'{"stream_id":1}', AnswerUnreadable),
        (b'{"stream_id":1', AnswerUnreadable),
        (b"null", NotAPanel),
    ],
)
def test_what_comes_instead_of_a_list_is_told_apart(body: bytes, error: type[XtreamError]) -> None:
    rows, raised = before_the_error(body)
    assert rows == []
    assert type(raised) is error


def feed_on(reader: Pieces[Item], piece: bytes) -> None:
    for _ in range(50):
        for _ in reader.feed(piece):
            pass


def test_a_page_without_an_end_is_not_waited_for() -> None:
    with pytest.raises(NotAPanel):
        feed_on(Pieces(Item), b"<html>" + b"x" * MAX_PREAMBLE_BYTES)


def test_an_object_without_an_end_is_not_waited_for() -> None:
    with pytest.raises(AnswerUnreadable):
        feed_on(Pieces(Item, max_item_bytes=100_000), b'{"a":"' + b"x" * 100_000)


@pytest.mark.parametrize(
    ("beginning", "going_on"),
    [(b'{"plot":"', b"x"), (b'{"plot":"', b"},{"), (b'{"a":', b"["), (b'{"a":', b'{"a":'), (b"1", b",1")],
)
def test_an_entry_over_the_bound_is_refused(beginning: bytes, going_on: bytes) -> None:
    reader = Pieces(Item, max_item_bytes=200_000)
    assert list(reader.feed(b'[{"id":1},' + b" " * STEP_BYTES)) == [[{"id": 1}]]
    list(reader.feed(beginning))
    with pytest.raises(ItemTooLarge):
        feed_on(reader, going_on * 10_000)


def test_an_entry_larger_than_a_step_is_read() -> None:
    body = json.dumps([{"id": 1}, {"plot": "},{" * STEP_BYTES}, {"id": 2}]).encode()
    assert len(read(Pieces(Item), parts_of(body, range(0, len(body), 10_000)))) == 3


@pytest.mark.parametrize("step", [1, STEP_BYTES])
@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (b"null", "not_an_object"),
        (b'"text, {with} [braces]"', "not_an_object"),
        (b"[1,2]", "not_an_object"),
        (b'{"id":}', "unreadable"),
        (b'{"id" 5}', "unreadable"),
        (b'{"id":' + b"[" * 5000 + b"]" * 5000 + b"}", "too_deep"),
    ],
    ids=["null", "text", "list", "no_value", "no_colon", "too_deep"],
)
def test_an_entry_that_is_none_spoils_itself_alone(
    monkeypatch: pytest.MonkeyPatch, step: int, entry: bytes, reason: str
) -> None:
    monkeypatch.setattr(pieces, "STEP_BYTES", step)
    reader = Pieces(Item)
    assert read(reader, [b'[{"id":1},', entry, b',{"id":2}]']) == [{"id": 1}, {"id": 2}]
    assert set(reader.skipped) == {reason}


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (b'{"name":"a\\ud83d"}', "a?"),
        (b'{"name":"a\nb"}', "a\nb"),
        (b'{"name":"a\xff"}', "a\ufffd"),
        (b'{"name":"a","rating":NaN}', "a"),
    ],
    ids=["half_surrogate", "bare_line_end", "no_utf_8", "nan"],
)
def test_an_entry_in_loose_json_is_read(entry: bytes, name: str) -> None:
    reader = Pieces(Item)
    rows = read(reader, [b'[{"id":1},', entry, b',{"id":2}]'])
    assert [row.get("name") for row in rows] == [None, name, None]
    assert not reader.skipped


def test_hostile_text_costs_no_more_than_its_length() -> None:
    """Every `},{` in it could be an end: it is scanned once instead of tried at each."""
    body = json.dumps([{"name": "},{" * 5000} for _ in range(100)]).encode()
    assert len(read(Pieces(Item), parts_of(body, range(0, len(body), 30_000)))) == 100
