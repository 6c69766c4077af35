"""The words that panels and streams put around a title: languages, services, qualities."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


_LANGUAGES: Final = {
    "en": "EN ENG ENGLISH UK US AU",
    "fr": "FR FRE FRENCH VF VFF VFQ VOSTFR",
    "de": "DE GER GERMAN AT",
    "es": "ES ESP SPANISH SP LAT LATINO MX CO CL PE VE",
    "it": "IT ITA ITALIAN",
    "pt": "PT POR BR DUBLADO LEGENDADO LEG",
    "nl": "NL",
    "pl": "PL",
    "tr": "TR",
    "ar": "AR",
    "ru": "RU",
    "sv": "SE SW",
    "no": "NO",
    "da": "DK",
    "fi": "FI",
    "el": "GR",
    "ro": "RO",
    "cs": "CZ",
    "hu": "HU",
    "hi": "IN HI",
    "ja": "JP",
    "ko": "KR",
    "zh": "CN",
    "sq": "AL ALB",
    "bg": "BG",
    "hr": "HR",
    "sr": "RS",
    "sl": "SI",
    "sk": "SK",
    "uk": "UA",
    "he": "IL",
    "fa": "IR",
    "ur": "PK",
    "bn": "BD",
    "th": "TH",
    "vi": "VN",
    "tl": "PH",
}
LANGUAGE_OF: Final[Mapping[str, str]] = MappingProxyType(
    {word: language for language, words in _LANGUAGES.items() for word in words.split()}
)
"""Countries stand for a language as far as they have one."""

_REGIONS: Final = _words("EXYU YU EU CA CH BE LU SC AF NORDIC MULTI DUAL SUB SUBS DUB VO VOST")
_SERVICES: Final = _words(
    "NF NETFLIX AMZ AMZN PRIME D+ DSNP DISNEY DISNEY+ A+ ATV APPLE APPLE+ HBO MAX HMAX HULU PMTP PAR",
    "PARAMOUNT PARAMOUNT+ PCOK CR SHO STARZ VIP TOP NEW VOD OSN OSN+ BEIN TOD SKY CANAL CANAL+ RAI",
)
_QUALITIES: Final = _words(
    "4K 8K UHD FHD HD SD HDR HDR10 HDR10+ DV HEVC H265 H264 X264 X265 2160P 1080P 720P 480P 3D IMAX CAM",
    "HDCAM TS HDTS HQ LQ ATMOS DDP51 60FPS",
)

IN_FRONT: Final = frozenset(LANGUAGE_OF) | _REGIONS | _SERVICES | _QUALITIES
"""Before a title, in capitals and parted from it."""

IN_BRACKETS: Final = IN_FRONT | _words(
    "L DUBBED SUBBED SUBTITLED SUBTITLES AUDIO MULTISUB MULTISUBS R EXTENDED UNRATED THEATRICAL REMASTERED",
    "PG13 12 16 18 12+ 16+ 18+ HDRIP WEB DL WEBRIP BLURAY VERSION EDITION",
)
"""Behind a title, in brackets of their own."""

BEHIND: Final = _words(
    "FHD UHD HD HDR HEVC H265 X265 4K 2160P 1080P 720P 480P HDCAM HDTS DUBLADO LEGENDADO VOSTFR"
)
"""Behind a title with nothing around them."""

BEHIND_IN_CAPITALS: Final = _words("CAM LEG DUB MULTI")
"""The same, where small letters would be a word of the title."""

BEFORE_TECHNICAL: Final = _words(
    "MULTI DUAL FRENCH GERMAN ITA ENG PROPER REPACK EXTENDED UNRATED REMASTERED INTERNAL LIMITED IMAX HYBRID"
)
"""Between the title of a release and its technical words, where no year parts them."""
