"""HTTP mechanism every service shares: the app, its endpoints, errors, JSON, identity and deadline."""

from libs.common.web.app import (
    CLOCK,
    EDGE,
    HEALTH,
    PEERS,
    PRESSURE,
    STATUS,
    add_endpoints,
    create_service_app,
)
from libs.common.web.endpoints import Access, Endpoint, Handler, check_access
from libs.common.web.json import json_response, read_body, read_json, read_query
from libs.common.web.listening import while_listening
from libs.common.web.middleware import Authenticate, identity_from_header
from libs.common.web.openapi import openapi_document
from libs.common.web.peer import TrustedPeers
from libs.common.web.pieces import send_pieces
from libs.common.web.problems import Problem, problem_response
from libs.common.web.request import deadline_of, hops_of, identity_of, request_id_of, set_identity

__all__ = [
    "CLOCK",
    "EDGE",
    "HEALTH",
    "PEERS",
    "PRESSURE",
    "STATUS",
    "Access",
    "Authenticate",
    "Endpoint",
    "Handler",
    "Problem",
    "TrustedPeers",
    "add_endpoints",
    "check_access",
    "create_service_app",
    "deadline_of",
    "hops_of",
    "identity_from_header",
    "identity_of",
    "json_response",
    "openapi_document",
    "problem_response",
    "read_body",
    "read_json",
    "read_query",
    "request_id_of",
    "send_pieces",
    "set_identity",
    "while_listening",
]
