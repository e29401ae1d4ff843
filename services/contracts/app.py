"""The contracts service."""

from fastapi import FastAPI

from services.contracts.contract.handlers import HANDLERS
from services.contracts.contract.routes import router
from services.contracts.permissions import PERMISSIONS
from services.kernel.app import build_service
from services.kernel.settings import Settings


def build(settings: Settings) -> FastAPI:
    """The app; it hears of suppliers, and tells sla what is in force."""
    return build_service(
        settings, "contracts", PERMISSIONS, [router], feed_permission="contract.feed", handlers=HANDLERS,
        subscribers={"contract.activated": ("sla",), "contract.ended": ("sla",)}, asks=("suppliers",),
    )  # fmt: skip
