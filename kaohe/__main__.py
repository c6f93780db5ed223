"""``python -m kaohe`` is the ``kaohe`` command."""

from __future__ import annotations

from kaohe.cli import main

if __name__ == "__main__":
    main()
