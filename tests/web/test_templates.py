"""Templates: each compiles, each block of each sample page can be rendered alone, in both languages."""

import re

import pytest
from jinja2 import Environment

from gateway.pages.rendering import TEMPLATES, render_text
from tests.web.samples import Sample, all_samples, viewer

SAMPLES = all_samples()
IDS = [sample.name for sample in SAMPLES]
FILES = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("name", FILES)
def test_every_template_compiles(templates: Environment, name):
    assert templates.get_template(name).name == name


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_a_page_renders_whole_with_one_heading_and_its_landmarks(templates: Environment, sample: Sample, language):
    page = render_text(sample.template, sample.context, viewer(language), (), templates)
    assert f'<html lang="{language}"' in page
    assert page.count("<main ") == 1
    if not sample.name.endswith("-part"):
        assert len(re.findall(r"<h1[ >]", page)) == 1


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_every_block_of_a_page_renders_alone(templates: Environment, sample: Sample, language):
    """A macro imported, or a value set, at the top of a page is unknown when only a block is rendered."""
    for block in templates.get_template(sample.template).blocks:
        part = render_text(sample.template, sample.context, viewer(language), (block,), templates)
        assert "<html" not in part


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_ids_on_a_page_are_used_once(templates: Environment, sample: Sample):
    page = render_text(sample.template, sample.context, viewer(), (), templates)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize("sample", SAMPLES, ids=IDS)
def test_nothing_on_a_page_needs_what_the_policy_forbids(templates: Environment, sample: Sample):
    """Under the content security policy these fail, some of them silently."""
    page = render_text(sample.template, sample.context, viewer(), (), templates)
    assert re.findall(r'\sstyle="|<style|\son[a-z]+="|hx-on|javascript:|="js:', page) == []
    assert re.findall(r'hx-trigger="[^"]*\[', page) == []
    assert re.findall(r"<script(?![^>]*\ssrc=)", page) == []


@pytest.mark.parametrize("name", FILES)
def test_no_template_knows_a_state(name):
    """What may be done is in the record's actions, how it looks in the status table."""
    source = (TEMPLATES / name).read_text()
    assert re.findall(r"\.state\s*(?:==|!=|in\b)", source) == []


def test_all_icons_in_use_are_in_the_sprite(templates: Environment):
    sprite = (TEMPLATES.parent / "static" / "vendor" / "icons.svg").read_text()
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite))
    used = {
        name
        for sample in SAMPLES
        for name in re.findall(
            r'icons\.svg[^"#]*#([\w-]+)', render_text(sample.template, sample.context, viewer(), (), templates)
        )
    }
    assert used <= drawn
