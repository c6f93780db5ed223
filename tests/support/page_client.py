"""A client that looks at every page it fetches the way a careful reviewer would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.test import TestResponse

from kaohe.storage.installation import this_config

_ADDRESSES = {
    "hx-get": "GET",
    "hx-post": "POST",
    "hx-put": "PUT",
    "hx-delete": "DELETE",
    "sse-connect": "GET",
    "href": "GET",
    "src": "GET",
}
"""Attributes that hold an address, and how it is asked."""
_SECRETS = {"code", "codes", "key", "link", "password", "ticket"}
"""What forms call that which no browser keeps."""


@dataclass(frozen=True)
class Page:
    """One reply, parsed where it is HTML."""

    response: TestResponse
    soup: BeautifulSoup

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def error(self) -> str | None:
        found = self.soup.select_one("[data-error]")
        return str(found["data-error"]) if found else None

    def form(self, action: str | None = None) -> Tag:
        """The one form of the page, or the one whose action ends so."""
        found = [f for f in self.soup.select("form") if action is None or str(f.get("action", "")).endswith(action)]
        assert len(found) == 1, f"{len(found)} forms for {action!r}"
        return found[0]

    def fields(self, action: str | None = None) -> dict[str, str]:
        """What a browser would post from that form if nobody touched it."""
        return _fields_of(self.form(action))


def _fields_of(form: Tag) -> dict[str, str]:
    posted: dict[str, str] = {}
    for field in form.select("input, select, textarea"):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or field.has_attr("disabled") or kind in ("submit", "button", "file"):
            continue
        if kind in ("radio", "checkbox"):
            if field.has_attr("checked"):
                posted[str(name)] = str(field.get("value", "on"))
        elif field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            posted[str(name)] = str(chosen.get("value", chosen.text)) if chosen else ""
        elif field.name == "textarea":
            posted[str(name)] = field.text.removeprefix("\n")
        else:
            posted[str(name)] = str(field.get("value", ""))
    return posted


class PageClient:
    """Fetches pages and fails on any that a person could not use."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http: FlaskClient = app.test_client()

    def get(self, url: str, *, status: int = 200, **options: object) -> Page:
        return self._check(self.http.get(url, **options), status)

    def post(self, url: str, data: object = None, *, status: int = 200, follow: bool = True, **options: object) -> Page:
        """Post as a browser does that holds a page of this site: with the CSRF token of its session."""
        body = dict(data) if isinstance(data, dict) else data
        reply = self.http.post(url, data=body, follow_redirects=follow, **options)
        return self._check(reply, status)

    def submit(self, page: Page, action: str | None = None, *, status: int = 200, **changes: object) -> Page:
        """Fill the form of a page and send it to where it points."""
        form = page.form(action)
        target = str(form.get("action") or page.response.request.path)
        fields: dict[str, object] = {**page.fields(action), **changes}
        assert str(form.get("method", "get")).lower() == "post"
        kind = "multipart/form-data" if form.get("enctype") else None
        return self.post(target, fields, status=status, content_type=kind)

    def poll(self, url: object, *, status: int = 200) -> Page:
        """Ask again for a part that asks for itself."""
        return self.get(str(url), headers={"HX-Request": "true"}, status=status)

    def swap(self, page: Page, selector: str, *, status: int = 200, **changes: object) -> Page:
        """What htmx asks for where the element is used: the part that the element swaps, or a refusal's whole page."""
        element = page.soup.select_one(selector)
        assert element is not None, selector
        target = element if element.get("hx-target") else element.find_parent(attrs={"hx-target": True})
        part = str(target["hx-target"]).removeprefix("#") if target else str(element["id"])
        asked = {"HX-Request": "true", "HX-Target": part}
        url = str(element.get("hx-get") or element.get("hx-post") or element["action"])
        if element.name == "form" and str(element["method"]).lower() == "post":
            return self.post(url, {**_fields_of(element), **changes}, headers=asked, status=status)
        return self.get(url, query_string={**_fields_of(element), **changes} or None, headers=asked, status=status)

    def _check(self, response: TestResponse, status: int) -> Page:
        body = response.get_data(as_text=True) if (response.mimetype or "").startswith("text/") else ""
        assert response.status_code == status, f"{response.status_code} instead of {status}: {body[:3000]}"
        soup = BeautifulSoup(body, "lxml" if body.startswith("<!doctype html>") else "html.parser")
        if response.mimetype == "text/html" and body and not 300 <= response.status_code < 400:
            problems = check_page(self.app, soup, is_whole=body.lstrip().lower().startswith("<!doctype"))
            part = response.request.headers.get("HX-Target", "")
            if part and soup.find(id=part) is None and response.status_code == 200:
                problems.append(f"the answer holds no #{part}")
            assert not problems, f"{response.request.path}: " + "; ".join(problems)
        return Page(response, soup)


def check_page(app: Flask, soup: BeautifulSoup, *, is_whole: bool) -> list[str]:
    """Everything wrong with a page that can be told from its source."""
    tags = [tag for tag in soup.descendants if isinstance(tag, Tag)]
    found: list[str] = []
    if is_whole:
        found += _check_frame(soup) + _check_kept(soup)
    ids = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    found += [f"id {name!r} stands {times} times" for name, times in ids.items() if times > 1]
    labelled = {str(tag["for"]) for tag in tags if tag.name == "label" and tag.has_attr("for")}
    for tag in tags:
        if _is_field(tag) and not _has_label(tag, labelled):
            found.append(f"field without a label: {tag}"[:200])
        elif tag.name == "img" and not tag.has_attr("alt"):
            found.append(f"image without alt: {tag}"[:200])
        elif _is_pressed(tag) and not (tag.get_text(strip=True) or tag.get("aria-label")):
            found.append(f"nothing to read on {tag}"[:200])
        elif tag.name == "form":
            found += _check_form(tag)
        found += _check_inline(tag)
        found += _check_htmx(soup, tag, is_whole=is_whole)
    return found + _check_addresses(app, tags)


def _is_field(tag: Tag) -> bool:
    if tag.name == "input":
        return tag.get("type") not in ("hidden", "submit", "button")
    return tag.name in ("select", "textarea")


def _is_pressed(tag: Tag) -> bool:
    return tag.name == "button" or (tag.name == "a" and tag.has_attr("href"))


def _check_inline(tag: Tag) -> list[str]:
    found = [f"inline handler {name}" for name in tag.attrs if name.startswith(("on", "hx-on"))]
    if tag.has_attr("style"):
        found.append(f"inline style on {tag.name}")
    if tag.name == "style":
        found.append("inline style sheet")
    if tag.name == "script" and not tag.has_attr("src") and tag.get("type") != "application/json":
        found.append("inline script")
    return found


def _check_kept(soup: BeautifulSoup) -> list[str]:
    """No secret is among what desk.js keeps of a form."""
    if soup.select_one('script[src*="js/desk.js"]') is None:
        return []
    fields = soup.select("#main form[method=post] :is(input:not([type=hidden], [type=password]), textarea)")
    found = [field for field in fields if field.get("name") in _SECRETS]
    return [f"the browser keeps {field['name']}" for field in found if not _is_unkept(field)]


def _is_unkept(field: Tag) -> bool:
    return field.has_attr("data-unkept") or field.find_parent(attrs={"data-unkept": True}) is not None


def _check_frame(soup: BeautifulSoup) -> list[str]:
    found = []
    if not soup.html or soup.html.get("lang") != "zh-CN":
        found.append("html without lang=zh-CN")
    if not soup.title or not soup.title.get_text(strip=True):
        found.append("no title")
    headings = len(soup.find_all("h1"))
    if headings != 1:
        found.append(f"{headings} h1 headings")
    return found


def _check_htmx(soup: BeautifulSoup, tag: Tag, *, is_whole: bool) -> list[str]:
    """What htmx swaps is there, and whatever it does also works without scripts."""
    found = []
    for name in ("hx-target", "hx-select"):
        wanted = str(tag.get(name, ""))
        # A part may be swapped into an element that stands around it in its page.
        if wanted.startswith("#") and is_whole and soup.select_one(wanted) is None:
            found.append(f"{name} {wanted} is nowhere")
        elif wanted and not wanted.startswith("#"):
            found.append(f"{name} {wanted} names no id")
    if tag.has_attr("hx-get") or tag.has_attr("hx-post"):
        trigger = str(tag.get("hx-trigger", ""))
        # htmx takes a click or a submit for itself, and what it came from does nothing any more.
        if any(part.strip().startswith(("click from:", "submit from:")) for part in trigger.split(",")):
            found.append(f"what is pressed does nothing with scripts: {trigger}")
        # It asks by itself, or as another element is used.
        if not ("every " in trigger or "from:" in trigger or _works_plainly(tag)):
            found.append(f"{tag.name} does nothing without scripts: {tag.get('hx-get') or tag.get('hx-post')}")
    if tag.name == "a" and not (tag.get("target") or tag.get("hx-boost") == "false") and _is_boosted(tag):
        # Its page would be swapped into the part that the link stands in.
        found.append(f"link out of a part: {tag.get('href')}")
    return found


def _is_boosted(tag: Tag) -> bool:
    return any(around.get("hx-boost") == "true" for around in tag.parents)


def _works_plainly(tag: Tag) -> bool:
    if tag.name == "form":
        return tag.has_attr("action")
    if tag.name == "a":
        return tag.has_attr("href")
    return tag.name in ("button", "input", "select", "textarea") and tag.find_parent("form") is not None


def _has_label(tag: Tag, labelled: Collection[str]) -> bool:
    if tag.get("aria-label") or tag.get("aria-labelledby") or tag.find_parent("label"):
        return True
    return str(tag.get("id") or "") in labelled


def _check_form(form: Tag) -> list[str]:
    found = []
    if not form.has_attr("method"):
        found.append("form without a method")
    token = form.find("input", attrs={"name": "csrf_token"})
    is_voter = str(form.get("action", "")).startswith("/v/")
    is_post = str(form.get("method", "get")).lower() == "post"
    if is_post and not is_voter and (token is None or not token.get("value")):
        found.append(f"form without CSRF token: {form.get('action')}")
    return found


def _check_addresses(app: Flask, tags: Collection[Tag]) -> list[str]:
    found = []
    adapter = app.url_map.bind("localhost")
    with app.app_context():
        printed = this_config().public_url
    targets = [(tag[name], verb) for tag in tags for name, verb in _ADDRESSES.items() if tag.has_attr(name)]
    targets += [
        (tag["action"], str(tag.get("method", "get")).upper())
        for tag in tags
        if tag.name == "form" and tag.has_attr("action")
    ]
    for target, verb in targets:
        address = str(target or "")
        parts = urlsplit(address)
        if address.startswith("data:") or (not parts.path and not parts.netloc):
            continue
        if parts.netloc:
            # The meeting's own address may stand on a page to be read or opened on a phone; nothing is loaded from it.
            if address.startswith(f"{printed}/") and verb == "GET":
                continue
            found.append(f"outside address {address}")
            continue
        try:
            adapter.match(parts.path, method=verb)
        except RequestRedirect:
            continue
        except (NotFound, MethodNotAllowed):
            found.append(f"{verb} {address} leads nowhere")
    return found
