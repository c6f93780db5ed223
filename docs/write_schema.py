"""Write ``scheme.schema.json`` anew after the format has grown: ``python docs/write_schema.py``."""

from __future__ import annotations

import json
from pathlib import Path

from kaohe.tally.scheme_document.document import scheme_schema

Path(__file__).with_name("scheme.schema.json").write_text(
    json.dumps(scheme_schema(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
)
