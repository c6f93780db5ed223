"""Settings, secrets and process memory of the running installation."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from flask import Flask, current_app

from kaohe.config import Config
from kaohe.storage.secrets_file import Secrets

_KEY = "kaohe"
_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


class RecentlyUsed(Generic[_K, _V]):
    """Keeps what was used last: where there is too much, what has lain longest without use makes room."""

    def __init__(self, at_most: int) -> None:
        """Empty; never holds more than ``at_most`` values."""
        self._at_most = at_most
        self._kept: OrderedDict[_K, _V] = OrderedDict()

    def recall(self, key: _K) -> _V | None:
        """The value of ``key``, which counts as used now; None where none is kept."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: _K, value: _V) -> None:
        """Keep a value, in the place of what ``key`` had."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._at_most:
            self._kept.popitem(last=False)

    def forget(self, key: _K) -> None:
        """Keep nothing for ``key``. Idempotent."""
        self._kept.pop(key, None)


def install(app: Flask, config: Config, secrets: Secrets) -> None:
    """Give ``app`` its settings and secrets, once, when it is made."""
    app.extensions[_KEY] = (config, secrets)


def this_config() -> Config:
    """The settings of the installation that serves this request or command."""
    config: Config = current_app.extensions[_KEY][0]
    return config


def change_public_url(url: str) -> None:
    """Let all that this process prints and shows from now on begin with another address."""
    config, secrets = current_app.extensions[_KEY]
    current_app.extensions[_KEY] = (replace(config, public_url=url), secrets)


def these_secrets() -> Secrets:
    """The secrets of the installation that serves this request or command."""
    secrets: Secrets = current_app.extensions[_KEY][1]
    return secrets


def this_memory(name: str) -> dict[Any, Any]:
    """The in-memory dictionary ``name`` of the installation that serves this request; lost with the process."""
    memory: dict[Any, Any] = current_app.extensions.setdefault(f"{_KEY}_{name}", {})
    return memory


def recently_used(name: str, at_most: int) -> RecentlyUsed[Any, Any]:
    """The installation's memory ``name`` of at most so many values; lost with the process."""
    memory = this_memory(name)
    found: RecentlyUsed[Any, Any] | None = memory.get("kept")
    if found is None:
        found = memory["kept"] = RecentlyUsed(at_most)
    return found
