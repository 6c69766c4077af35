"""How playlists name the coding of pictures (RFC 6381), from what their file says of them. Pure."""

from __future__ import annotations

import re
from typing import Final

_PROFILES: Final = {"constrained baseline": "42e0", "baseline": "4200", "main": "4d40", "high": "6400"}
_DUMP: Final = re.compile(r"^[0-9a-f]+: ((?:[0-9a-f]{2,4} ?)+)", re.MULTILINE)


def extradata_of(dump: str) -> bytes:
    """What ffprobe shows as a dump in hexadecimal."""
    return bytes.fromhex("".join(_DUMP.findall(dump)).replace(" ", ""))


def codecs_of(codec: str, *, profile: str, level: int, extradata: bytes) -> str:
    if codec == "h264":
        if len(extradata) > 3 and extradata[0] == 1:
            return f"avc1.{extradata[1:4].hex()}"
        return f"avc1.{_PROFILES.get(profile.lower(), '6400')}{max(level, 10) & 0xFF:02x}"
    if codec == "hevc":
        return _hevc(extradata) if len(extradata) > 12 and extradata[0] == 1 else _hevc_by(profile, level)
    if codec == "av1":
        return _av1(extradata) if len(extradata) > 2 else "av01.0.08M.08"
    if codec == "vp9":
        return f"vp09.{profile[-1:] if profile[-1:].isdecimal() else '0':0>2}.40.08"
    return codec


def _hevc(config: bytes) -> str:
    space = ("", "A", "B", "C")[config[1] >> 6]
    tier = "H" if config[1] & 0x20 else "L"
    compatible = int(f"{int.from_bytes(config[2:6], 'big'):032b}"[::-1], 2)
    constraints = config[6:12].rstrip(b"\0")
    parts = [f"hvc1.{space}{config[1] & 0x1F}", f"{compatible:X}", f"{tier}{config[12]}"]
    return ".".join([*parts, *(f"{byte:X}" for byte in constraints)])


def _hevc_by(profile: str, level: int) -> str:
    number, compatible = (2, 4) if "10" in profile else (1, 6)
    return f"hvc1.{number}.{compatible}.L{max(level, 30)}.B0"


def _av1(config: bytes) -> str:
    profile, level = config[1] >> 5, config[1] & 0x1F
    tier = "H" if config[2] & 0x80 else "M"
    depth = (12 if config[2] & 0x20 else 10) if config[2] & 0x40 else 8
    return f"av01.{profile}.{level:02d}{tier}.{depth:02d}"
