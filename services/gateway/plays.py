"""What stands in answers for addresses that only the gateway knows: its own, and the player's token.

Inner services write `headgate:play/…` where something of the library is to be played. Only a member called
`url` is read so, from its first letter: what an addon writes elsewhere stays what it is, and no token of a
player gets into an address of somebody else's.
"""

from typing import Final

PLAY: Final = "headgate:play/"
_MEMBER: Final = b'"url":"' + PLAY.encode()


def has_plays(body: bytes) -> bool:
    return _MEMBER in body


def with_plays(body: bytes, prefix: str) -> bytes:
    """`prefix` is the address below which this caller plays."""
    return body.replace(_MEMBER, b'"url":"' + prefix.encode())
