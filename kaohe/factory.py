"""Wiring only: the pages on an installation. Refuses to start if a route has no audience."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect

from kaohe.config import Config
from kaohe.domain import limits
from kaohe.storage.application import application_without_pages
from kaohe.web.access import add_access, may_now, require_audiences
from kaohe.web.admin.routes import admin
from kaohe.web.api.routes import api
from kaohe.web.bodies import BodyGate
from kaohe.web.documents.routes import documents
from kaohe.web.errors import add_error_pages
from kaohe.web.guides import guides
from kaohe.web.hosts import HostGate
from kaohe.web.organizer import organizer
from kaohe.web.projector.routes import projector
from kaohe.web.public import public
from kaohe.web.security import CONSOLE_PATHS, ConsoleSessions, StrictTransport, add_security
from kaohe.web.voter.fast_path import VoterFastPath
from kaohe.web.voter.phone_checks import phone_checks
from kaohe.web.voter.routes import voter

_csrf = CSRFProtect()


def create_app(config: Config | None = None) -> Flask:
    """The whole application for one installation.

    Raises:
        DataFolderUnwritable, SecretsMismatch: the data folder is not usable.
        RuntimeError: a route has no audience.
    """
    config = config or Config.from_environment()
    is_https = config.public_url.startswith("https://")
    app = application_without_pages(config)
    app.config.update(
        # A name with this prefix is kept by a browser only if it came over HTTPS, for this host alone, with no Domain.
        SESSION_COOKIE_NAME="__Host-kaohe_desk" if is_https else "kaohe_desk",
        # Such a name is for the whole host. Without HTTPS the cookie stays on the console's own paths.
        SESSION_COOKIE_PATH="/" if is_https else CONSOLE_PATHS[0],
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        WTF_CSRF_TIME_LIMIT=None,
        # The console's pages change under an organizer's hands; the vendored files carry their version in the name.
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.session_interface = ConsoleSessions()
    _csrf.init_app(app)
    add_security(app)
    add_error_pages(app)
    add_access(app)
    app.add_template_global(may_now, "may")
    app.jinja_env.globals["limits"] = limits
    for blueprint in (public, guides, voter, phone_checks, organizer, projector, documents, admin, api):
        app.register_blueprint(blueprint)
    _csrf.exempt(voter)
    _csrf.exempt(phone_checks)
    require_audiences(app)
    gate = HostGate(app, BodyGate(app, VoterFastPath(app)), config)
    app.wsgi_app = StrictTransport(gate) if is_https else gate  # type: ignore[method-assign] # Flask's own way to stand before an application
    return app
