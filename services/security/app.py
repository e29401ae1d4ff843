"""The security service: it shows the trail that the database itself writes."""

from fastapi import FastAPI

from services.kernel.app import build_service
from services.kernel.settings import Settings
from services.security.audit.routes import router
from services.security.permissions import PERMISSIONS


def build(settings: Settings) -> FastAPI:
    """The app. Nobody hears of it, and it asks nobody."""
    return build_service(settings, "security", PERMISSIONS, [router], feed_permission="security.feed")
