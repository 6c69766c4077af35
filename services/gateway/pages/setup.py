"""What the application needs before it can show pages: templates, files, errors as pages."""

from functools import cache
from pathlib import Path
from typing import Final

import aiohttp_jinja2
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.gateway.pages import account_words, words
from services.gateway.pages.admin.summary import load_tone
from services.gateway.pages.admin.words import limit_words, rule_words, scenario_words, upstream_words
from services.gateway.pages.failures import lost_people
from services.gateway.pages.library import runs
from services.gateway.pages.library import words as library_words
from services.gateway.pages.static import ASSETS, Assets

TEMPLATES: Final = Path(__file__).parent.parent / "templates"


def setup_pages(app: web.Application) -> None:
    """Called once by the gateway's `create_app`, after the service app has been made."""
    app[aiohttp_jinja2.APP_KEY] = _environment()
    app[ASSETS] = _assets()
    app.middlewares.append(lost_people)


@cache
def _assets() -> Assets:
    return Assets.read()


@cache
def _environment() -> Environment:
    """One for the process, however many gateways it has: templates are slow to compile."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(
        ago=words.ago,
        ahead=words.ahead,
        exact=words.exact,
        duration=words.duration,
        state_words=words.state_words,
        resource_words=words.resource_words,
        part_words=words.part_words,
        row_state_words=words.row_state_words,
        plural=words.plural,
        role_words=account_words.role_words,
        tier_words=account_words.tier_words,
        scope_words=account_words.scope_words,
        audit_words=account_words.audit_words,
        subject_words=account_words.subject_words,
        client_words=account_words.client_words,
        clock=words.clock,
        span=words.span,
        load_tone=load_tone,
        limit_words=limit_words,
        rule_words=rule_words,
        scenario_words=scenario_words,
        upstream_words=upstream_words,
        share=words.share,
        size=words.size,
        count_words=library_words.count_words,
        is_ending=library_words.is_ending,
        minutes=library_words.minutes,
        provider_words=library_words.status_words,
        provider_kind_words=library_words.provider_kind_words,
        totals_words=library_words.totals_words,
        remark_words=runs.remark_words,
    )
    return environment
