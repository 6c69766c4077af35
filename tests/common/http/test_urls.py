"""Reading URLs: what is accepted, what is left alone, what is a trick."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.common.http import InvalidUrl
from libs.common.http.urls import parse_url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://a.example", "http://a.example/"),
        ("  HTTPS://A.Example/Path \n", "https://a.example/Path"),
        ("http://a.example:8080/x?y#fragment", "http://a.example:8080/x?y"),
        ("http://a.example./x", "http://a.example/x"),
        ("http://пример.рф/", "http://xn--e1afmkfd.xn--p1ai/"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("http://192.168.1.5:7000/manifest.json", "http://192.168.1.5:7000/manifest.json"),
        ("http://my_nas:7000/", "http://my_nas:7000/"),
        (
            "https://a.example/a%2Fb/%7B%22k%22:1%7D/../m.json",
            "https://a.example/a%2Fb/%7B%22k%22:1%7D/../m.json",
        ),
        ('https://a.example/{"k":1}|x/m.json', "https://a.example/%7B%22k%22:1%7D%7Cx/m.json"),
        ("https://a.example/x?q=1&q=%2f+a", "https://a.example/x?q=1&q=%2f+a"),
        ("https://user:secret@a.example/", "https://user:secret@a.example/"),
        ("https://first.last:secret@a.example/", "https://first.last:secret@a.example/"),
        ("https://me%40mail.example:secret@a.example/", "https://me%40mail.example:secret@a.example/"),
    ],
)
def test_a_good_url_keeps_its_path_and_query_as_written(text: str, url: str) -> None:
    assert str(parse_url(text)) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "hello",
        "example.com/manifest.json",
        "//example.com/",
        "http:example.com",
        "http://",
        "http:///path",
        "http://:8080/",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "javascript:alert(1)",
        "stremio://a.example/manifest.json",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://a.example:-1/",
        "http://a.example:0/",
        "http://a.example:22/",
        "http://a.example:25/",
        "http://a b.example/",
        "http://a..example/",
        "http://-a.example/",
        "http://a.example%00.evil/",
        "http://127%2e0%2e0%2e1/",
        "http://[::1/",
        "http://[1.2.3.4]/",
        "http://[fe80::1%25eth0]/",
        "http://[v1.x]/",
        "http://a.example\\@evil.example/",
        "http://a.exa\nmple/",
        "http://a.example/\x00",
        "http://" + "a" * 64 + ".example/",
        "http://" + "a." * 130 + "example/",
        "http://a.example/" + "x" * 9000,
    ],
)
def test_what_is_no_web_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(text)


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.1",
        "1.2.3.4.5",
        "256.1.1.1",
        "0x",
        "1.2.3.0x4",
    ],
)
def test_an_ip_address_in_disguise_is_refused(host: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(f"http://{host}/")


@pytest.mark.parametrize(
    "authority",
    [
        "good.example@evil.example",
        "good.example:80@evil.example",
        "good.example:@evil.example",
        "user@evil.example",
        ":secret@evil.example",
        "a:b@good.example@evil.example",
        "@evil.example",
    ],
)
def test_a_user_part_made_to_be_taken_for_the_host_is_refused(authority: str) -> None:
    with pytest.raises(InvalidUrl):
        parse_url(f"http://{authority}/")


@pytest.mark.parametrize(
    "text",
    ["http://u:secret@℀.example/", "http://u:secret@[x/", "http://u:secret@h:x/", "http://h:22/secret"],
)
def test_the_refusal_quotes_nothing_of_the_url(text: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        parse_url(text)
    assert "secret" not in repr(caught.value)
    assert caught.value.__context__ is None


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_either_a_url_or_refused(text: str) -> None:
    for candidate in (text, f"http://{text}", f"http://a.example/{text}"):
        try:
            url = parse_url(candidate)
        except InvalidUrl:
            continue
        assert url.scheme in ("http", "https")
        assert url.raw_host
        assert str(url).isascii()
        assert parse_url(str(url)) == url
