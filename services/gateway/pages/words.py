"""Figures and events in words people use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.common.contracts.catalog import AddonView, SourceProblem
from libs.common.contracts.rows import RowView

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR

Tone = Literal["done", "warn", "bad"]


@dataclass(frozen=True, slots=True)
class Message:
    tone: Tone
    text: str


MESSAGES = {
    "welcome": Message("done", "Your hub is ready. Here is a small demo to look around with."),
    "signed_out": Message("done", "You are signed out."),
    "added": Message("done", "Added. Its rows, titles and sources are part of your hub now."),
    "moved": Message("done", "Order saved. Rows follow it, and sources that are equal otherwise."),
    "renamed": Message("done", "Renamed."),
    "enabled": Message("done", "Switched on."),
    "disabled": Message("done", "Switched off. Nothing of it is lost; switch it on again whenever you like."),
    "refreshed": Message("done", "Asked again: its description is up to date."),
    "pinned": Message("done", "Pinned. It goes on being asked, however often it fails."),
    "unpinned": Message("done", "No longer pinned. If it fails again and again, it rests until it answers."),
    "link_added": Message("done", "Added. It is a source of its title now."),
    "removed": Message("done", "Removed."),
    "row_moved": Message("done", "Moved."),
    "row_saved": Message("done", "Saved."),
    "row_hidden": Message("done", "Hidden. Players don't list it, and searches don't ask it."),
    "row_shown": Message("done", "Shown again."),
    "row_apart": Message("done", "Taken apart. Its rows stand by themselves again."),
    "rows_saved": Message("done", "Saved for all of them."),
    "rows_merged": Message("done", "They are one row now, which shows every title once."),
    "rows_disarranged": Message("done", "Rows stand in the order of your addons again."),
    "rows_same": Message("done", "Nothing was changed: the row is as it was."),
    "ratings_saved": Message("done", "Saved. Players are answered so from now on."),
    "playback_saved": Message("done", "Saved. Sources are listed so from now on."),
    "titles_same": Message("done", "They are one title now, for this profile."),
    "titles_apart": Message("done", "They are two titles now, for this profile."),
    "titles_undone": Message("done", "Forgotten: ids and names decide about them again."),
    "password_changed": Message("done", "Password changed. Every other sign-in has ended."),
    "account_gone": Message("done", "Your account is deleted, with everything that belonged to it."),
    "session_ended": Message("done", "Signed out there."),
    "sessions_ended": Message("done", "Signed out everywhere else."),
    "key_revoked": Message("done", "Revoked. The key opens nothing any more."),
    "profile_added": Message("done", "Added. Switch to it to give it its own sources."),
    "profile_deleted": Message("done", "Deleted."),
    "profile_selected": Message("done", "Switched. This is what this profile sees."),
    "account_created": Message("done", "Created. They can sign in now."),
    "account_changed": Message("done", "Saved. It counts from their next request on."),
    "account_disabled": Message(
        "done", "Disabled and signed out. Nothing is lost; enable it again at any time."
    ),
    "account_enabled": Message("done", "Enabled. They can sign in again."),
    "account_deleted": Message("done", "Deleted."),
    "invitation_withdrawn": Message("done", "Withdrawn. Its code makes no account any more."),
    "blocked": Message("done", "Blocked."),
    "unblocked": Message("done", "Let in again."),
    "allowed": Message("done", "On the allow-list: it is never blocked."),
    "disallowed": Message("done", "Taken off the allow-list."),
    "cleared": Message("done", "Cleared. What is asked for next is asked for anew."),
    "cleared_in_part": Message("warn", "Cleared where it could be. Some processes did not answer."),
    "import_started": Message("done", "The import has begun. Readers notice nothing of it."),
    "import_cancelled": Message("done", "Cancelled. Everything is as it was before."),
    "licence_withdrawn": Message("done", "Nothing is fetched any more. What is here stays."),
    "tmdb_key_saved": Message("done", "TMDB takes the key. Titles are completed from now on."),
    "tmdb_key_removed": Message("done", "Removed. TMDB is not asked any more."),
    "tmdb_works": Message("done", "TMDB takes the key."),
    "tmdb_checked": Message("warn", "Asked: the state says what TMDB does."),
    "connection_saved": Message("done", "Saved."),
    "connection_syncs": Message("done", "Trakt is being read."),
    "connection_cancelled": Message("done", "Cancelled. What had been taken over stays."),
    "connection_ended": Message("done", "Disconnected."),
    "stremio_connected": Message("done", "Connected. The password was not kept."),
    "outgoing_resent": Message("done", "It is sent again."),
    "outgoing_dropped": Message("done", "Given up. Here nothing has changed."),
    "import_dropped": Message("done", "Dropped. Nothing of it is kept."),
    "tmdb_saved": Message("done", "Saved. Titles are shown so from now on."),
    "account_added": Message("done", "Added. Its first sync has begun."),
    "account_added_later": Message("done", "Added. Start its first sync whenever it suits you."),
    "account_removed": Message("done", "Removed, with everything that was here of it."),
    "account_saved": Message("done", "Saved."),
    "account_works": Message("done", "It answers, and the account is good."),
    "account_checked": Message("warn", "Asked: the state says what the provider answers."),
    "sync_started": Message("done", "The sync has begun."),
    "sync_cancelled": Message("done", "Cancelled. What was here before is still here."),
    "sync_skipped": Message("done", "Nothing is fetched until you start it."),
    "sync_saved": Message("done", "Saved. The next sync keeps to it."),
    "sync_defaults": Message("done", "As it was at first."),
    "library_cleared": Message("done", "Cleared. A sync fetches everything again."),
    "library_tidied": Message("done", "Tidied."),
    "favoured": Message("done", "Among your favourites."),
    "unfavoured": Message("done", "No favourite any more."),
    "categories_hidden": Message("done", "Hidden: no player of this profile lists it."),
    "categories_shown": Message("done", "Shown again."),
    "matched": Message("done", "Settled. Later syncs keep to it."),
    "match_none": Message("done", "Settled: it is none of the known titles."),
    "match_undone": Message("done", "Forgotten. Headgate decides about it again."),
    "viewing_listed": Message("done", "On your watchlist."),
    "viewing_unlisted": Message("done", "Off your watchlist."),
    "viewing_watched": Message("done", "Marked as watched."),
    "viewing_unwatched": Message("done", "Marked as not watched."),
    "viewing_dismissed": Message("done", "Out of the way until you play it again."),
    "viewing_undone": Message("done", "Undone. It is as it was."),
    "viewing_saved": Message("done", "Saved. Players are answered so from now on."),
    "viewing_cleared": Message("done", "Cleared. Nothing is kept of what was watched."),
    "viewing_rebuilt": Message("done", "It is being made anew, which may take some minutes."),
    "viewing_optimised": Message("done", "The tables are in order."),
    "rotated": Message("done", "This is your new address. The old one no longer works anywhere."),
    "login_rotated": Message("done", "This is the new password for IPTV apps. The old one no longer works."),
}
"""What a redirect may say. The address carries only the key, so nobody can put words on our pages."""

STATE_WORDS = {"ok": "Answering", "slow": "Slow", "failing": "Failing", "unknown": "Not asked yet"}

RESOURCE_WORDS = {
    "catalog": "rows",
    "meta": "titles",
    "stream": "sources",
    "subtitles": "subtitles",
    "addon_catalog": "addon lists",
}

ROW_STATE_WORDS = {
    "shown": "",
    "choices_dropped": "Without its choices",
    "left_out": "Left out: no room",
    "hidden": "Hidden",
    "merged": "Part of another row",
    "empty": "None of its rows is there now",
}


def message(key: str | None) -> Message | None:
    return MESSAGES.get(key or "")


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that says it."""
    seconds = (now - moment).total_seconds()
    if seconds < 45:
        return "just now"
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= size:
            return f"{_count(round(seconds / size), name)} ago"
    return "a minute ago"


def ahead(moment: datetime, now: datetime) -> str:
    """How long until then, in the largest unit that says it."""
    seconds = (moment - now).total_seconds()
    if seconds <= 0:
        return "over"
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= size:
            return f"in {_count(round(seconds / size), name)}"
    return "in less than a minute"


def size(number: float) -> str:
    """Bytes, rounded for people."""
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def span(seconds: float) -> str:
    """How long, in the largest unit that says it."""
    for unit_s, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= unit_s:
            return _count(round(seconds / unit_s), name)
    return _count(max(0, round(seconds)), "second")


def clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"


def exact(moment: datetime) -> str:
    return f"{moment:%-d %B %Y, %H:%M} UTC"


def plural(number: int, one: str, many: str = "") -> str:
    return _count(number, one, many)


def duration(milliseconds: float) -> str:
    if milliseconds < 995:
        return f"{max(1, round(milliseconds))} ms"
    return f"{milliseconds / 1000:.1f} s"


def state_words(addon: AddonView) -> tuple[str, str]:
    """The state's short name, as styled, and what it says."""
    if not addon.enabled:
        return "off", "Switched off"
    if addon.health.state == "out":
        return "failing", "Resting"
    if addon.health.state == "poor" and addon.state.status != "failing":
        return "slow", "Unreliable"
    return addon.state.status, STATE_WORDS[addon.state.status]


def part_words(operation: str) -> str:
    """What an addon is asked for, by the name of its resource."""
    return RESOURCE_WORDS.get(operation, operation)


def resource_words(addon: AddonView) -> str:
    """What an addon gives, as a list in words."""
    words = [RESOURCE_WORDS[name] for name in addon.resources if name in RESOURCE_WORDS]
    if addon.catalogs and "rows" in words:
        words[words.index("rows")] = _count(addon.catalogs, "row")
    return ", ".join(dict.fromkeys(words)) or "nothing that Headgate can use"


def row_state_words(row: RowView) -> str:
    return ROW_STATE_WORDS[row.state]


def problem_words(problem: SourceProblem) -> str:
    detail = problem.detail.strip() or "did not answer"
    return f"{problem.addon_name}: {detail}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
