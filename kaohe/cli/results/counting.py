"""The process that a server starts to count one box."""

from __future__ import annotations

import sys

import click

from kaohe.cli.application import application
from kaohe.operations.count.counting_apart import answer_count


def main() -> None:
    """Count what the standard input asks for, within the server's own settings, and answer in lines."""
    asked = sys.stdin.read()
    with application():
        answer_count(asked, click.echo)
