"""Two people editing one record: the second keeps what was typed and sees, field by field, what is stored now."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.pages.forms import FieldProblem, Form
from services.kernel.messages import _


def with_stored(form: Form, stored: Mapping[str, Any], version: int) -> Form:
    """The form after a refusal. Where that was because the record had changed, each field that differs says what is
    stored now, and saving again is then meant: it replaces the version that has been shown."""
    problem = form.problem
    if problem is None or problem.type != "stale":
        return form
    known = {name for field in form.fields for name in (field.name, f"{field.name}.amount", f"{field.name}.currency")}
    names = [name for name in (*stored, *(n for n in form.values if n not in stored)) if name in known]
    differing = [name for name in names if _shown(stored.get(name)) != _shown(form.values.get(name))]
    errors = [
        FieldProblem(
            code="changed", at="/" + name.replace(".", "/"),
            what=_("Stored now: %(value)s", value=_shown(stored.get(name))),
        )
        for name in differing
    ]  # fmt: skip
    detail = _("What you typed is kept. Fields in which the stored record differs say so; saving again replaces it.")
    return replace(form, version=version, problem=replace(problem, detail=detail, errors=tuple(errors)))


def _shown(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "—"
    return _(", ").join(str(item) for item in value) if isinstance(value, list | tuple) else str(value)
