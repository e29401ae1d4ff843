"""What is sent: a page or a part of it, with headers that keep the two apart."""

import re

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from gateway.pages import rendering
from gateway.pages.navigation import ENTRIES, navigation_for
from gateway.pages.rendering import SECURITY_HEADERS, Viewer, asset, build_environment, mount_static, render
from services.kernel.identity import Role
from tests.web.samples import SAMPLE_TEMPLATES, TODAY, viewer
from tests.web.samples.components import listing

SCRIPTED = '<script>alert("x")</script>'


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> httpx.AsyncClient:
    """A small application whose one page is a list, signed in as an administrator."""
    templates = build_environment(SAMPLE_TEMPLATES)
    monkeypatch.setattr(rendering, "environment", lambda: templates)
    app = FastAPI()
    mount_static(app)

    @app.get("/contracts")
    def contracts(request: Request):
        request.state.viewer = viewer()
        return render(request, "sample_list.html", {"listing": listing(), "today": TODAY}, block="list")

    @app.get("/open")
    def open_to_all(request: Request):
        return render(request, "sample_list.html", {"listing": listing(), "today": TODAY}, block="list")

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver")


async def test_a_browser_gets_the_whole_page(client):
    page = (await client.get("/contracts")).text
    assert page.startswith("<!DOCTYPE html>")
    assert 'aria-current="page"' in page


async def test_htmx_gets_a_part_only_where_it_asks_for_one(client):
    assert "<html" not in (await client.get("/contracts", headers={"HX-Request-Type": "partial"})).text
    assert "<html" in (await client.get("/contracts", headers={"HX-Request": "true", "HX-Request-Type": "full"})).text
    assert "<html" in (await client.get("/contracts", headers={"HX-History-Restore-Request": "true"})).text


async def test_caches_keep_page_and_part_apart_and_the_policy_is_sent(client):
    answer = await client.get("/contracts")
    assert "HX-Request-Type" in answer.headers["Vary"]
    assert "Accept-Language" in answer.headers["Vary"]
    assert answer.headers.items() >= {name.lower(): value for name, value in SECURITY_HEADERS.items()}.items()
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "given"), [("en-GB,en;q=0.9", "en"), ("zh-TW", "zh-CN"), ("fr", "zh-CN"), ("", "zh-CN")]
)
async def test_a_stranger_reads_the_language_that_the_browser_asks_for(client, asked, given):
    assert f'<html lang="{given}"' in (await client.get("/open", headers={"Accept-Language": asked})).text


async def test_a_strangers_theme_is_taken_from_the_cookie_only_if_it_is_one(client):
    client.cookies.set("heyue_theme", "dark")
    client.cookies.set("heyue_density", '"><script>')
    page = (await client.get("/open")).text
    assert 'data-theme="dark" data-density="default"' in page


async def test_static_files_are_kept_for_ever_under_the_hash_of_their_content(client):
    kept = await client.get(asset("app.css"))
    assert kept.status_code == 200
    assert "immutable" in kept.headers["Cache-Control"]
    assert (await client.get("/static/app.css")).headers["Cache-Control"] == "no-cache"


async def test_every_file_that_a_page_loads_is_there(client):
    page = (await client.get("/contracts")).text
    loaded = re.findall(r'(?:src|href)="(/static/[^"#]+)', page)
    assert len(loaded) > 5
    assert {(await client.get(path)).status_code for path in loaded} == {200}


async def test_text_from_outside_stays_text(client):
    listing_with_script = listing(f"q={SCRIPTED}", rows=False)
    page = rendering.render_text(
        "sample_list.html", {"listing": listing_with_script, "today": TODAY, "nav": "", "here": "/"}, viewer()
    )
    assert SCRIPTED not in page
    assert "&lt;script&gt;" in page


async def test_nobody_signed_in_sees_no_shell(client):
    page = (await client.get("/open")).text
    assert "<nav aria-label" not in re.sub(
        r'<nav class="tabs".*?</nav>|<nav aria-label="翻页".*?</nav>', "", page, flags=re.S
    )


def test_each_role_sees_only_the_entries_it_may_use():
    def keys(*roles: Role) -> set[str]:
        return {entry.key for group in navigation_for(roles) for entry in group.entries}

    assert keys(Role.SUPPLIER_USER) == {"home", "breaches", "tickets", "contracts", "agreements", "periods"}
    assert keys(Role.ADMINISTRATOR) == {entry.key for entry in ENTRIES}
    assert "audit" in keys(Role.AUDITOR)
    assert keys(Role.PROCUREMENT_OFFICER) == {entry.key for entry in ENTRIES} - {"audit", "users"}
    assert keys() == set()


def test_a_viewer_without_a_name_is_nobody():
    assert Viewer().name == ""
