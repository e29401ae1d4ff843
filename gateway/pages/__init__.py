"""The pages, a module an area; `ROUTERS` is what the app includes."""

from gateway.pages import (
    accounts,
    audit,
    calendars,
    contract_form,
    contracts,
    home,
    keys,
    picking,
    signing_in,
    suppliers,
)

# In this order: a form's own path stands before that of a record's action.
ROUTERS = (
    signing_in.router, home.router, picking.router, suppliers.router, contract_form.router, contracts.router,
    calendars.router, accounts.router, keys.router, audit.router,
)  # fmt: skip
