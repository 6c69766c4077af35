"""Languages to have titles in, by the name each has for itself."""

from collections.abc import Sequence
from typing import Final

AS_THEY_ARE: Final = ("", "As your addons have them")

LANGUAGES: Final[Sequence[tuple[str, str]]] = (
    ("id-ID", "Bahasa Indonesia"),
    ("ms-MY", "Bahasa Melayu"),
    ("ca-ES", "Català"),
    ("cs-CZ", "Čeština"),
    ("da-DK", "Dansk"),
    ("de-DE", "Deutsch"),
    ("et-EE", "Eesti"),
    ("en-US", "English"),
    ("en-GB", "English (United Kingdom)"),
    ("es-ES", "Español"),
    ("es-MX", "Español (México)"),
    ("fr-FR", "Français"),
    ("fr-CA", "Français (Canada)"),
    ("hr-HR", "Hrvatski"),
    ("it-IT", "Italiano"),
    ("lv-LV", "Latviešu"),
    ("lt-LT", "Lietuvių"),
    ("hu-HU", "Magyar"),
    ("nl-NL", "Nederlands"),
    ("no-NO", "Norsk"),
    ("pl-PL", "Polski"),
    ("pt-PT", "Português"),
    ("pt-BR", "Português (Brasil)"),
    ("ro-RO", "Română"),
    ("sk-SK", "Slovenčina"),
    ("sl-SI", "Slovenščina"),
    ("fi-FI", "Suomi"),
    ("sv-SE", "Svenska"),
    ("vi-VN", "Tiếng Việt"),
    ("tr-TR", "Türkçe"),
    ("el-GR", "Ελληνικά"),
    ("bg-BG", "Български"),
    ("ru-RU", "Русский"),
    ("sr-RS", "Српски"),
    ("uk-UA", "Українська"),
    ("he-IL", "עברית"),
    ("ar-SA", "العربية"),
    ("fa-IR", "فارسی"),
    ("hi-IN", "हिन्दी"),
    ("th-TH", "ไทย"),
    ("ko-KR", "한국어"),
    ("zh-CN", "中文（简体）"),
    ("zh-TW", "中文（繁體）"),
    ("ja-JP", "日本語"),
)


def languages_with(present: str) -> list[tuple[str, str]]:
    """Those to choose from; one that a program chose is among them."""
    known = {AS_THEY_ARE[0], *(language for language, _ in LANGUAGES)}
    own = [] if present in known else [(present, present)]
    return [AS_THEY_ARE, *own, *LANGUAGES]
