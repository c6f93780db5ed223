"""Every refusal that a person can meet: one class, one stable code, one Chinese sentence each.

A room for each theme; everyone takes them from here.
"""

from __future__ import annotations

from kaohe.domain.errors.accounts import *
from kaohe.domain.errors.ballots import *
from kaohe.domain.errors.counting import *
from kaohe.domain.errors.installation import *
from kaohe.domain.errors.meetings import *
from kaohe.domain.errors.refusal import *
from kaohe.domain.errors.schemes import *
from kaohe.domain.errors.tickets import *
