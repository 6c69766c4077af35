"""Whether a player is given a film as it is, its tracks in another container, or made anew. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from libs.common.contracts.playback import PlayerAbilities
from services.streaming.hls.film import Film
from services.streaming.hls.ladder import may_copy

Method: TypeAlias = Literal["direct", "remux", "hls"]

LINE_SHARE: Final = 0.8
"""Of a measured line, what a film may take for itself."""
_COPIED: Final = frozenset({"h264", "hevc", "av1", "vp9"})
"""Pictures that fragments of MP4 may hold as they are."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`copied` are the sounds that stay as they are, by the numbers of their streams."""

    method: Method
    copies_picture: bool
    copied: tuple[int, ...]
    reason: str


def choose(film: Film, player: PlayerAbilities) -> Choice:
    codecs = frozenset(player.codecs)
    shown = _why_not_shown(film, player, codecs)
    copied = tuple(sound.stream for sound in film.sounds if sound.codec in codecs and may_copy(sound))
    heard = all(sound.codec in codecs for sound in film.sounds)
    wide = not player.bandwidth_bps or film.bitrate_bps <= player.bandwidth_bps * LINE_SHARE
    chooses = player.picks_tracks or len(film.sounds) <= 1
    if not shown and heard and wide and chooses and film.container in player.containers:
        return Choice("direct", True, copied, "The player can play this file as it is.")
    copies = not shown and film.picture.cues and film.picture.codec in _COPIED
    if copies and len(copied) == len(film.sounds):
        why = "can't open this kind of file" if film.container not in player.containers else ""
        why = why or ("can't choose among the sounds in it" if not chooses else "")
        why = f"The player {why}" if why else "The file needs more than the line carries"
        return Choice("remux", True, copied, f"{why}: its tracks are sent unchanged in another form.")
    reasons = [f"its pictures are {shown}"] if shown else []
    if not heard:
        reasons.append(f"its sound is {_unheard(film, codecs)}")
    if not reasons:
        reasons.append("of the line" if not wide else "it can't be cut into short parts as it is")
    return Choice(
        "hls",
        copies,
        copied,
        f"Converted while it plays, since {' and '.join(reasons)}.".replace("its ", "the "),
    )


def _why_not_shown(film: Film, player: PlayerAbilities, codecs: Collection[str]) -> str:
    picture = film.picture
    if picture.codec not in codecs:
        return f"{picture.codec.upper()}, which the player can't show"
    if not picture.is_plain:
        return f"a form of {picture.codec.upper()} that the player can't show"
    if player.max_height and picture.height > player.max_height:
        return f"larger than {player.max_height} lines"
    return "interlaced" if picture.is_interlaced else ""


def _unheard(film: Film, codecs: Collection[str]) -> str:
    names = dict.fromkeys(sound.codec.upper() for sound in film.sounds if sound.codec not in codecs)
    return f"{' and '.join(names)}, which the player can't play"
