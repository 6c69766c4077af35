"""The playlists of a film that is made here. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from libs.protocols.text import printable
from services.streaming.hls.cuts import Cuts
from services.streaming.hls.film import Subtitle
from services.streaming.hls.ladder import Rung, Voice

_HEAD = ("#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS")


def master(rungs: Sequence[Rung], voices: Sequence[Voice], subtitles: Sequence[Subtitle]) -> str:
    lines = [*_HEAD, *_sounds(voices), *_texts(subtitles)]
    groups = ',AUDIO="sound"' * bool(voices) + ',SUBTITLES="text"' * bool(subtitles)
    loudest = max((voice.bitrate_bps for voice in voices), default=0)
    heard = tuple(dict.fromkeys(voice.codecs for voice in voices))
    for number, rung in enumerate(rungs):
        codecs = ",".join((rung.codecs, *heard))
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={rung.peak_bps + loudest},"
            f"AVERAGE-BANDWIDTH={rung.average_bps + loudest},"
            f'CODECS="{codecs}",RESOLUTION={rung.width}x{rung.height},FRAME-RATE={rung.rate:.3f}{groups}'
        )
        lines.append(f"v{number}.m3u8")
    return "\n".join(lines) + "\n"


def media(cuts: Cuts, name: str, *, kind: str = "m4s", init: bool = True) -> str:
    """Of one rendition, complete. `name` is what its files begin with."""
    lines = [*_HEAD, f"#EXT-X-TARGETDURATION:{max(1, math.ceil(cuts.longest_s))}"]
    lines += ["#EXT-X-MEDIA-SEQUENCE:0", "#EXT-X-PLAYLIST-TYPE:VOD"]
    if init:
        lines.append(f'#EXT-X-MAP:URI="{name}.mp4"')
    for number in range(len(cuts)):
        lines += [f"#EXTINF:{cuts.length_s(number):.6f},", f"{name}-{number}.{kind}"]
    return "\n".join([*lines, "#EXT-X-ENDLIST"]) + "\n"


def names_of(labels: Iterable[str]) -> list[str]:
    """Each label once: a player tells renditions of a group by their names."""
    names: list[str] = []
    for label in labels:
        plain = printable(label).replace('"', "").strip()
        plain, number = plain or "Track", 2
        name = plain
        while name in names:
            name, number = f"{plain} {number}", number + 1
        names.append(name)
    return names


def sound_names(voices: Sequence[Voice]) -> list[str]:
    return names_of(voice.sound.name or voice.sound.language for voice in voices)


def text_names(subtitles: Sequence[Subtitle]) -> list[str]:
    return names_of(text.name or text.language for text in subtitles)


def _sounds(voices: Sequence[Voice]) -> Iterable[str]:
    chosen = next((number for number, voice in enumerate(voices) if voice.sound.is_default), 0)
    for number, (voice, name) in enumerate(zip(voices, sound_names(voices), strict=True)):
        channels = voice.sound.channels if voice.is_copied else 2
        yield (
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="{name}"{_language(voice.sound.language)},'
            f"DEFAULT={_yes(number == chosen)},AUTOSELECT=YES,"
            f'CHANNELS="{channels}",URI="a{number}.m3u8"'
        )


def _texts(subtitles: Sequence[Subtitle]) -> Iterable[str]:
    for number, (text, name) in enumerate(zip(subtitles, text_names(subtitles), strict=True)):
        yield (
            f'#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="text",NAME="{name}"{_language(text.language)},'
            f"DEFAULT=NO,AUTOSELECT=YES,FORCED={_yes(text.is_forced)},"
            f'URI="s{number}.m3u8"'
        )


def _language(language: str) -> str:
    return f',LANGUAGE="{language}"' if language else ""


def _yes(is_so: bool) -> str:
    return "YES" if is_so else "NO"
