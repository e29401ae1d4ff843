"""Users, keys, the audit trail, the door."""

from dataclasses import replace
from typing import Any

from gateway.pages import accounts, audit, keys, signing_in
from gateway.pages.asking import Found
from gateway.pages.forms import Form
from gateway.pages.history import History
from gateway.pages.links import Empty
from gateway.pages.lists import Choice, Column, DateRange, Listing, Text
from services.kernel.identity import Role
from tests.web.samples import Sample
from tests.web.samples.components import UNAVAILABLE
from tests.web.samples.onlookers import onlooker
from tests.web.samples.procurement import AT, past, query

USER: dict[str, Any] = {
    "id": "0190aaaa-0000-7000-8000-000000000301",
    "login": "li.hang",
    "name": "李航",
    "email": None,
    "roles": ["supplier_user"],
    "supplier": {"number": "GYS-2026-000001", "short_name": "上海云启"},
    "state": "active",
    "has_password": False,
    "locked_until": None,
    "version": 2,
    "created_at": AT,
    "updated_at": AT,
    "actions": ["edit", "new-link", "deactivate"],
}
KEY: dict[str, Any] = {
    "id": "0190aaaa-0000-7000-8000-000000000401",
    "key_id": "a1b2c3d4e5f6",
    "name": "工单系统",
    "state": "active",
    "scopes": ["sla:intake", "sla:read"],
    "created_by": "wang.min",
    "created_at": AT,
    "revoked_at": None,
    "version": 1,
    "actions": ["revoke"],
}
GONE = KEY | {"id": "0190aaaa-0000-7000-8000-000000000402", "state": "revoked", "revoked_at": AT, "actions": []}
ENTRY: dict[str, Any] = {
    "id": 7,
    "at": AT,
    "actor": "wang.min",
    "action": "contract.edit",
    "service": "contracts",
    "table": "contract",
    "record": "0190aaaa-0000-7000-8000-000000000201",
    "before": {"title": "旧", "version": 1, "grams": ["旧"]},
    "after": {"title": "新" * 400, "version": 2, "grams": ["新"]},
    "request_id": "7f2c41d0aa31",
    "client": "127.0.0.1",
}


def _trail() -> Listing:
    rows = [
        ENTRY,
        ENTRY | {"before": None, "action": "x.y", "client": ""},
        ENTRY | {"after": None, "request_id": ""},
        ENTRY | {"before": {"grams": []}, "after": {"grams": [1]}},
    ]
    told = [row | {"differences": audit.differences(row), "words": audit.action_words(row["action"])} for row in rows]
    columns = [
        Column(key=key, title=key, kind="when" if key == "at" else "text")
        for key in ("at", "actor", "action", "record", "changes", "request")
    ]
    return Listing(
        title="审计",
        query=query("/audit", "service=contracts"),
        columns=columns,
        rows=told,
        empty=Empty(title="—"),
        filters=(
            Choice(name="service", title="服务", options=[("sla", "sla")]),
            DateRange(name="at", title="时间"),
            Text(name="actor", title="登录名"),
        ),
    )


def _key_list() -> Listing:
    columns = [Column(key=key, title=key or "") for key in ("name", "scopes", "state", "created_at", "act")]
    rows = [KEY, KEY | {"id": "0190aaaa-0000-7000-8000-000000000403"}, GONE]
    return Listing(title="API 密钥", query=query("/keys", ""), columns=columns, rows=rows, empty=Empty(title="—"))


def samples() -> list[Sample]:
    """All of them."""
    administrator = onlooker(Role.ADMINISTRATOR, path="/users")
    users = accounts._listing(query("/users", ""), Found([USER, USER | {"login": "b", "supplier": None, "state": "x"}]))
    here = {"nav": "users", "here": "/users"}
    plain = Form(url="/users/new", fields=(), submit="建立账号")
    record = accounts._record(administrator, USER, past())
    door = {"nav": "", "here": "/login"}
    welcome = signing_in._welcome_form("secret")
    return [
        Sample("users", "accounts/users.html", here | {"listing": users}),
        Sample("user", "accounts/user.html", here | {"record": record, "user": USER}),
        Sample(
            "user-refused",
            "accounts/user.html",
            here
            | {
                "record": replace(accounts._record(administrator, USER, History(None)), problem=UNAVAILABLE),
                "user": USER,
            },
        ),
        Sample("user-form", "accounts/form.html", here | {"form": plain, "user": None}),
        Sample("user-edit", "accounts/form.html", here | {"form": plain, "user": USER}),
        Sample("user-link", "accounts/link.html", here | {"user": USER, "link": "https://heyue.example/welcome/4f"}),
        Sample(
            "keys",
            "accounts/keys.html",
            here
            | {
                "listing": _key_list(),
                "makers": {"wang.min": "王敏"},
                "problem": UNAVAILABLE,
                "asking": KEY["id"],
            },
        ),
        Sample("key-form", "accounts/key_form.html", here | {"form": keys._form()}),
        Sample("key", "accounts/key.html", here | {"key": KEY | {"key": "hy_a1b2c3d4e5f6_" + "0f" * 24}}),
        Sample(
            "audit",
            "audit/list.html",
            {
                "nav": "audit",
                "here": "/audit",
                "listing": _trail(),
                "people": {"wang.min": "王敏"},
            },
        ),
        Sample("door", "signing_in/sign_in.html", door | {"form": signing_in._sign_in_form({"next": "/"})}),
        Sample("welcome", "signing_in/welcome.html", door | {"form": welcome, "login": "li.hang"}),
        Sample(
            "profile",
            "signing_in/profile.html",
            {
                "nav": "",
                "here": "/profile",
                "person": {"name": "wang.min"},
                "form": plain,
                "password_form": signing_in._password_form(),
            },
        ),
    ]
