"""Whether a program answers: one HTTP request by hand, so that the supervisor needs no HTTP library."""

import asyncio


async def status(port: int, path: str, host: str = "127.0.0.1", seconds: float = 5.0) -> int | None:
    """The status code of GET `path`; None where nothing answers."""
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                words = (await reader.readline()).split()
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return None
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
