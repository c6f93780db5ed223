"""Wiring only: settings, secrets, database, pages. Refuses to start if a route has no audience."""

from __future__ import annotations

from flask import Flask
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined

from kaohe.config import Config, program_folder
from kaohe.domain import limits
from kaohe.storage.database import prepare_engine
from kaohe.storage.installation import install
from kaohe.storage.secrets_file import load_secrets
from kaohe.storage.tables import db
from kaohe.web.access import add_access, may_now, require_audiences
from kaohe.web.admin.routes import admin
from kaohe.web.bodies import BodyGate
from kaohe.web.documents.routes import documents
from kaohe.web.errors import add_error_pages
from kaohe.web.hosts import HostGate
from kaohe.web.organizer import organizer
from kaohe.web.projector.routes import projector
from kaohe.web.public import public
from kaohe.web.security import StrictTransport, add_security
from kaohe.web.voter.fast_path import VoterFastPath
from kaohe.web.voter.routes import voter

_csrf = CSRFProtect()


def create_app(config: Config | None = None) -> Flask:
    """The whole application for one installation.

    Raises:
        DataFolderUnwritable, SecretsMismatch: the data folder is not usable.
        RuntimeError: a route has no audience.
    """
    config = config or Config.from_environment()
    secrets = load_secrets(config.data)
    is_https = config.public_url.startswith("https://")
    app = Flask("kaohe", root_path=str(program_folder()), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=secrets.cookie_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        # A name with this prefix is kept by a browser only if it came over HTTPS, for this host alone, with no Domain.
        SESSION_COOKIE_NAME="__Host-kaohe_desk" if is_https else "kaohe_desk",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_https,
        WTF_CSRF_TIME_LIMIT=None,
        TESTING=config.is_testing,
        # The console's pages change under an organizer's hands; the vendored files carry their version in the name.
        SEND_FILE_MAX_AGE_DEFAULT=3600,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    install(app, config, secrets)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    _csrf.init_app(app)
    add_security(app)
    add_error_pages(app)
    add_access(app)
    app.add_template_global(may_now, "may")
    app.jinja_env.globals["limits"] = limits
    for blueprint in (public, voter, organizer, projector, documents, admin):
        app.register_blueprint(blueprint)
    _csrf.exempt(voter)
    require_audiences(app)
    gate = HostGate(app, BodyGate(app, VoterFastPath(app)), config)
    app.wsgi_app = StrictTransport(gate) if is_https else gate  # type: ignore[method-assign] # Flask's own way to stand before an application
    return app
