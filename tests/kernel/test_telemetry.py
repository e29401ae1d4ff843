"""What a log line may show."""

from gateway.pages.signing_in import router
from services.kernel.telemetry import shown_path


def test_the_secret_of_a_first_password_stands_in_no_log_line() -> None:
    [route] = {known.path for known in router.routes if "welcome" in known.path}  # type: ignore[attr-defined]
    assert shown_path("/welcome/known-to-one-person", route) == "/welcome/{secret}"


def test_every_other_path_is_logged_as_asked() -> None:
    assert shown_path("/breaches/BR-2026-000001", "/breaches/{ident}") == "/breaches/BR-2026-000001"
