"""What an answer tells gateways to forget."""

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from libs.common.contracts.auth import FORGET_HEADER
from services.auth.routes.domain import forget, tell_gateways


async def test_an_answer_names_every_account_that_changed_once() -> None:
    request, answer = make_mocked_request("POST", "/"), web.Response()
    for account_id in ("acc_a", "acc_b", "", "acc_a"):
        forget(request, account_id)
    await tell_gateways(request, answer)
    assert answer.headers[FORGET_HEADER] == "acc_a,acc_b"


async def test_an_answer_after_no_change_names_nobody() -> None:
    request, answer = make_mocked_request("POST", "/"), web.Response()
    forget(request, "")
    await tell_gateways(request, answer)
    assert FORGET_HEADER not in answer.headers
