"""People and keys at the door."""

import asyncio
from datetime import UTC, datetime

import asyncpg
from sqlalchemy import text

from gateway.accounts import service
from services.kernel.identity import system
from tests.factories import Make, ok, seen, supplier_body
from tests.gateway.conftest import PASSWORD, Doors
from tests.house import House

SUPPLIERS = "/api/suppliers/v1/suppliers"
OWN = {"Sec-Fetch-Site": "same-origin"}


async def test_a_script_signs_in_and_reads_the_api_with_its_cookie(doors: Doors) -> None:
    async with await doors.person("auditor") as auditor:
        assert "items" in ok(await auditor.get(SUPPLIERS))
        assert (await auditor.get("/")).status_code == 200


async def test_a_wrong_password_and_an_unknown_login_are_answered_alike(doors: Doors) -> None:
    login = await doors.account("auditor")
    async with doors.visitor() as visitor:
        wrong = await visitor.post("/login", data={"login": login, "password": "wrong password!"})
        unknown = await visitor.post("/login", data={"login": "nobody.here", "password": "wrong password!"})
        assert (wrong.status_code, unknown.status_code) == (401, 401)
        assert not visitor.cookies


async def test_five_failures_lock_the_account_even_for_the_right_password(doors: Doors) -> None:
    login = await doors.account("auditor")
    async with doors.visitor() as visitor:
        for _attempt in range(5):
            await visitor.post("/login", data={"login": login, "password": "wrong password!"})
        locked = await visitor.post("/login", data={"login": login, "password": PASSWORD})
        assert locked.status_code == 401


async def test_a_page_leads_to_the_sign_in_and_back(doors: Doors) -> None:
    async with doors.visitor() as visitor:
        answer = await visitor.get("/profile")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fprofile")
        outside = await visitor.get("/login", params={"next": "//evil.example"})
        assert 'value="//evil.example"' not in outside.text


async def test_a_deactivation_is_felt_at_once(doors: Doors) -> None:
    login = await doors.account("finance")
    async with doors.visitor() as person, await doors.person("administrator") as administrator:
        await person.post("/login", data={"login": login, "password": PASSWORD})
        assert (await person.get(SUPPLIERS)).status_code == 200
        record = ok(await administrator.get(f"/api/gateway/v1/users/{login}"))
        ok(await administrator.post(f"/api/gateway/v1/users/{login}/deactivate", json={}, headers=seen(record)))
        assert (await person.get(SUPPLIERS)).status_code == 401
        again = await person.post("/login", data={"login": login, "password": PASSWORD})
        assert again.status_code == 401


async def test_an_administrator_lets_somebody_in_by_a_link_that_works_once(doors: Doors) -> None:
    async with await doors.person("administrator") as administrator, doors.visitor() as person:
        body = {"login": "new.person", "name": "新人", "roles": ["legal"]}
        link = ok(await administrator.post("/api/gateway/v1/users", json=body), 201)["link"]
        short = await person.post(link, data={"password": "short"})
        assert short.status_code == 422
        first = await person.post(link, data={"password": "a long enough sentence"})
        assert (first.status_code, first.headers["location"]) == (303, "/")
        assert (await person.get(SUPPLIERS)).status_code == 200
        assert (await person.get(link)).status_code == 404


async def test_only_an_administrator_looks_after_people(doors: Doors) -> None:
    async with await doors.person("service_manager") as manager, await doors.key() as key:
        assert (await manager.get("/api/gateway/v1/users")).status_code == 403
        assert (await key.get("/api/gateway/v1/users")).status_code == 403


async def test_another_site_cannot_make_a_browser_write(doors: Doors) -> None:
    async with await doors.person("procurement_officer") as officer:
        foreign = await officer.post(SUPPLIERS, json=supplier_body(), headers={"Sec-Fetch-Site": "cross-site"})
        origin = await officer.post(SUPPLIERS, json=supplier_body(), headers={"Origin": "https://evil.example"})
        own = await officer.post(SUPPLIERS, json=supplier_body(), headers={"Sec-Fetch-Site": "same-origin"})
        script = await officer.post(SUPPLIERS, json=supplier_body())
        assert [a.status_code for a in (foreign, origin, own, script)] == [403, 403, 201, 201]


async def test_a_form_without_the_sessions_token_is_refused_where_the_browser_says_nothing(doors: Doors) -> None:
    async with await doors.person("auditor") as auditor:
        assert (await auditor.post("/profile", data={"theme": "dark"})).status_code == 403
        same = await auditor.post("/profile", data={"theme": "dark"}, headers={"Sec-Fetch-Site": "same-origin"})
        assert same.status_code == 303
        assert 'data-theme="dark"' in (await auditor.get("/profile")).text


async def test_a_suppliers_user_looks_after_its_own_account(doors: Doors) -> None:
    firm = await Make(doors.house).supplier("approved")
    async with await doors.person("supplier_user", firm) as person:
        own = {"Sec-Fetch-Site": "same-origin"}
        assert (await person.post("/preferences", data={"language": "en"}, headers=own)).status_code == 303
        assert 'lang="en"' in (await person.get("/profile")).text
        given = {"present": PASSWORD, "password": "another long sentence"}
        changed = await person.post("/profile/password", data=given, headers=own)
        assert changed.status_code == 303, changed.text
        assert (await person.post("/logout", headers=own)).headers["location"] == "/login"


async def test_a_key_reads_what_its_scopes_say_and_nothing_after_its_revocation(doors: Doors) -> None:
    async with await doors.key("suppliers:read") as reader, await doors.person("administrator") as administrator:
        assert (await reader.get(SUPPLIERS)).status_code == 200
        refused = await reader.post(SUPPLIERS, json=supplier_body())
        assert (refused.status_code, refused.json()["type"]) == (403, "/problems/forbidden")
        assert 'scope="suppliers:write"' in refused.headers["www-authenticate"]
        made = ok(
            await administrator.post("/api/gateway/v1/keys", json={"name": "k", "scopes": ["suppliers:read"]}), 201
        )
        async with doors.visitor(Authorization=f"Bearer {made['key']}") as key:
            assert (await key.get(SUPPLIERS)).status_code == 200
            ok(await administrator.post(f"/api/gateway/v1/keys/{made['id']}/revoke", json={}, headers=seen(made)))
            bad = await key.get(SUPPLIERS)
            assert (bad.status_code, bad.json()["type"]) == (401, "/problems/unauthenticated")


async def test_a_wrong_key_is_refused_before_the_body_is_read(doors: Doors) -> None:
    async with doors.visitor(Authorization="Bearer hy_abc_def") as stranger:
        answer = await stranger.post(SUPPLIERS, content=b"{", headers={"Content-Type": "application/json"})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_the_request_id_goes_all_the_way_and_comes_back(doors: Doors) -> None:
    async with await doors.key() as key:
        answer = await key.get(f"{SUPPLIERS}/none", headers={"X-Request-ID": "trace-me-0001"})
        assert answer.status_code == 404
        assert answer.headers["x-request-id"] == answer.json()["request_id"] == "trace-me-0001"


async def test_a_service_that_is_down_is_said_to_be(fresh_house: House) -> None:
    fresh_house.start("suppliers", "contracts", "gateway")
    doors = Doors(fresh_house)
    async with await doors.key() as key:
        fresh_house.stop("suppliers")
        answer = await key.get(SUPPLIERS)
        assert (answer.status_code, answer.json()["type"]) == (503, "/problems/unavailable")
        assert "retry-after" in answer.headers
        assert (await key.get("/api/contracts/v1/contracts")).status_code == 200
        assert (await key.get("/readyz")).status_code == 503


async def test_a_password_is_nowhere_in_the_trail(doors: Doors, house: House) -> None:
    login = await doors.account("legal")
    connection = await asyncpg.connect(house.database.libpq())
    entries = await connection.fetch(
        "SELECT coalesce(after, before)::text AS t FROM audit.entry WHERE service = 'gateway'"
    )
    await connection.close()
    assert any(login in entry["t"] for entry in entries)
    assert not any("argon2" in entry["t"] or "digest" in entry["t"] for entry in entries)


async def test_of_many_guesses_at_once_none_comes_in_after_the_fifth_failure(doors: Doors) -> None:
    login = await doors.account("auditor")
    async with doors.visitor() as visitor:

        async def guess(password: str) -> int:
            return (await visitor.post("/login", data={"login": login, "password": password})).status_code

        wrong = [asyncio.create_task(guess(f"wrong password {n}")) for n in range(12)]
        await asyncio.gather(*wrong[:6])
        right = await guess(PASSWORD)
        await asyncio.gather(*wrong)
        assert right == 401


async def test_a_session_is_not_opened_once_the_account_is_locked(doors: Doors) -> None:
    """The password was right when it was looked at; five failures have come in since."""
    login = await doors.account("auditor")
    database = doors.house.service_database("gateway")
    try:
        async with database.engine.begin() as connection:
            row = await connection.execute(
                text('UPDATE gateway."user" SET locked_until = now() + interval \'1 minute\' WHERE login = :login'
                     " RETURNING id"), {"login": login}
            )  # fmt: skip
            user_id = row.scalar_one()
        secret = await service.open_session(database, system("sign-in"), user_id, 1, datetime.now(UTC))
    finally:
        await database.dispose()
    assert secret is None


async def test_a_new_password_by_a_link_ends_the_sessions_of_the_old_one(doors: Doors) -> None:
    login = await doors.account("finance")
    async with await doors.person("administrator") as administrator, doors.visitor() as old, doors.visitor() as new:
        await old.post("/login", data={"login": login, "password": PASSWORD})
        record = ok(await administrator.get(f"/api/gateway/v1/users/{login}"))
        path = f"/api/gateway/v1/users/{login}/new-link"
        link = ok(await administrator.post(path, json={}, headers=seen(record)))["link"]
        await new.post(link, data={"password": "a long enough sentence"})
        assert ((await old.get(SUPPLIERS)).status_code, (await new.get(SUPPLIERS)).status_code) == (401, 200)


async def test_a_changed_password_makes_an_unused_link_worthless(doors: Doors) -> None:
    login = await doors.account("finance")
    async with await doors.person("administrator") as administrator, doors.visitor() as person:
        record = ok(await administrator.get(f"/api/gateway/v1/users/{login}"))
        path = f"/api/gateway/v1/users/{login}/new-link"
        link = ok(await administrator.post(path, json={}, headers=seen(record)))["link"]
        await person.post("/login", data={"login": login, "password": PASSWORD})
        changed = {"present": PASSWORD, "password": "another long sentence"}
        assert (await person.post("/profile/password", data=changed, headers=OWN)).status_code == 303
        assert (await person.get(SUPPLIERS)).status_code == 200
        assert (await person.get(link)).status_code == 404


async def test_the_way_on_after_signing_in_may_hold_chinese(doors: Doors) -> None:
    given = {"login": await doors.account("auditor"), "password": PASSWORD, "next": "/suppliers?q=上海"}
    async with doors.visitor() as visitor:
        answer = await visitor.post("/login", data=given, headers={"HX-Request": "true"})
        assert answer.status_code == 204
        assert answer.headers["hx-redirect"] == "/suppliers?q=%E4%B8%8A%E6%B5%B7"


async def test_a_message_cookie_that_nobody_here_made_is_passed_over(doors: Doors) -> None:
    async with await doors.person("auditor") as auditor:
        cookies = "; ".join(f"{name}={value}" for name, value in auditor.cookies.items())
        answer = await auditor.get("/profile", headers={b"Cookie": f"{cookies}; heyue_flash=a.\xe9".encode("latin-1")})
        assert answer.status_code == 200
