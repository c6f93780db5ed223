"""Every route of the console, and an account for every role: what tests that visit all of them have in common."""

from __future__ import annotations

from flask import Flask
from page_client import PageClient
from sqlalchemy import text
from werkzeug.routing import Rule

from kaohe.domain.permissions import Role
from kaohe.domain.units import TOP
from kaohe.operations.people.sign_in_links import create_account, make_sign_in_link
from kaohe.storage.tables import db
from kaohe.web.access import SIGNED_IN, audience_of
from kaohe.web.security import CONSOLE_PATHS

PASSWORD = "correct horse 电池"


def account_of(app: Flask, role: Role, unit_id: str = TOP) -> tuple[dict[str, str], str, str]:
    """An account with this role alone, held in a unit, signed in as its browser would be.

    Returns the cookie header, the token of its forms, and the account's id.
    """
    name = f"某{role}" if unit_id == TOP else f"{unit_id}某{role}"
    with app.app_context():
        secret = create_account(make_sign_in_link("测试", [role], unit_id), name, PASSWORD)
        with db.engine.begin() as connection:
            connection.execute(text("UPDATE accounts SET roles = :role WHERE name = :name"),
                               {"role": str(role), "name": name})  # fmt: skip
            account_id = connection.scalar(text("SELECT id FROM accounts WHERE name = :name"), {"name": name})
    client = app.test_client()
    with client.session_transaction("/desk/") as session:
        session["sign_in"] = secret
    page = PageClient(app)
    page.http = client
    token = page.get("/desk/account").soup.select_one("input[name=csrf_token]")["value"]
    cookie = client.get_cookie("kaohe_desk", path=CONSOLE_PATHS[0])
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


def url_of(app: Flask, rule: Rule, meeting_id: str, account_id: str, unit_id: str = TOP) -> str:
    """The route's address for one meeting, account and unit, and something unknown in every other place."""
    known = {"meeting_id": meeting_id, "round_number": 1, "sheet": "summary", "account_id": account_id,
             "unit_id": unit_id, "style_key": "1", "code": "x", "token": "x", "row": 0}  # fmt: skip
    values = {name: known.get(name, "x") for name in rule.arguments}
    return str(app.url_map.bind("localhost").build(rule.endpoint, values))
