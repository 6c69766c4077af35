"""The owner of a hub that is measured, by blocking calls: no loop of ours runs beside the load."""

from __future__ import annotations

from typing import Any

from benchmarks.load import call, wait_for

USERNAME = "owner"
PASSWORD = "a password for benchmarks"


def sign_in(base: str) -> str:
    """Makes the owner account and gives its access token."""
    credentials = {"username": USERNAME, "password": PASSWORD}
    call("POST", f"{base}/api/v1/setup", credentials)
    answer: Any = call("POST", f"{base}/api/v1/auth/login", credentials)
    return str(answer["access_token"])


def install(base: str, token: str, addons: list[str]) -> str:
    """Puts `addons` in place of what is there; gives the base address of the merged addon."""
    here: Any = call("GET", f"{base}/api/v1/addons", token=token)
    for addon in here["items"]:
        call("DELETE", f"{base}/api/v1/addons/{addon['id']}", token=token)
    for url in addons:
        call("POST", f"{base}/api/v1/addons", {"url": url}, token)
    me: Any = call("GET", f"{base}/api/v1/me", token=token)
    return str(me["stremio_url"]).replace("stremio://", "http://").removesuffix("/manifest.json")


def import_ratings(base: str, token: str) -> None:
    """Accepts IMDb's licence and waits for the import that begins then."""
    call("PUT", f"{base}/api/v1/sync/imdb/licence", {"accepted": True}, token)

    def is_done() -> bool:
        answer: Any = call("GET", f"{base}/api/v1/sync/imdb", token=token)
        job = answer["job"]
        if job is not None and job["state"] == "failed":
            raise RuntimeError(job["error"])
        return job is not None and job["state"] == "succeeded"

    wait_for(is_done, "the import of ratings")


def first_row(stremio: str) -> str:
    """The address of the first row of the merged addon."""
    manifest: Any = call("GET", f"{stremio}/manifest.json")
    row = manifest["catalogs"][0]
    return f"{stremio}/catalog/{row['type']}/{row['id']}.json"
