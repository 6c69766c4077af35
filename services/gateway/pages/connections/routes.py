"""The addresses of connections."""

from libs.common.web import Endpoint
from services.gateway.pages.connections import index, outgoing, trakt
from services.gateway.pages.routing import closed, part

TRAKT = trakt.HERE


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
    ]
