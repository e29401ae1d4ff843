"""Every text has its Chinese, filled with the same names, said once."""

from pathlib import Path

import pytest

from deploy.translations import Text, Translation, add_missing, area_of, faults, texts, translations

PROJECT = {
    "services/suppliers/rules.py": """
from services.kernel.messages import N_, gettext as _, ngettext, pgettext
A = N_("Approved")
def words(n): return _("%(name)s ended"), ngettext("%(num)s day", "%(num)s days", n), pgettext("verb", "Close")
""",
    "gateway/pages/shell.py": '_("Home")',
    "web/templates/base.html": "{{ _('Skip') }}",
    "web/templates/contracts/list.html": '{{ _("Contract") }}{% trans %}\n  Two lines\n  of text\n{% endtrans %}',
    "web/charts/strip.py": '_("now")',
    "deploy/run.py": '_("Ready")',
}
TEXTS = {
    "suppliers": {"Approved", "%(name)s ended", "%(num)s day", "Close"},
    "gateway": {"Home"},
    "components": {"Skip"},
    "pages-contracts": {"Contract", "Two lines of text"},
    "charts": {"now"},
    "deploy": {"Ready"},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with texts in code and in a page."""
    for name, content in PROJECT.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_every_text_has_its_chinese_and_no_chinese_is_left_over():
    assert faults(texts(), translations()) == []


def test_texts_are_found_in_code_and_pages_and_belong_to_their_area(project):
    found: dict[str, set[str]] = {}
    for text in texts(project):
        found.setdefault(text.area, set()).add(text.singular)
    assert found == TEXTS


def test_the_kernels_texts_have_a_catalogue_of_their_own():
    assert area_of(Path("/x/services/kernel/refusals.py"), Path("/x")) == "kernel"
    assert area_of(Path("/x/web/templates/components/list.html"), Path("/x")) == "components"


def test_missing_texts_are_added_without_chinese_and_what_is_there_stays(project, tmp_path):
    folder = tmp_path / "po"
    assert add_missing("suppliers", texts(project), [], folder) == 4
    catalogue = folder / "suppliers.po"
    catalogue.write_text(catalogue.read_text().replace('"Approved"\nmsgstr ""', '"Approved"\nmsgstr "已批准"'))
    known = translations(folder)
    assert add_missing("suppliers", texts(project), known, folder) == 0
    assert {entry.singular: entry.chinese for entry in known}["Approved"] == "已批准"
    assert {(entry.context, entry.singular) for entry in known} >= {("verb", "Close")}


def said(singular: str, chinese: str, area: str = "gateway", fuzzy: bool = False) -> Translation:
    return Translation(area, singular, "", chinese, fuzzy)


USED = [Text("gateway", "gateway/x.py:3", "%(name)s ended")]


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ([], "has no Chinese"),
        ([said("%(name)s ended", "")], "has no Chinese"),
        ([said("%(name)s ended", "%(name)s已结束", fuzzy=True)], "has no Chinese"),
        ([said("%(name)s ended", "%(nom)s已结束")], "filled with different names"),
        ([said("%(name)s ended", "%(name)s已结束"), said("Gone", "没了")], "not used any more"),
        ([said("%(name)s ended", "%(name)s已结束"), said("%(name)s ended", "%(name)s结束", "sla")], "says"),
    ],
)
def test_each_fault_is_named(known, fault):
    lines = faults(USED, known)
    assert len(lines) == 1
    assert fault in lines[0]


def test_a_text_said_alike_in_two_catalogues_is_no_fault():
    same = [said("%(name)s ended", "%(name)s已结束"), said("%(name)s ended", "%(name)s已结束", "sla")]
    assert faults(USED, same) == []
