"""The application without a page: settings, secrets and database, which is all that a command needs."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from kaohe.config import Config, program_folder
from kaohe.storage.database import prepare_engine
from kaohe.storage.installation import install
from kaohe.storage.postgresql import engine_options
from kaohe.storage.secrets_file import load_secrets
from kaohe.storage.tables import db


def application_without_pages(config: Config) -> Flask:
    """A Flask application tied to one installation: settings, secrets and database, and how templates are read.

    Raises:
        DataFolderUnwritable, SecretsMismatch: the data folder is not usable.
    """
    secrets = load_secrets(config.data)
    app = Flask("kaohe", root_path=str(program_folder()), template_folder="templates", static_folder="static")
    app.config.update(
        SECRET_KEY=secrets.cookie_key,
        SQLALCHEMY_DATABASE_URI=config.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(config.database_url),
        TESTING=config.is_testing,
    )
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    install(app, config, secrets)
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    return app
