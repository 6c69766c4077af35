"""What stands in answers for addresses that only the gateway knows: its own, and the player's token.

Inner services write `headgate:play/…` where something of the library is to be played. Only a member called
`url` is read so, from its first letter: what an addon writes elsewhere stays what it is, and no token of a
player gets into an address of somebody else's.
"""

from typing import Final

from libs.protocols.stremio.errors import InvalidPath
from libs.protocols.stremio.paths import encode_component, parse_resource_path

PLAY: Final = "headgate:play/"
_MEMBER: Final = b'"url":"' + PLAY.encode()


def has_plays(body: bytes) -> bool:
    return _MEMBER in body


def with_plays(body: bytes, prefix: str) -> bytes:
    """`prefix` is the address below which this caller plays."""
    return body.replace(_MEMBER, b'"url":"' + prefix.encode())


def video_part(tail: str) -> str:
    """The part of the addresses in an answer to `tail` that says which video is played there: the streams of
    one are asked for by it."""
    try:
        path = parse_resource_path(tail)
    except InvalidPath:
        return ""
    return f"{encode_component(path.type)}/{encode_component(path.id)}/" if path.resource == "stream" else ""
