from __future__ import annotations

import json
from typing import Any

from libs.common.errors import PROBLEM_TYPES, HeadgateError, RateLimited
from libs.common.web import problem_response


class Registered(RateLimited):
    type_uri = f"{PROBLEM_TYPES}#quota-exceeded"


def problem(error: HeadgateError) -> Any:
    body = problem_response(error, "r1").body
    assert isinstance(body, bytes)
    return json.loads(body)


def test_a_registered_type_takes_the_place_of_our_own() -> None:
    assert problem(Registered())["type"] == Registered.type_uri
    assert problem(RateLimited())["type"] == "urn:headgate:problem:rate_limited"


def test_extra_members_stand_beside_the_usual_ones_and_replace_none() -> None:
    error = Registered("Slow down.", extra={"violated-policies": ["burst"], "status": 200})
    found = problem(error)
    assert found["violated-policies"] == ["burst"]
    assert (found["status"], found["code"], found["detail"]) == (429, "rate_limited", "Slow down.")
