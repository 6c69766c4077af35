"""The addresses of administration."""

from libs.common.web import Endpoint
from services.gateway.pages.admin import audit, blocks, caches, health, ratings, users
from services.gateway.pages.routing import admin, admin_part

BLOCKS = blocks.HERE
RATINGS = ratings.HERE
USERS = users.HERE


def admin_pages() -> list[Endpoint]:
    return [
        admin_part("GET", "/admin", health.show_admin, "Leads to the first page"),
        admin("GET", health.HERE, health.show_health, "How every part is doing"),
        admin_part("GET", f"{health.HERE}/parts", health.send_parts, "The same, as a fragment"),
        admin("GET", health.LIMITS, health.show_limits, "Limits and what they refused"),
        admin("GET", health.DIAGNOSTICS, health.show_diagnostics, "All of it as one file"),
        admin("GET", USERS, users.show_users, "Accounts and invitations"),
        admin("POST", USERS, users.send_account, "Create an account from the page"),
        admin("POST", f"{USERS}/invitations", users.send_invitation, "Invite from the page"),
        admin(
            "POST",
            f"{USERS}/invitations/{{invitation_id}}/withdraw",
            users.send_withdraw,
            "Withdraw an invitation",
        ),
        admin("POST", f"{USERS}/{{account_id}}/{{change}}", users.send_change, "Change an account"),
        admin("GET", BLOCKS, blocks.show_blocks, "Blocks and the allow-list"),
        admin("POST", BLOCKS, blocks.send_block, "Block from the page"),
        admin("POST", f"{BLOCKS}/again", blocks.send_block, "Undo letting in"),
        admin("POST", f"{BLOCKS}/allowed", blocks.send_allowed, "Put a network on the allow-list"),
        admin(
            "POST",
            f"{BLOCKS}/allowed/{{allowed_id}}/remove",
            blocks.send_disallowed,
            "Take a network off the allow-list",
        ),
        admin("POST", f"{BLOCKS}/{{block_id}}/revoke", blocks.send_revoke, "Let in again"),
        admin("GET", RATINGS, ratings.show_ratings, "IMDb's data sets"),
        admin_part("GET", f"{RATINGS}/parts", ratings.send_parts, "The latest import, as a fragment"),
        admin("POST", f"{RATINGS}/licence", ratings.send_agreement, "Accept IMDb's licence and import"),
        admin("POST", f"{RATINGS}/licence/withdraw", ratings.send_withdrawal, "Withdraw that"),
        admin("POST", f"{RATINGS}/import", ratings.send_import, "Import what has changed"),
        admin("POST", f"{RATINGS}/{{job_id}}/cancel", ratings.send_cancel, "Cancel an import"),
        admin("GET", caches.HERE, caches.show_caches, "Hit rates, what is asked for most, sizes"),
        admin("POST", f"{caches.HERE}/clear", caches.send_clearing, "Let go of what caches hold"),
        admin("GET", audit.HERE, audit.show_audit, "The audit log"),
    ]
