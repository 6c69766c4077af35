"""The words of release names, and what each says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple


class Says:
    """What a word is about. `NOTHING` is known and says nothing that is kept."""

    RESOLUTION: Final = "resolution"
    QUALITY: Final = "quality"
    CODEC: Final = "codec"
    HDR: Final = "hdr"
    AUDIO: Final = "audio"
    LANGUAGE: Final = "language"
    EDITION: Final = "edition"
    CONTAINER: Final = "container"
    NOTHING: Final = ""


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


class Word(NamedTuple):
    """`sure`: no title has it, so that what stands behind it is no title either."""

    says: str
    value: str
    sure: bool


_SURE: Final[Mapping[str, Mapping[str, str]]] = {
    Says.RESOLUTION: {
        "4320": "4320p",
        "2160": "2160p 2160i",
        "1440": "1440p 2k1440p",
        "1080": "1080p 1080i 1080p60 1080p50 1080p24 m1080p bd1080p",
        "720": "720p 720i m720p 720p60 720p50 hd720p bd720p",
        "576": "576p 576i",
        "480": "480p 480i",
        "360": "360p 384p 368p",
        "240": "240p",
    },
    Says.QUALITY: {
        "remux": "remux bdremux bdrmx brremux uhdremux blurayremux",
        "bluray": "bluray bdrip brrip bdr bd25 bd50 bd66 bdiso blurayrip uhdrip uhdbd hddvd bdmv brip",
        "web-dl": "webdl web-dl webdlrip webhd",
        "webrip": "webrip webdlrip hdrip web-rip vodrip",
        "hdtv": "hdtv hdtvrip tvrip dsr dsrip satrip pdtv sdtv dvbrip dthrip hdtvmux dvb dth uhdtv tvhdrip",
        "dvd": "dvdrip dvdr dvd5 dvd9 dvdmux dvdfull r5 dvdr9 dvdr5",
        "screener": "screener dvdscr bdscr webscreener dvdscreener scr webscr",
        "telecine": "telecine hdtc",
        "telesync": "telesync hdts pdvd predvd predvdrip hdtsrip tsrip",
        "cam": "camrip hdcam hqcam hdcamrip",
    },
    Says.CODEC: {
        "h264": "x264 h264 avc avchd",
        "hevc": "x265 h265 hevc hevc10",
        "av1": "av1",
        "vp9": "vp9",
        "mpeg4": "xvid divx mpeg4 divx5 xvidhd",
        "mpeg2": "mpeg2 mpg2",
        "vc1": "vc1",
    },
    Says.HDR: {
        "dv": "dovi dolbyvision",
        "hdr10+": "hdr10+ hdr10plus hdr10p",
        "hdr10": "hdr10",
        "hlg": "hlg",
        "hdr": "hdr",
    },
    Says.AUDIO: {
        "truehd": "truehd",
        "dts-hd": "dtshd dtshdma dtshr dtsma",
        "dts": "dts dtses",
        "flac": "flac flacx2 flacx3",
        "eac3": "eac3 ddp ddpa dd+ ddplus ddpatmos e-ac3",
        "ac3": "ac3 ac3d",
        "aac": "aac heaac qaac aaclc aacx2",
        "mp3": "mp3",
        "pcm": "lpcm pcm",
    },
    Says.LANGUAGE: {
        "fr": "vostfr truefrench vff vfq vfi subfrench",
        "multi": "multi multi2 multi3 multi4 multi5",
    },
    Says.NOTHING: {"": "10bit 8bit 12bit hi10p hi10 sdr ntsc webmux hevc10bit"},
}

_MAYBE: Final[Mapping[str, Mapping[str, str]]] = {
    Says.RESOLUTION: {
        "2160": "4k uhd 4kuhd uhd4k",
        "4320": "8k",
        "1080": "fhd fullhd",
        "720": "hd",
        "480": "sd",
    },
    Says.QUALITY: {
        "web-dl": "web",
        "dvd": "dvd",
        "bluray": "bd br bdmux",
        "telecine": "tc",
        "telesync": "ts",
        "cam": "cam",
        "screener": "dvds",
        "hdtv": "tv",
    },
    Says.HDR: {"dv": "dv"},
    Says.AUDIO: {"atmos": "atmos", "ac3": "dd", "eac3": "dda", "opus": "opus"},
    Says.LANGUAGE: {
        "en": "english eng engl",
        "fr": "french fre fra vf vf2 francais français",
        "de": "german ger deu deutsch",
        "es": "spanish spa esp castellano espanol español latino lat latin cast",
        "it": "italian ita italiano",
        "pt": "portuguese por pt ptbr dublado brazilian",
        "nl": "dutch flemish nld",
        "pl": "polish pol plsub lektor pldub",
        "ru": "russian rus",
        "uk": "ukrainian ukr",
        "sv": "swedish swe",
        "no": "norwegian nor",
        "da": "danish dan",
        "fi": "finnish fin",
        "is": "icelandic",
        "el": "greek gre",
        "tr": "turkish tur",
        "ro": "romanian rum rom",
        "cs": "czech cze",
        "sk": "slovak slk",
        "hu": "hungarian hun",
        "bg": "bulgarian bul",
        "hr": "croatian",
        "sr": "serbian srp",
        "sl": "slovenian slv",
        "lt": "lithuanian lit",
        "lv": "latvian lav",
        "et": "estonian est",
        "he": "hebrew heb",
        "ar": "arabic ara",
        "fa": "persian farsi",
        "hi": "hindi hin",
        "ta": "tamil tam",
        "te": "telugu tel",
        "ml": "malayalam mal",
        "kn": "kannada kan",
        "bn": "bengali ben",
        "pa": "punjabi",
        "mr": "marathi",
        "th": "thai tha",
        "vi": "vietnamese vie",
        "id": "indonesian",
        "ja": "japanese jap jpn",
        "ko": "korean kor",
        "zh": "chinese chi mandarin cantonese",
        "multi": "dual",
    },
    Says.EDITION: {
        "Extended": "extended",
        "Theatrical": "theatrical",
        "Unrated": "unrated",
        "Uncut": "uncut",
        "Remastered": "remastered remaster",
        "IMAX": "imax",
        "Criterion": "criterion",
        "Redux": "redux",
        "Uncensored": "uncensored",
    },
    Says.CONTAINER: {name: name for name in ("mkv", "mp4", "avi", "wmv", "m2ts", "webm", "iso")},
    Says.NOTHING: {"": "proper repack rerip internal limited retail hybrid complete read nfo subbed dubbed"},
}

_PAIRS: Final[Mapping[str, Mapping[str, str]]] = {
    Says.RESOLUTION: {"1080": "full hd", "2160": "ultra hd"},
    Says.QUALITY: {
        "bluray": "blu ray,bd rip,br rip,hd dvd",
        "remux": "bd remux",
        "web-dl": "web dl",
        "webrip": "web rip,hd rip,web dlrip,vod rip",
        "hdtv": "hd tv,tv rip",
        "dvd": "dvd rip,dvd r",
        "screener": "dvd scr,web scr",
        "telesync": "hd ts,pre dvd",
        "telecine": "hd tc",
        "cam": "hd cam,cam rip",
    },
    Says.CODEC: {
        "h264": "h 264,x 264",
        "hevc": "h 265,x 265",
        "mpeg4": "mpeg 4",
        "mpeg2": "mpeg 2",
        "vc1": "vc 1",
    },
    Says.HDR: {"dv": "dolby vision", "hdr10+": "hdr10 plus", "hdr10": "hdr 10"},
    Says.AUDIO: {
        "truehd": "true hd",
        "dts-hd": "dts hd,dts ma",
        "dts:x": "dts x",
        "eac3": "e ac3,eac 3,dd p",
        "ac3": "ac 3,dolby digital",
        "pcm": "l pcm",
    },
    Says.LANGUAGE: {"multi": "dual audio,multi audio", "en": "audio english"},
    Says.EDITION: {
        "Director's cut": "directors cut,director cut",
        "Final cut": "final cut",
        "Special edition": "special edition",
        "Collector's edition": "collectors edition,collector edition",
        "Ultimate": "ultimate edition,ultimate cut",
        "Anniversary": "anniversary edition",
        "Extended": "extended edition,extended cut",
        "Theatrical": "theatrical cut",
        "Open matte": "open matte",
    },
}


def _each(
    table: Mapping[str, Mapping[str, str]], *, sure: bool, by: str | None
) -> Iterator[tuple[str, Word]]:
    for says, values in table.items():
        for value, words in values.items():
            for word in words.split(by):
                yield word, Word(says, value, sure)


WORDS: Final[Mapping[str, Word]] = MappingProxyType(
    {**dict(_each(_MAYBE, sure=False, by=None)), **dict(_each(_SURE, sure=True, by=None))}
)
PAIRS: Final[Mapping[str, Word]] = MappingProxyType(dict(_each(_PAIRS, sure=True, by=",")))
"""Two words that say something together, a space between them."""
BEGIN_PAIRS: Final = frozenset(pair.partition(" ")[0] for pair in PAIRS)

HDR_ORDER: Final = ("dv", "hdr10+", "hdr10", "hlg", "hdr")
AUDIO_ORDER: Final = (
    "atmos",
    "truehd",
    "dts:x",
    "dts-hd",
    "dts",
    "flac",
    "eac3",
    "ac3",
    "aac",
    "opus",
    "mp3",
    "pcm",
)

CONTAINERS: Final = word_set(
    "mkv mp4 avi m2ts ts webm mov wmv flv m4v mpg mpeg iso vob ogm ogv 3gp m3u8 mpd divx"
)

LANGUAGE_OF_FLAG: Final[Mapping[str, str]] = MappingProxyType(
    {
        "GB": "en", "US": "en", "AU": "en", "FR": "fr", "DE": "de", "AT": "de", "ES": "es", "MX": "es",
        "AR": "es", "IT": "it", "PT": "pt", "BR": "pt", "NL": "nl", "PL": "pl", "RU": "ru", "UA": "uk",
        "SE": "sv", "NO": "no", "DK": "da", "FI": "fi", "IS": "is", "GR": "el", "TR": "tr", "RO": "ro",
        "CZ": "cs", "SK": "sk", "HU": "hu", "BG": "bg", "HR": "hr", "RS": "sr", "SI": "sl", "LT": "lt",
        "LV": "lv", "EE": "et", "IL": "he", "SA": "ar", "EG": "ar", "AE": "ar", "IR": "fa", "IN": "hi",
        "TH": "th", "VN": "vi", "ID": "id", "JP": "ja", "KR": "ko", "CN": "zh", "TW": "zh", "HK": "zh",
    }
)  # fmt: skip
"""Addons draw the flag of a country for its language."""
