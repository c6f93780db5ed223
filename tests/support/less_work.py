"""What would keep the tests' process busy for a third of their time and is none of what they test.

Templates and addresses are compiled once for all applications, of which each test has its own; passwords are hashed
with less work. tests/operations/people/test_signing_in.py holds the work that a hash costs elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from kaohe.operations.people import credentials

_Builder = Callable[..., tuple[str, str]]


class CompiledTemplates(BytecodeCache):
    """What some application of this process has compiled, in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def share_compiled_templates() -> None:
    """Let every application that is made from now on use them."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


def share_compiled_addresses() -> None:
    """Let equal rules of all applications share the function that builds their addresses.

    Compiling it is nine tenths of making an application. It takes its rule as an argument and keeps nothing of it.
    """
    compiled: dict[Hashable, _Builder] = {}
    compile_anew = Rule._compile_builder  # noqa: SLF001 - Werkzeug has no other way in

    def compile_once(rule: Rule, append_unknown: bool = True) -> _Builder:  # noqa: FBT001, FBT002 - Werkzeug's signature
        form = (rule.rule, rule.host, rule.subdomain, rule.merge_slashes, repr(rule.defaults), append_unknown)
        if form not in compiled:
            compiled[form] = compile_anew(rule, append_unknown)
        return compiled[form]

    Rule._compile_builder = compile_once  # noqa: SLF001 - as above


def hash_passwords_with_less_work() -> None:
    """Take a fiftieth of the processor and of the memory for a hash; those of another process are still read."""
    credentials._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)  # noqa: SLF001 - no user may choose
