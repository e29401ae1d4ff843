"""Who asks: the gateway's token, and what it takes to forge one."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OKPKey

from services.kernel.identity import LEEWAY_SECONDS, TOKEN_SECONDS, Actor, Kind, Role, TokenSigner, TokenVerifier
from services.kernel.permissions import ANY_KEY, Grant, Permissions
from services.kernel.refusals import Forbidden, Unauthenticated
from tests.factories import ok
from tests.house import House

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
OWN, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def _private(key: Ed25519PrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)


def _public(key: Ed25519PrivateKey) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form)


SIGNER, VERIFIER = TokenSigner(_private(OWN)), TokenVerifier(_public(OWN))
PERSON = Actor(
    id=UUID("0190aaaa-0000-7000-8000-00000000000a"), name="王敏", kind=Kind.PERSON,
    roles=frozenset({Role.LEGAL, Role.AUDITOR}), client="10.1.2.3",
)  # fmt: skip
KEY = Actor(
    id=UUID("0190aaaa-0000-7000-8000-00000000000b"), name="ERP", kind=Kind.KEY,
    scopes=frozenset({"sla:intake"}), sources=frozenset({"itsm"}),
)  # fmt: skip
GUEST = Actor(
    id=UUID("0190aaaa-0000-7000-8000-00000000000c"), name="vendor", kind=Kind.PERSON,
    roles=frozenset({Role.SUPPLIER_USER}), supplier_id=UUID(int=7), supplier_number="GYS-2026-000007",
)  # fmt: skip


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


def _part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("who", [PERSON, KEY, GUEST], ids=lambda who: who.kind)
def test_what_the_gateway_says_arrives_whole(who: Actor) -> None:
    token = SIGNER.sign(who, NOW)
    assert VERIFIER.verify(token, NOW, "request-1") == replace(who, request_id="request-1", token=token)


def test_a_token_holds_for_a_minute_and_a_little() -> None:
    token = SIGNER.sign(PERSON, NOW)
    last = NOW + timedelta(seconds=TOKEN_SECONDS + LEEWAY_SECONDS)
    assert VERIFIER.verify(token, last).name == "王敏"
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(token, last + timedelta(seconds=1))


def test_a_token_of_another_key_is_nobody_s() -> None:
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(TokenSigner(_private(OTHER)).sign(PERSON, NOW), NOW)


def test_a_token_without_a_signature_is_nobody_s() -> None:
    """`alg: none`, with the claims of a real one."""
    claims = _part(_claims(SIGNER.sign(PERSON, NOW)))
    for algorithm in ("none", "None", "NONE"):
        for ending in ("", "x"):
            with pytest.raises(Unauthenticated):
                VERIFIER.verify(f"{_part({'alg': algorithm})}.{claims}.{ending}", NOW)


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    """The oldest trick: HS256 with the public key as the secret."""
    claims = _part(_claims(SIGNER.sign(PERSON, NOW)))
    head = _part({"alg": "HS256"})
    signature = hmac.new(_public(OWN), f"{head}.{claims}".encode(), hashlib.sha256).digest()
    forged = base64.urlsafe_b64encode(signature).decode().rstrip("=")
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(f"{head}.{claims}.{forged}", NOW)


@given(place=st.integers(min_value=0), letter=st.sampled_from("ABab01_-"))
def test_a_token_with_one_letter_changed_is_nobody_s(place: int, letter: str) -> None:
    token = SIGNER.sign(PERSON, NOW)
    at = place % (len(token) - 1)  # the last letter of a signature carries bits that say nothing
    changed = token[:at] + letter + token[at + 1 :]
    if changed == token:
        return
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(changed, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "somebody"}, {"exp": None}, {"exp": "soon"}, {"roles": ["emperor"]}, {"roles": None}, {"sub": "me"},
        {"kind": "god"}, {"supplier": "x"}, {"supplier": 7}, {"scopes": 5},
    ],
    ids=str,
)  # fmt: skip
def test_claims_that_the_gateway_does_not_write_are_refused_though_signed(change: dict[str, Any]) -> None:
    claims = _claims(SIGNER.sign(PERSON, NOW)) | change
    token = jwt.encode({"alg": "Ed25519"}, claims, OKPKey.import_key(_private(OWN)), algorithms=["Ed25519"])
    with pytest.raises(Unauthenticated):
        VERIFIER.verify(token, NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"Authorization": ""}, {"Authorization": "Bearer"},
        {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer hy_1_2"},
        {"Authorization": f"Bearer {SIGNER.sign(PERSON, NOW)}"},
    ],
    ids=("none", "empty", "no token", "no jwt", "basic", "a key", "expired"),
)  # fmt: skip
async def test_over_http_nobody_is_401_before_anything_is_read(house: House, headers: dict[str, str]) -> None:
    async with house.anonymous("suppliers") as client:
        answer = await client.post("/api/suppliers/v1/suppliers", content=b"{broken", headers=headers)
    assert ok(answer, 401)["type"] == "/problems/unauthenticated"
    assert answer.headers["www-authenticate"].startswith("Bearer")


TABLE = Permissions(
    "suppliers",
    {
        "read": Grant({Role.LEGAL, Role.SUPPLIER_USER}, "suppliers:read"),
        "write": Grant({Role.ADMINISTRATOR}, "suppliers:write"),
        "ask": Grant({Role.LEGAL}, ANY_KEY),
    },
)


def test_a_person_may_by_role_and_a_key_by_scope() -> None:
    reading = replace(KEY, scopes=frozenset({"suppliers:read"}))
    assert TABLE.allows(PERSON, "read")
    assert not TABLE.allows(PERSON, "write")
    assert TABLE.allows(reading, "read")
    assert not TABLE.allows(reading, "write")
    assert TABLE.allows(KEY, "ask")
    assert not TABLE.allows(GUEST, "ask")


def test_a_person_with_a_scope_and_a_key_with_a_role_gain_nothing() -> None:
    assert not TABLE.allows(replace(PERSON, scopes=frozenset({"suppliers:write"})), "write")
    assert not TABLE.allows(replace(KEY, roles=frozenset({Role.ADMINISTRATOR})), "write")


def test_a_key_is_told_the_scope_that_it_lacks_and_a_person_is_not() -> None:
    with pytest.raises(Forbidden) as refused:
        TABLE.require(KEY, "write")
    assert 'scope="suppliers:write"' in refused.value.headers["WWW-Authenticate"]
    with pytest.raises(Forbidden) as refused:
        TABLE.require(PERSON, "write")
    assert "scope=" not in refused.value.headers["WWW-Authenticate"].replace("insufficient_scope", "")
