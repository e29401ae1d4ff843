"""A log imported in a browser: refused where it cannot be read, followed while it runs, safe to run twice."""

import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.hands import press
from tests.house import House
from tests.sla.desk import Desk, open_desk

pytestmark = pytest.mark.e2e

HEAD = (
    "number,incident_state,opened_at,sys_updated_at,sys_updated_by,priority,category,subcategory,assignment_group,"
    "assigned_to"
)
ROW = "INC0000045,New,29/2/2016 01:16,29/2/2016 01:23,Updated by 21,3,Category 55,Subcategory 170,Group 56,Resolver 89"
DONE = ROW.replace("New", "Closed").replace("29/2/2016 01:23", "29/2/2016 08:53")
BROKEN = ROW.replace("INC0000045", "INC0000046").replace("29/2/2016 01:23", "soon")


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_desk(house, **{"from": "2010-01-01"}) as desk:
        yield desk


def log(folder: Path, *rows: str, head: str = HEAD, packed: bool = False) -> Path:
    """A log as a CSV, or as a zip with one."""
    path = folder / "log.csv"
    path.write_text("\n".join((head, *rows, "")), encoding="utf-8")
    if not packed:
        return path
    with zipfile.ZipFile(folder / "log.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path, "log.csv")
    return folder / "log.zip"


async def import_log(page: Any, desk: Desk, path: Path) -> None:
    """Choose and send; then on the progress page."""
    await page.goto(f"/sources/import?source={desk.source}")
    await page.set_input_files("[name=file]", path)
    await page.click("form .btn.primary[type=submit], .form > .actions .btn.primary")


async def figures(page: Any) -> list[int]:
    """Rows read, taken, known already, rejected."""
    return [int(text) for text in await page.locator("#progress .glance dd").all_inner_texts()]


async def test_a_log_is_followed_until_its_clocks_are_computed_and_a_second_time_changes_nothing(
    desk: Desk, seat: Any, tmp_path: Path
) -> None:
    page = await seat("service_manager")
    await import_log(page, desk, log(tmp_path, ROW, DONE, packed=True))
    await page.wait_for_selector("#progress .actions")
    assert await figures(page) == [2, 3, 0, 0]
    await import_log(page, desk, log(tmp_path, ROW, DONE))
    await page.wait_for_selector("#progress .actions")
    assert await figures(page) == [2, 0, 3, 0]
    await press(page, "#progress .btn.primary")
    await press(page, "td.ttl a")
    assert "0000045" in await page.inner_text("h1")
    assert page.said == []


async def test_refused_lines_are_counted_and_can_be_taken_away(desk: Desk, seat: Any, tmp_path: Path) -> None:
    page = await seat("service_manager", "en")
    await import_log(page, desk, log(tmp_path, ROW, BROKEN))
    await page.wait_for_selector("#progress .actions")
    assert await figures(page) == [2, 3, 0, 1]
    async with page.expect_download() as waiting:
        await page.click("#progress .actions .btn:not(.primary):not(.ghost)")
    await (await waiting.value).save_as(tmp_path / "rejected.csv")
    head, refused = (tmp_path / "rejected.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith("Event,Code,")
    assert refused.startswith("0000046:1,bad_type,/occurred_at,")


async def test_a_file_without_its_columns_is_refused_by_their_names_and_the_form_keeps_its_source(
    desk: Desk, seat: Any, tmp_path: Path
) -> None:
    page = await seat("service_manager", "en")
    await import_log(page, desk, log(tmp_path, head="number,priority"))
    told = await page.inner_text(".field.err .msg")
    assert "incident_state" in told
    assert "sys_updated_at" in told
    assert "priority" not in told
    assert await page.input_value("[name=source]") == desk.source


async def test_without_script_the_page_is_asked_again_by_hand(desk: Desk, seat: Any, tmp_path: Path) -> None:
    page = await seat("service_manager", java_script_enabled=False)
    await import_log(page, desk, log(tmp_path, ROW))
    for _again in range(100):
        await page.wait_for_selector("#progress")
        if await page.locator("#progress .actions").count():
            break
        async with page.expect_navigation():
            await page.click("#progress noscript a")
    assert await figures(page) == [1, 2, 0, 0]


async def test_a_source_is_made_and_changed_and_a_code_that_exists_is_refused(desk: Desk, seat: Any) -> None:
    page = await seat("service_manager", "en")
    code = desk.source + "-b"
    await page.goto("/sources/new")
    await page.fill("[name=code]", code)
    await page.fill("[name=name]", "Network monitor")
    await page.select_option("[name=agreement]", desk.agreement["number"])
    await page.fill("[name=silent_after_hours]", "0.5")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_url(f"**/sources/{code}")
    assert "30 min" in await page.inner_text(".facts")
    await page.click(".actions a >> nth=1")
    await page.fill("[name=silent_after_hours]", "later")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_selector(".field.err")
    await page.fill("[name=silent_after_hours]", "2")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_url(f"**/sources/{code}")
    assert "2 h" in await page.inner_text(".facts")
    await page.goto("/sources/new")
    await page.fill("[name=code]", code)
    await page.fill("[name=name]", "Another")
    await page.click(".form > .actions .btn.primary")
    await page.wait_for_selector(".field.err")
    assert "already" in await page.inner_text(".field.err .msg")


async def test_who_may_not_send_events_finds_no_import(seat: Any) -> None:
    page = await seat("auditor")
    await page.goto("/sources")
    assert await page.locator("main a[href='/sources/import']").count() == 0
    assert (await page.goto("/sources/import")).status == 403
