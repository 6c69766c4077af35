"""`python -m services.sync.reading`: what it is to read stands in its first line."""

from __future__ import annotations

import gc
import sys
from typing import BinaryIO

import msgspec

from libs.protocols.apart import give_way, pieces_of
from services.sync.reading.order import Order, Wanted
from services.sync.reading.out import Kept, Out
from services.sync.reading.panel import read_list


def read(source: BinaryIO, sink: BinaryIO) -> None:
    order = msgspec.json.decode(source.readline(), type=Order)
    kept = {held.kind: Kept(source.read(held.size_bytes), again=order.again) for held in order.held}
    wanted = None
    if order.wanted_bytes is not None:
        wanted = msgspec.json.decode(source.read(order.wanted_bytes) or b"[]", type=list[Wanted])
    out = Out(sink, kept)
    match order.subject:
        case "list":
            from services.sync.reading.playlist import read_playlist  # noqa: PLC0415  takes a while to load

            read_playlist(pieces_of(source), out)
        case "guide":
            from services.sync.reading.guide import read_guide  # noqa: PLC0415  only where it is needed

            read_guide(pieces_of(source), wanted, order.now_s, out)
        case _:
            read_list(order.subject, pieces_of(source), out)


if __name__ == "__main__":
    gc.disable()  # rows hold no circles, and are looked through for some by every thousand otherwise
    give_way()
    read(sys.stdin.buffer, sys.stdout.buffer)
