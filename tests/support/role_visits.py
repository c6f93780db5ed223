"""Every route of the console, and an account for every role: what tests that visit all of them have in common."""

from __future__ import annotations

from flask import Flask
from page_client import PageClient
from sqlalchemy import text
from werkzeug.routing import Rule

from kaohe.domain.permissions import Role
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.storage.tables import db
from kaohe.web.access import SIGNED_IN, audience_of

PASSWORD = "correct horse 电池"


def account_of(app: Flask, role: Role) -> tuple[dict[str, str], str, str]:
    """An account with this role alone, signed in as its browser would be: cookie header, form token, account's id."""
    with app.app_context():
        secret = create_account(make_sign_in_link("测试", [role]), f"某{role}", PASSWORD)
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE accounts SET roles = :role WHERE name = :name"),
                               {"role": str(role), "name": f"某{role}"})  # fmt: skip
            account_id = connection.scalar(text("SELECT id FROM accounts WHERE name = :name"), {"name": f"某{role}"})
    client = app.test_client()
    with client.session_transaction() as session:
        session["sign_in"] = secret
    page = PageClient(app)
    page.http = client
    token = page.get("/desk/account").soup.select_one("input[name=csrf_token]")["value"]
    cookie = client.get_cookie("kaohe_desk")
    assert cookie is not None
    return {"Cookie": f"{cookie.key}={cookie.value}"}, str(token), str(account_id)


def console_routes(app: Flask) -> list[tuple[Rule, str]]:
    """Every route that asks for a role, with each method it takes."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        if audience_of(app, rule.endpoint) in SIGNED_IN
        for method in sorted((rule.methods or set()) & {"GET", "POST"})
    ]


def url_of(app: Flask, rule: Rule, meeting_id: str, account_id: str) -> str:
    """The route's address for one meeting and one account, and something unknown in every other place."""
    known = {"meeting_id": meeting_id, "round_number": 1, "sheet": "summary", "account_id": account_id,
             "style_key": "1", "code": "x", "token": "x", "row": 0}  # fmt: skip
    values = {name: known.get(name, "x") for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, values))
