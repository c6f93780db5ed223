"""The WSGI entry."""

from kaohe.factory import create_app

app = create_app()
