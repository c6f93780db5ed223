"""What would keep the tests' process busy for a third of their time and is none of what they test.

Templates, addresses and SQL are compiled once for all applications, of which each test has its own; passwords are
hashed with less work. tests/operations/people/test_signing_in.py holds the work that a hash costs elsewhere.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import CodeType, MethodType
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from kaohe.operations.people import credentials


class CompiledTemplates(FileSystemBytecodeCache):
    """What this process has read is in memory, and what any has compiled in the user's folder for such files."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))
        if bucket.code is None:
            super().load_bytecode(bucket)
            self._keep(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._keep(bucket)
        super().dump_bytecode(bucket)

    def _keep(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def share_compiled_templates() -> None:
    """Let every application that is made from now on use them."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


def share_compiled_addresses() -> None:
    """Let equal rules of all applications share what they are compiled to, which is nearly all of making one."""
    compiled: dict[Hashable, Rule] = {}
    compile_anew = Rule.compile

    def compile_once(rule: Rule) -> None:
        form = (rule.rule, rule.host, rule.subdomain, rule.merge_slashes, rule.websocket, repr(rule.defaults))
        first = compiled.setdefault(form, rule)
        if first is rule:
            compile_anew(rule)
            return
        rule.arguments |= first.arguments
        for name in ("_parts", "_trace", "_converters"):
            setattr(rule, name, getattr(first, name))
        for name in ("_build", "_build_unknown"):
            setattr(rule, name, MethodType(getattr(first, name).__func__, rule))

    Rule.compile = compile_once


def share_compiled_statements() -> None:
    """Let the engines of all applications share the SQL that statements are compiled to.

    SQLAlchemy keeps it for each engine and dialect; the dialects of one driver compile alike in all tests.
    """
    kept: LRUCache[Any, Any] = LRUCache(5_000)
    Engine._compiled_cache = property(lambda _: kept, lambda _engine, _own: None)  # noqa: SLF001 - no other way in
    Dialect.__hash__ = lambda dialect: hash(type(dialect))
    Dialect.__eq__ = lambda dialect, other: type(dialect) is type(other)


def hash_passwords_with_less_work() -> None:
    """Take a fiftieth of the processor and of the memory for a hash; those of another process are still read."""
    credentials._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)  # noqa: SLF001 - no user may choose
