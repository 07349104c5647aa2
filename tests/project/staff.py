"""Staff by what they may do, and where in the admin they do it."""

from __future__ import annotations

ANONYMOUS, NO_GROUP = "anonymous", "no group"
EDITORS, PUBLISHERS, REVIEWERS, OPERATORS = "Editors", "Publishers", "Reviewers", "Operators"
PEOPLE = [ANONYMOUS, NO_GROUP, EDITORS, PUBLISHERS, REVIEWERS, OPERATORS]

NOBODY: set[str] = set()
STAFF = {NO_GROUP, EDITORS, PUBLISHERS, REVIEWERS, OPERATORS}
EDITING = {EDITORS, PUBLISHERS, OPERATORS}
PUBLISHING = {PUBLISHERS, OPERATORS}
REVIEWING = {REVIEWERS, OPERATORS}
HEARING = EDITING | REVIEWING
OPERATING = {OPERATORS}

AGENT = "admin/agents/agentprofile/"
KEY = "admin/agents/integrationkey/"
REFUSAL = "admin/agents/modelrefusal/"
EXAMPLE = "admin/agents/example/"
CALL = "admin/calls/call/"
PRICE = "admin/calls/price/"
CAP = "admin/calls/dailycap/"
LEAD = "admin/leads/lead/"
ERASURE = "admin/leads/erasure/"
ENDPOINT = "admin/leads/endpoint/"
DELIVERY = "admin/leads/delivery/"
