"""The questions, and the answers they return."""

from registry.lineage.answers import Answer, Certainty, Combination, FlowView, Reason, Row, Summary
from registry.lineage.naming import resolve
from registry.lineage.paths import path
from registry.lineage.question import WHOLE, Window
from registry.lineage.questions import (
    combinations,
    held_about,
    if_breached,
    if_erased,
    if_revoked,
    what_receives,
    where_from,
    who_receives,
    why,
)
from registry.lineage.scope import EVERYWHERE, Scope

__all__ = [
    "EVERYWHERE",
    "WHOLE",
    "Answer",
    "Certainty",
    "Combination",
    "FlowView",
    "Reason",
    "Row",
    "Scope",
    "Summary",
    "Window",
    "combinations",
    "held_about",
    "if_breached",
    "if_erased",
    "if_revoked",
    "path",
    "resolve",
    "what_receives",
    "where_from",
    "who_receives",
    "why",
]
