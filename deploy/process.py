"""One process of the house: `python -m deploy.process <name>`, told everything else by its environment."""

import asyncio
import importlib
import os
import signal
import sys
import threading
from types import FrameType

import uvicorn
import uvloop
from pydantic import ValidationError

from services.kernel.settings import Settings

GRACE_SECONDS = 2  # for requests that are under way; then they are cut off, and change nothing
DEADLINE_SECONDS = 6.0  # then it ends whatever hangs: nobody may be left to end it
KEEP_ALIVE_SECONDS = 75  # longer than the gateway keeps its pooled connections, so that it is the one to close
WRONG_SETTINGS = 2


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        _end_by_force_later()
        super().handle_exit(sig, frame)


def main(name: str) -> int:
    try:
        settings = Settings.from_environment()
    except ValidationError as problem:
        for error in problem.errors():
            variable = "HEYUE_" + "_".join(str(part) for part in error["loc"]).upper()
            print(f"heyue: {variable}: {error['msg']}", file=sys.stderr)
        return WRONG_SETTINGS
    if name.startswith("sla-worker"):
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_work(settings))
    return _serve("gateway.app" if name == "gateway" else f"services.{name}.app", settings)


def _serve(module: str, settings: Settings) -> int:
    server = _Server(
        uvicorn.Config(
            importlib.import_module(module).build(settings),
            host=settings.bind_host,
            port=settings.bind_port,
            loop="uvloop",
            http="httptools",
            ws="none",
            log_config=None,  # the kernel logs requests, as JSON
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    server.run()
    return 0 if server.started else 1


async def _work(settings: Settings) -> int:
    worker = importlib.import_module("services.sla.worker")
    task: asyncio.Task[None] = asyncio.ensure_future(worker.run(settings))

    def stop() -> None:
        _end_by_force_later()
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        return 0
    return 0


def _end_by_force_later() -> None:
    timer = threading.Timer(DEADLINE_SECONDS, os._exit, (1,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
