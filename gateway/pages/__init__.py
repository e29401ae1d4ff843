"""The pages, a module an area; `ROUTERS` is what the app includes."""

from gateway.pages import home, signing_in

ROUTERS = (signing_in.router, home.router)
