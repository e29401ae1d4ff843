"""What a process is told by its environment, checked once at start."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one process. The runner sets them; an operator who starts processes by hand does."""

    model_config = SettingsConfigDict(env_prefix="HEYUE_", extra="ignore", frozen=True)

    process: str = Field(description="the process's name: contracts, suppliers, sla, security, gateway, sla-worker")
    database_url: str = Field(description="postgresql+asyncpg://… of this process's own role")
    bind_host: str = "127.0.0.1"
    bind_port: int = 0
    url_contracts: str = ""
    url_suppliers: str = ""
    url_sla: str = ""
    url_security: str = ""
    url_gateway: str = ""
    token_public_key: Path = Path("var/token.pub")
    token_private_key: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    pool_size: int = Field(default=10, ge=2, le=100)
    session_hours: int = Field(default=12, ge=1, le=720)
    secure_cookies: bool = False

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read and check. Refuses pydantic.ValidationError, which names each wrong variable."""
        return cls()

    def url_of(self, service: str) -> str:
        """Where a service answers."""
        url: str = getattr(self, f"url_{service}")
        return url
