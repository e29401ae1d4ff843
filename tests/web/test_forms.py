"""A refusal comes back to the field it concerns, with what was typed."""

from dataclasses import replace

from starlette.datastructures import FormData

from gateway.pages.forms import Field, FieldProblem, Form, Problem, typed
from gateway.pages.rendering import render_text
from services.kernel.messages import use_locale
from tests.web.samples import viewer
from tests.web.samples.components import REFUSED, form, record

DOCUMENT = {
    "type": "/problems/validation", "title": "Not valid", "status": 422, "detail": "", "request_id": "r-1",
    "errors": [
        {"code": "missing", "at": "/title", "what": "The title is missing.", "how": "Give one."},
        {"code": "not_positive", "at": "/value/amount", "what": "The amount is not positive."},
        {"code": "term", "at": "/terms/0/from", "what": "The first term begins late."},
    ],
}  # fmt: skip
FIELDS = (Field(name="title"), Field(name="value", kind="money"), Field(name="terms.0.from"), Field(name="terms"))


def refused() -> Form:
    return Form(url="/x", fields=FIELDS, submit="Save", problem=Problem.of(DOCUMENT))


def test_each_reason_is_at_the_field_whose_pointer_holds_it():
    owners = [owner.name if owner else None for owner, _ in refused().field_problems]
    assert owners == ["title", "value", "terms.0.from"]


def test_a_reason_that_no_field_holds_stays_in_the_summary():
    problem = Problem.of(DOCUMENT | {"errors": [{"code": "x", "at": "/elsewhere", "what": "Something else."}]})
    assert Form(url="/x", fields=FIELDS, submit="Save", problem=problem).field_problems[0][0] is None


def test_a_problem_document_keeps_what_the_page_needs():
    problem = Problem.of(DOCUMENT | {"status": 409, "type": "/problems/conflict", "allowed": ["end"], "version": 3})
    assert (problem.type, problem.allowed, problem.version, problem.request_id) == ("conflict", ("end",), 3, "r-1")


def test_what_was_typed_is_kept_as_it_was_sent():
    data = FormData([("title", " 园区 "), ("scope", "ITO"), ("scope", "BPO"), ("value.amount", "120万")])
    assert typed(data) == {"title": "园区", "scope": ["ITO", "BPO"], "value.amount": "120万"}


def test_the_summary_takes_the_focus_and_leads_to_the_fields(templates):
    page = render_text("sample_form.html", {"form": form(wrong=True), "heading": "x"}, viewer(), ("form",), templates)
    assert 'role="alert" tabindex="-1" id="form-errors" autofocus' in page
    assert 'href="#f-value"' in page
    assert 'aria-describedby="h-f-value m-f-value" aria-invalid="true" aria-required="true"' in page
    assert 'value="-1"' in page


def test_every_form_that_changes_something_carries_version_and_token(templates):
    page = render_text(
        "sample_record.html", {"record": record(), "terms": [], "pairs": []}, viewer(), ("record",), templates
    )
    posts = page.count('method="post"')
    assert posts == 3
    assert page.count('name="csrf" value="token"') == posts
    assert page.count('name="version" value="7"') == posts


def test_a_dialog_opens_by_link_without_script_and_shows_why_it_was_refused(templates):
    context = {"record": record("end", REFUSED), "terms": [], "pairs": []}
    page = render_text("sample_record.html", context, viewer(), ("record",), templates)
    assert 'href="/contracts/HT-2026-000042?do=end#do-end"' in page
    assert page.count("<dialog") == 2
    assert page.count(" open>") == 1
    assert page.index('id="do-end"') < page.index("还没有批准") < page.index("</dialog>")


def test_what_is_wrong_and_how_to_mend_it_are_two_sentences_in_each_language():
    bare = FieldProblem(code="missing", what="缺少这一项", how="请填写")
    with use_locale("zh-CN"):
        assert bare.words == "缺少这一项。请填写"
        assert replace(bare, what="缺少这一项。").words == "缺少这一项。请填写"
    with use_locale("en"):
        assert FieldProblem(code="missing", what="This field is missing", how="Send it").words == (
            "This field is missing. Send it"
        )
    assert replace(bare, how="").words == "缺少这一项"


def test_people_are_told_to_write_a_number_or_to_choose_where_programs_are_told_of_strings_and_fields():
    missing, decimal = (
        FieldProblem(code="missing_field", what="This field is missing", how="Send it", at="/type"),
        FieldProblem(code="bad_decimal", what="This is not a decimal number in a string", how="Quote it", at="/value"),
    )
    answer = Problem(status=422, type="invalid", title="Invalid", errors=(missing, decimal))
    entries = (Field(name="type", kind="select"), Field(name="value", kind="money"))
    with use_locale("zh-CN"):
        told = Form(url="/", fields=entries, submit="", problem=answer.for_people()).field_problems
        assert [error.words for _entry, error in told] == ["请选择", "请填写数字"]
