"""The HTTP API: its routes, and the two layers around every one of them."""

from chalice.app import Chalice

from guard import guard
from headers import secure
from routes import (
    access,
    accounts,
    acting,
    appeals,
    approvals,
    assets,
    audit,
    auth,
    calls,
    checks,
    digest,
    disposals,
    exports,
    guide,
    health,
    holds,
    hooks,
    incidents,
    live,
    me,
    notices,
    people,
    posts,
    publications,
    replies,
    reports,
    retention,
    rights,
    roster,
    together,
)

app = Chalice("api", configure_logs=False)
app.register_middleware(secure, "http")
app.register_middleware(guard, "http")
for module in (
    health,
    auth,
    me,
    accounts,
    posts,
    audit,
    live,
    exports,
    retention,
    rights,
    holds,
    disposals,
    publications,
    assets,
    roster,
    access,
    guide,
    acting,
    hooks,
    approvals,
    appeals,
    checks,
    people,
    calls,
    digest,
    replies,
    together,
    reports,
    notices,
    incidents,
):
    app.register_blueprint(module.resource)
