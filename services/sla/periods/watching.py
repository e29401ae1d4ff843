"""Looks again at closed periods whenever late facts may have changed them."""

import asyncio

import structlog
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from services.kernel.database import Database, now_utc
from services.kernel.identity import system
from services.sla.periods import service

log = structlog.get_logger()
SECONDS = 1.0


async def watch(app: FastAPI) -> None:
    """For ever; a database that is away is waited for."""
    database: Database = app.state.db
    who = system("periods")
    while True:
        try:
            await service.look_again(database, who, now_utc())
        except (SQLAlchemyError, OSError) as fault:
            log.warning("periods_wait_for_database", fault=str(fault)[:200])
        await asyncio.sleep(SECONDS)
