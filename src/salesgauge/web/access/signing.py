"""Sign-in by the company's provider: authorization code with PKCE, state and nonce; nothing unsigned is believed."""

from __future__ import annotations

import importlib
import secrets
import warnings
from contextlib import suppress
from functools import cache
from typing import Any

from authlib.common.errors import AuthlibBaseError
from fastapi import APIRouter, Request
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool

from salesgauge.state import Refusal
from salesgauge.state.identities import Claims
from salesgauge.web.access.entering import entered, sign_in_page
from salesgauge.web.access.guard import comer, guard_of
from salesgauge.web.access.provider import Provider
from salesgauge.web.pages.preferences import local_path

router = APIRouter(prefix="/sign-in/provider")
COOKIE, PATH = "signing", "/sign-in/provider"
_SECONDS = 600                                # to sign in at the provider and come back
_FAULTS: tuple[type[Exception], ...] = (AuthlibBaseError, JoseError, BadSignature, KeyError, RuntimeError, ValueError)
for _name in ("httpx", "httpx2"):             # Authlib takes either
    with suppress(ImportError):
        _FAULTS += (importlib.import_module(_name).HTTPError,)
_SIGNER = URLSafeTimedSerializer(secrets.token_bytes(32), salt=COOKIE)  # who is on the way when the server ends begins again


@cache
def client_of(provider: Provider) -> Any:
    """Authlib's client of a provider; it learns the provider's addresses and keys when it is first used."""
    from authlib.deprecate import AuthlibDeprecationWarning
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AuthlibDeprecationWarning)  # Authlib will want httpx2 one day; it works with httpx as well
        from authlib.integrations.starlette_client import OAuth
    return OAuth().register(
        "provider", server_metadata_url=f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration", client_id=provider.client_id,
        client_secret=provider.secret, client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"})


def _provider(request: Request) -> Provider:
    provider = request.app.state.provider
    if not isinstance(provider, Provider):
        raise Refusal("provider")
    return provider


@router.get("")
async def leave(request: Request, next: str = "/") -> Response:
    """Sends the browser to the provider; what must match on its return goes along in a signed cookie."""
    provider = _provider(request)
    request.scope["session"] = {}
    try:
        answer: Response = await client_of(provider).authorize_redirect(request, str(request.url_for("come_back")))
    except _FAULTS as problem:
        return await run_in_threadpool(sign_in_page, request, next, "", _unsound(problem))
    kept = _SIGNER.dumps({"session": request.scope["session"], "next": local_path(next)})
    answer.set_cookie(COOKIE, kept, max_age=_SECONDS, path=PATH, secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


@router.get("/back")
async def come_back(request: Request) -> Response:
    """Takes who comes back from the provider, where everything matches, and signs them in."""
    provider, path = _provider(request), "/"
    answer: Response
    try:
        kept = _SIGNER.loads(request.cookies.get(COOKIE, ""), max_age=_SECONDS)
        path, request.scope["session"] = local_path(kept["next"]), kept["session"]
        claims = await _claims(request, provider)
        come = await run_in_threadpool(guard_of(request).state.entrance.by_identity, claims, comer(request))
    except Refusal as refusal:
        answer = await run_in_threadpool(sign_in_page, request, path, "", refusal)
    except _FAULTS as problem:
        answer = await run_in_threadpool(sign_in_page, request, path, "", _unsound(problem))
    else:
        answer = await run_in_threadpool(entered, request, come, path)
    answer.delete_cookie(COOKIE, path=PATH, secure=request.url.scheme == "https", httponly=True, samesite="lax")
    return answer


async def _claims(request: Request, provider: Provider) -> Claims:
    """Who it is: from the identity token, whose signature, issuer, audience, nonce and times are checked; e-mail and name may come from
    the provider's userinfo, where that is about the same subject."""
    client = client_of(provider)
    expected = {"iss": provider.issuer, "aud": provider.client_id}
    token = await client.authorize_access_token(
        request, claims_options={name: {"essential": True, "value": value} for name, value in expected.items()})
    said: dict[str, Any] = dict(token["userinfo"])  # Authlib's name for the checked identity token
    if "email" not in said:
        more = await client.userinfo(token=token)
        if more.get("sub") != said["sub"]:
            raise ValueError("userinfo is about somebody else")
        said = {**more, **said}
    email, name = said.get("email"), said.get("name")
    return Claims(provider.issuer, str(said["sub"]), email if isinstance(email, str) else None, said.get("email_verified") is True,
                  name if isinstance(name, str) else None)


def _unsound(problem: Exception) -> Refusal:
    return Refusal("provider")
