"""The addresses of the library."""

from libs.common.web import Endpoint
from services.gateway.pages.library import account, accounts, cards, categories, find, item, lists, matching
from services.gateway.pages.routing import admin, closed, part

ACCOUNTS = accounts.HERE
CATEGORIES = categories.HERE
LIBRARY = cards.HERE
MATCHING = matching.HERE
ONE = f"{ACCOUNTS}/{{provider_id}}"


def library_pages() -> list[Endpoint]:
    return [
        part("GET", LIBRARY, lists.show_library, "Leads to what the library has"),
        closed("GET", find.HERE, find.show_search, "Search of the library"),
        part("GET", f"{find.HERE}/found", find.send_found, "What it finds, as a fragment"),
        closed("GET", MATCHING, matching.show_matching, "Which titles films and series are"),
        closed(
            "POST", f"{MATCHING}/{{item_id}}/{{change}}", matching.send_choice, "Settle which title it is"
        ),
        part("GET", CATEGORIES, categories.show_first, "Leads to the first kind of categories"),
        closed("GET", f"{CATEGORIES}/{lists.KINDS}", categories.show_categories, "Hidden categories"),
        closed("POST", f"{CATEGORIES}/{lists.KINDS}/{{change}}", categories.send_categories, "Hide or show"),
        closed("POST", f"{LIBRARY}/favourites/{{item_id}}/{{change}}", lists.send_favourite, "Favour or not"),
        closed("GET", f"{LIBRARY}/{lists.KINDS}", lists.show_list, "A list of the library"),
        closed("GET", f"{LIBRARY}/channels/{{item_id}}", item.show_channel, "One channel"),
        closed("GET", f"{LIBRARY}/movies/{{item_id}}", item.show_movie, "One film"),
        closed("GET", f"{LIBRARY}/series/{{item_id}}", item.show_series, "One series"),
        closed("GET", ACCOUNTS, accounts.show_accounts, "Accounts at providers"),
        part("GET", f"{ACCOUNTS}/parts", accounts.send_parts, "Their list, as a fragment"),
        closed("POST", f"{ACCOUNTS}/xtream", accounts.send_xtream, "Add an Xtream account from the page"),
        closed("POST", f"{ACCOUNTS}/m3u", accounts.send_m3u, "Add an M3U list from the page"),
        admin("POST", f"{ACCOUNTS}/vacuum", accounts.send_vacuum, "Tidy the database"),
        closed("GET", ONE, account.show_account, "One account at a provider"),
        part("GET", f"{ONE}/parts", account.send_parts, "Its syncs, as a fragment"),
        closed("POST", f"{ONE}/{{change}}", account.send_change, "Change it from the page"),
    ]
