"""The addresses of connections."""

from libs.common.web import Endpoint
from services.gateway.pages.connections import imports, index, outgoing, stremio, stremio_plans, trakt
from services.gateway.pages.routing import closed, part

TRAKT, STREMIO = trakt.HERE, stremio.HERE
IMPORT = f"{imports.HERE}/{{id}}"
PLAN = f"{stremio_plans.PLANS}/{{id}}"


def connection_pages() -> list[Endpoint]:
    return [
        closed("GET", index.HERE, index.show_connections, "Accounts elsewhere"),
        closed("GET", TRAKT, trakt.show_trakt, "The connection to Trakt"),
        closed("POST", TRAKT, trakt.send_start, "Begin to connect to Trakt from the page"),
        part("GET", f"{TRAKT}/state", trakt.send_state, "How the connection is doing, as a fragment"),
        closed("POST", f"{TRAKT}/choices", trakt.send_choices, "Settle what Trakt is told from the page"),
        closed("POST", f"{TRAKT}/sync", trakt.send_sync, "Read Trakt now from the page"),
        closed("POST", f"{TRAKT}/cancel", trakt.send_cancel, "Cancel reading Trakt from the page"),
        closed("POST", f"{TRAKT}/disconnect", trakt.send_disconnect, "Disconnect from Trakt from the page"),
        closed("GET", outgoing.HERE, outgoing.show_outgoing, "What is on its way to Trakt"),
        closed("POST", f"{outgoing.HERE}/resend", outgoing.send_resend, "Send to Trakt again from the page"),
        closed(
            "POST", f"{outgoing.HERE}/drop", outgoing.send_drop, "Give up what Trakt refused from the page"
        ),
        *_stremio_pages(),
        *_import_pages(),
    ]


def _stremio_pages() -> list[Endpoint]:
    return [
        closed("GET", STREMIO, stremio.show_stremio, "The Stremio account"),
        closed("POST", STREMIO, stremio.send_password, "Connect a Stremio account from the page"),
        closed("POST", f"{STREMIO}/link", stremio.send_code, "Begin to connect by a code from the page"),
        part("GET", f"{STREMIO}/state", stremio.send_state, "How the connection is doing, as a fragment"),
        closed("POST", f"{STREMIO}/choices", stremio.send_choices, "Settle what is read and written there"),
        closed("POST", f"{STREMIO}/disconnect", stremio.send_disconnect, "Disconnect a Stremio account"),
        closed("POST", stremio_plans.PLANS, stremio_plans.send_plan, "See what a change would do"),
        closed("GET", PLAN, stremio_plans.show_plan, "A change to the addons at Stremio"),
        part("GET", f"{PLAN}/state", stremio_plans.send_plan_state, "How far it is, as a fragment"),
        closed("POST", f"{PLAN}/apply", stremio_plans.send_apply, "Make the change from the page"),
        closed("GET", stremio_plans.BACKUPS, stremio_plans.show_backups, "The list as it was before changes"),
    ]


def _import_pages() -> list[Endpoint]:
    return [
        closed("GET", imports.HERE, imports.show_imports, "Files of what was watched elsewhere"),
        closed("POST", imports.HERE, imports.send_file, "See what a file says from the page"),
        closed("GET", IMPORT, imports.show_import, "What a file says, and what became of it"),
        part("GET", f"{IMPORT}/state", imports.send_state, "How far it is, as a fragment"),
        closed("POST", f"{IMPORT}/apply", imports.send_apply, "Apply a file from the page"),
        closed("POST", f"{IMPORT}/undo", imports.send_undo, "Take a file back from the page"),
        closed("POST", f"{IMPORT}/drop", imports.send_drop, "Forget a file from the page"),
    ]
