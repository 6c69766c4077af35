"""The addresses of settings."""

from libs.common.web import Endpoint
from services.gateway.pages.routing import closed, part
from services.gateway.pages.settings import (
    account,
    export,
    kept,
    moves,
    playback,
    profiles,
    ratings,
    rows,
    said,
    tmdb,
    viewing,
)

ACCOUNT = account.HERE
KEPT = kept.HERE
MOVE = f"{moves.HERE}/{{id}}"
PLAYBACK = playback.HERE
PROFILES = profiles.HERE
RATINGS = ratings.HERE
ROWS = rows.HERE
SAID = said.HERE
TMDB = tmdb.HERE
VIEWING = viewing.HERE


def settings_pages() -> list[Endpoint]:
    return [
        part("GET", "/settings", account.show_settings, "Leads to the account"),
        closed("GET", ACCOUNT, account.show_account, "One's account"),
        closed("POST", f"{ACCOUNT}/password", account.send_password, "Change the password from the page"),
        closed("POST", f"{ACCOUNT}/delete", account.send_deletion, "Delete one's account from the page"),
        closed("POST", f"{ACCOUNT}/export", export.send_export, "Take everything along from the page"),
        closed("POST", moves.HERE, moves.send_file, "See what a file of another hub says from the page"),
        closed("GET", MOVE, moves.show_move, "What would come of a file of another hub, and what did"),
        part("GET", f"{MOVE}/state", moves.send_state, "How far it is, as a fragment"),
        closed("POST", f"{MOVE}/apply", moves.send_apply, "Apply a file of another hub from the page"),
        closed("POST", f"{MOVE}/drop", moves.send_drop, "Forget a file of another hub from the page"),
        closed("POST", f"{ACCOUNT}/keys", account.send_key, "Make an API key from the page"),
        part("POST", f"{ACCOUNT}/keys/{{key_id}}/revoke", account.send_revoke, "Revoke a key"),
        part("POST", f"{ACCOUNT}/sessions/others", account.send_others_end, "Sign out all others"),
        part("POST", f"{ACCOUNT}/sessions/{{session_id}}/end", account.send_session_end, "Sign out one"),
        closed("GET", f"{ACCOUNT}/audit", account.show_audit, "What happened to the account"),
        closed("GET", KEPT, kept.show_kept, "How much is kept of what was watched"),
        closed("POST", f"{KEPT}/clear", kept.send_clear, "Forget what was watched from the page"),
        closed("POST", f"{KEPT}/rebuild", kept.send_rebuild, "Apply anew what sources told from the page"),
        closed("POST", f"{KEPT}/optimise", kept.send_optimise, "Put tables in order from the page"),
        closed("GET", PLAYBACK, playback.show_playback, "Which sources come first"),
        closed("POST", PLAYBACK, playback.send_playback, "Choose which sources come first from the page"),
        closed("GET", PROFILES, profiles.show_profiles, "Profiles"),
        closed("POST", PROFILES, profiles.send_profile, "Add a profile from the page"),
        closed("POST", f"{PROFILES}/{{profile_id}}/rename", profiles.send_rename, "Rename a profile"),
        closed("POST", f"{PROFILES}/{{profile_id}}/delete", profiles.send_delete, "Delete a profile"),
        closed("POST", f"{PROFILES}/{{profile_id}}/select", profiles.send_select, "Go on as a profile"),
        closed("GET", RATINGS, ratings.show_ratings, "How ratings are shown"),
        closed("POST", RATINGS, ratings.send_ratings, "Choose how ratings are shown from the page"),
        closed("GET", ROWS, rows.show_rows, "Rows"),
        closed("GET", SAID, said.show_said, "What was said about titles"),
        closed("POST", f"{SAID}/undo", said.send_undo, "Take back what was said about a title"),
        part("POST", f"{ROWS}/order-of-addons", rows.send_order_of_addons, "Put all rows back in order"),
        closed("POST", f"{ROWS}/chosen/{{change}}", rows.send_chosen, "Change several rows from the page"),
        closed("POST", f"{ROWS}/{{kind}}/{{type}}/{{row_id}}/{{change}}", rows.send_change, "Change a row"),
        closed("GET", VIEWING, viewing.show_viewing, "What rows show of what was watched"),
        closed("POST", VIEWING, viewing.send_viewing, "Choose what rows show of it from the page"),
        closed("POST", f"{VIEWING}/rows", viewing.send_rows, "Have what one watches as rows of players"),
        closed("GET", TMDB, tmdb.show_tmdb, "What TMDB fills in"),
        closed("POST", TMDB, tmdb.send_choice, "Choose language and pictures from the page"),
        closed("POST", f"{TMDB}/key", tmdb.send_key, "Save a key of TMDB from the page"),
        closed("POST", f"{TMDB}/key/remove", tmdb.send_removal, "Remove the key of TMDB"),
        closed("POST", f"{TMDB}/check", tmdb.send_check, "Ask TMDB about the key"),
    ]
