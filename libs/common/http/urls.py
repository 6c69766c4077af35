"""Reading a URL somebody typed, or a server redirects to, into one form that is both judged and sent."""

import contextlib
import re
import urllib.parse

from yarl import URL

from libs.common.http.errors import InvalidUrl
from libs.common.networks import parse_address

_MAX_URL = 8 * 1024  # longer request lines are refused by most servers
_MAX_HOST = 253  # RFC 1035, 2.3.4
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Everything a URL may hold stays as it is, "%" included: players and addons compare paths byte by byte.
_KEEP = "!#$%&'()*+,-./:;=?@[]_~"

# WHATWG Fetch, "port blocking": protocols that could be talked into something by an HTTP request (1 and 9
# could not, and are what people write for "nobody listens here").
_BAD_PORTS = frozenset(
    {
        0,
        1,
        7,
        9,
        11,
        13,
        15,
        17,
        19,
        20,
        21,
        22,
        23,
        25,
        37,
        42,
        43,
        53,
        69,
        77,
        79,
        87,
        95,
        101,
        102,
        103,
        104,
    }
    | {
        109,
        110,
        111,
        113,
        115,
        117,
        119,
        123,
        135,
        137,
        139,
        143,
        161,
        179,
        389,
        427,
        465,
        512,
        513,
        514,
        515,
    }
    | {526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049}
    | {3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080}
)


def parse_url(text: str) -> URL:
    """The URL with its host normalised and its path and query left exactly as written. Raises InvalidUrl.

    Host, port and user part are those of one parser, so that what is judged is what is asked. A fragment is
    dropped: it is never sent.
    """
    text = text.strip()
    if not text or len(text) > _MAX_URL or _CONTROL.search(text):
        raise InvalidUrl("This is not a web address: it must start with http:// or https://.")
    parts = _split(text)
    scheme = parts.scheme.lower()
    if scheme not in ("http", "https"):
        raise InvalidUrl("This is not a web address: it must start with http:// or https://.")
    authority = _parse_authority(scheme, parts.netloc)
    host = _check_host(authority.raw_host or "")
    port = _check_port(authority.explicit_port)
    return URL(
        "".join(
            (
                f"{scheme}://",
                f"{authority.raw_user}:{authority.raw_password}@" if authority.raw_user else "",
                f"[{host}]" if ":" in host else host,
                f":{port}" if port is not None else "",
                urllib.parse.quote(parts.path, safe=_KEEP, errors="surrogateescape") or "/",
                f"?{urllib.parse.quote(parts.query, safe=_KEEP, errors='surrogateescape')}"
                if parts.query
                else "",
            )
        ),
        encoded=True,
    )


def is_same_origin(one: str, other: str) -> bool:
    """Whether both are of one scheme, host and port. What can't be read is of none."""
    try:
        return parse_url(one).origin() == parse_url(other).origin()
    except InvalidUrl:
        return False


def _split(text: str) -> urllib.parse.SplitResult:
    with contextlib.suppress(ValueError):
        return urllib.parse.urlsplit(text)
    # Not raised in a handler: the library's error may quote the user part, and would stay as the context.
    raise InvalidUrl("This is not a web address: its host can't be read.")


def _parse_authority(scheme: str, netloc: str) -> URL:
    userinfo, at, _ = netloc.rpartition("@")
    # "http://good.example@evil.example" and "http://good.example:80@evil.example" are made to be misread.
    name, _, password = userinfo.partition(":")
    looks_like_host = "." in name and (not password or password.isdigit())
    if "\\" in netloc or "@" in userinfo or (at and (not name or not password or looks_like_host)):
        raise InvalidUrl(
            "This is not a web address: the part before its @ is not a user name and a password."
        )
    try:
        authority = URL(f"{scheme}://{netloc}/")
    except ValueError:
        authority = URL()
    # RFC 3986 leaves room for addresses of the future in brackets; there is none but IPv6.
    if not authority.raw_host or ("[" in netloc and ":" not in authority.raw_host):
        raise InvalidUrl("This is not a web address: its host or port can't be read.")
    return authority


def _check_host(host: str) -> str:
    bare = host.lower().rstrip(".")
    if parse_address(bare) is not None and "%" not in bare:
        return bare
    labels = bare.split(".")
    # Resolvers read 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 as IPv4 addresses; people are fooled by them.
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        raise InvalidUrl("This is not a web address: write its IP address as four decimal numbers.")
    if len(bare) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidUrl("This is not a web address: its host name is not valid.")
    return bare


def _check_port(port: int | None) -> int | None:
    if port in _BAD_PORTS:
        raise InvalidUrl("This is not a web address: its port belongs to another protocol.")
    return port
