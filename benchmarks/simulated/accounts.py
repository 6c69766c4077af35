"""Signs in once for all simulated users of an account."""

from __future__ import annotations

from typing import Any

import requests

WITHIN_S = 30


class Refused(Exception):
    """There is nobody to play; the message says why, or what to set."""


def sign_in(url: str, username: str, password: str) -> tuple[str, str]:
    """The account's access token and the address of its addon."""
    try:
        tokens = _json(
            requests.post(
                f"{url}/api/v1/auth/login",
                json={"username": username, "password": password},
                timeout=WITHIN_S,
            )
        )
        token: str = tokens["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        me = _json(requests.get(f"{url}/api/v1/me", headers=headers, timeout=WITHIN_S))
    except requests.RequestException as error:
        raise Refused(f"{url} doesn't answer: {type(error).__name__}.") from error
    return token, me["stremio_url"]


def _json(answer: requests.Response) -> Any:
    if answer.status_code != 200:
        raise Refused(f"Signing in was refused with status {answer.status_code}.")
    return answer.json()
