"""Free disk space."""

from __future__ import annotations

import shutil

from kaohe.storage.installation import this_config

_MB = 1024 * 1024


def free_mb() -> int:
    """Free space where the data folder lies, in whole mebibytes.

    A database elsewhere (PostgreSQL) has a disk of its own, which this does not look at.

    Raises:
        OSError: the folder is not there any more.
    """
    return shutil.disk_usage(this_config().data).free // _MB
