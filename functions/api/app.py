"""The HTTP API: its routes, and the two layers around every one of them."""

from chalice.app import Chalice

from guard import guard
from headers import secure
from routes import (
    access,
    accounts,
    approvals,
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
    live,
    me,
    notices,
    people,
    posts,
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
    roster,
    access,
    guide,
    approvals,
    checks,
    people,
    calls,
    digest,
    replies,
    together,
    reports,
    notices,
):
    app.register_blueprint(module.resource)
