"""``python -m kaohe`` is the ``kaohe`` command."""

from kaohe.cli import main

if __name__ == "__main__":
    main()
