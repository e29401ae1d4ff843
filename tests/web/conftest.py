"""What the tests of the look share."""

from pathlib import Path

import pytest
from jinja2 import Environment

from gateway.pages.rendering import build_environment

SAMPLE_TEMPLATES = Path(__file__).parent / "templates"


@pytest.fixture(scope="session")
def templates() -> Environment:
    """The pages' environment with the sample pages beside them."""
    return build_environment(SAMPLE_TEMPLATES)
