"""The pages, a module an area; `ROUTERS` is what the app includes."""

from gateway.pages import (
    accounts,
    agreement_edit,
    agreements,
    audit,
    breaches,
    calendars,
    contract_form,
    contracts,
    home,
    imports,
    keys,
    period_cycles,
    period_ledger,
    periods,
    picking,
    signing_in,
    sources,
    suppliers,
    tickets,
)

# In this order: a form's own path stands before that of a record's action.
ROUTERS = (
    signing_in.router, home.router, picking.router, suppliers.router, contract_form.router, contracts.router,
    periods.router, period_cycles.router, period_ledger.router, agreement_edit.router, agreements.router,
    calendars.router, accounts.router, keys.router, audit.router, tickets.router, breaches.router, imports.router,
    sources.router,
)  # fmt: skip
