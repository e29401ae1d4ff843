"""Questions to another service whose answer must be true at this instant; its being away means 503, no guess."""

from typing import Any
from urllib.parse import quote

import httpx

from services.kernel.identity import Actor
from services.kernel.messages import N_, current_language
from services.kernel.refusals import NotFound, Unavailable

SECONDS = 5.0


class Questions:
    """Asks one service, in the name of whoever asks us."""

    def __init__(self, service: str, base_url: str) -> None:
        self.service = service
        self._client = httpx.AsyncClient(base_url=base_url, timeout=SECONDS)

    async def standing(self, who: Actor, collection: str, ident: str) -> dict[str, Any]:
        """What the owner says of one record, named by its id or number as somebody has typed it: one part of a path,
        whatever is in it. Refuses NotFound, and Unavailable while the owner is away.
        """
        return await self.get(who, f"{collection}/{quote(ident, safe='', errors='replace')}/standing")

    async def get(self, who: Actor, path: str) -> dict[str, Any]:
        """The answer's JSON. Refuses NotFound, and Unavailable while the owner is away."""
        headers = {
            "Authorization": f"Bearer {who.token}", "X-Request-ID": who.request_id,
            "Accept-Language": current_language(),
        }  # fmt: skip
        try:
            response = await self._client.get(path, headers=headers)
        except httpx.TransportError as fault:
            raise self._away() from fault
        if response.status_code in (404, 422):  # a text that cannot even be a record's name
            raise NotFound
        if response.status_code != 200:
            raise self._away()
        found: dict[str, Any] = response.json()
        return found

    def _away(self) -> Unavailable:
        return Unavailable(
            detail=N_("The service %(service)s does not answer, so this cannot be decided; nothing was changed"),
            facts={"service": self.service},
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
