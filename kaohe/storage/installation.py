"""Settings, secrets and process memory of the running installation."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app

from kaohe.config import Config
from kaohe.storage.secrets_file import Secrets

_KEY = "kaohe"


def install(app: Flask, config: Config, secrets: Secrets) -> None:
    """Give ``app`` its settings and secrets, once, when it is made."""
    app.extensions[_KEY] = (config, secrets)


def this_config() -> Config:
    """The settings of the installation that serves this request or command."""
    config: Config = current_app.extensions[_KEY][0]
    return config


def these_secrets() -> Secrets:
    """The secrets of the installation that serves this request or command."""
    secrets: Secrets = current_app.extensions[_KEY][1]
    return secrets


def this_memory(name: str) -> dict[Any, Any]:
    """The in-memory dictionary ``name`` of the installation that serves this request; lost with the process."""
    memory: dict[Any, Any] = current_app.extensions.setdefault(f"{_KEY}_{name}", {})
    return memory
