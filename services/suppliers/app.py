"""The suppliers service."""

from fastapi import FastAPI

from services.kernel.app import build_service
from services.kernel.settings import Settings
from services.suppliers.permissions import PERMISSIONS
from services.suppliers.supplier.routes import router
from services.suppliers.supplier.rules import State


def build(settings: Settings) -> FastAPI:
    """The app; its news goes to contracts, which keeps each supplier's state."""
    return build_service(
        settings, "suppliers", PERMISSIONS, [router], feed_permission="supplier.feed",
        subscribers={f"supplier.{state}": ("contracts",) for state in State},
    )  # fmt: skip
