"""The best Cypher that we can write by hand for what the store answers, on the same stored data.

Each stands here once and is asked in two forms: with the tests by which a reader keeps its moment (``@seen`` of an
edge, ``@there`` of a node, ``@then`` for a property), and without them, as one would write it who does not care.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from neo4j import READ_ACCESS, GraphDatabase, ManagedTransaction, Session

from registry.stores.neo4j.address import Address
from registry.stores.neo4j.moments import at_moment, exists, seen

BELOW = """
    MATCH (:_Entry {_ref: $root})<-[r:BROADER*0..]-(k) WHERE all(e IN r WHERE @seen(e)) WITH DISTINCT k
"""

# To go from a flow to its recipient the server looks at all edges of the flow; from the recipients it is less.
PAGE_OF_RECIPIENTS = (
    BELOW
    + """
    MATCH (k)<-[l:CARRIES]-(f) WHERE @seen(l) WITH DISTINCT f
    WHERE @then(f.status) = 'active' WITH collect(f) AS flows
    MATCH (t:Recipient)<-[q:TO]-(f) WHERE f IN flows AND @seen(q)
    WITH t, collect(f) AS flows WITH t._ref AS ref, flows ORDER BY ref
    WITH collect([ref, flows]) AS every
    RETURN size(every), [one IN every[..50] | [one[0], [f IN one[1] | f.key]]]
"""
)

FLOWS_OF_SOME = """
    UNWIND $ends AS ref MATCH (t:_Entry {_ref: ref})<-[q:TO]-(f) WHERE @seen(q)
    AND @then(f.status) = 'active' AND EXISTS { (f)-[x:CARRIES]->(y) WHERE y._ref IN $kinds AND @seen(x) }
    WITH t, collect(f.key) AS keys RETURN collect([t._ref, keys])
"""

BY_PURPOSE = """
    UNWIND $kinds AS ref MATCH (:_Entry {_ref: ref})<-[l:CARRIES]-(f) WHERE @seen(l) WITH DISTINCT f
    WHERE @then(f.status) = 'active'
    MATCH (f)-[q:FOR]->(t) WHERE @seen(q)
    WITH t, collect(f.key) AS keys RETURN collect([t._ref, keys])
"""

ENDS = """
    UNWIND $kinds AS ref MATCH (:_Entry {_ref: ref})<-[l:CARRIES]-(f) WHERE @seen(l) WITH DISTINCT f
    WHERE @then(f.status) = 'active' WITH collect(f) AS flows
    MATCH (t:Recipient|System|Product|DataSubjectGroup)<-[q:TO]-(f) WHERE f IN flows AND @seen(q)
    WITH DISTINCT t RETURN collect(t._ref)
"""

FLOWS = """
    UNWIND $kinds AS ref MATCH (:_Entry {_ref: ref})<-[l:CARRIES]-(f) WHERE @seen(l) WITH DISTINCT f
    WHERE @then(f.status) = 'active' WITH f.key AS key ORDER BY key RETURN collect(key)
"""

FIRST_FLOWS = """
    MATCH (f:DataFlow) WHERE f.key >= '' AND @there(f) WITH f.key AS key ORDER BY key LIMIT 50 RETURN collect(key)
"""

LEAVING = """
    UNWIND $flows AS ref
    MATCH (s:_Entry {_ref: ref})-[e:CARRIES|FOR|UNDER|STATED_IN]->(t) WHERE @seen(e)
    WITH s, collect([type(e), t._ref, properties(e)]) AS several RETURN collect([s._ref, several])
"""

NODES = """
    UNWIND $refs AS ref MATCH (n:_Entry {_ref: ref}) WHERE @there(n) WITH @then(n) AS state RETURN collect(state)
"""

SUBTREE = BELOW + "RETURN collect(k._ref)"

NAMED = """
    MATCH (:_Name {form: $form})<-[a:_NAMED]-(n:_Entry) WHERE @seen(a) AND @there(n) RETURN collect(DISTINCT n._ref)
"""

COUNTED = """
    MATCH (n:_Entry) WHERE @there(n)
    WITH [label IN labels(n) WHERE NOT label STARTS WITH '_'][0] AS label, count(*) AS number
    RETURN collect([label, number])
"""


def with_stamps(text: str) -> str:
    """The statement as it keeps a moment."""
    text = re.sub(r"@seen\((\w+)\)", lambda found: f"({seen(found[1])})", text)
    text = re.sub(r"@there\((\w+)\)", lambda found: exists(found[1]), text)
    text = re.sub(r"@then\((\w+)\.(\w+)\)", lambda found: f"({at_moment(found[1], '{}.' + found[2])})", text)
    return re.sub(r"@then\((\w+)\)", lambda found: at_moment(found[1], "properties({})"), text)


def without_stamps(text: str) -> str:
    """The statement as it reads whatever is there just then."""
    text = re.sub(r"@(seen|there)\(\w+\)", "true", text)
    text = re.sub(r"@then\((\w+\.\w+)\)", r"\1", text)
    return re.sub(r"@then\((\w+)\)", r"properties(\1)", text)


@contextmanager
def session_of(place: Address) -> Iterator[Session]:
    """A session for reads that nothing but the driver stands behind."""
    credentials = None if place.password is None else (place.user or "", place.password)
    with (
        GraphDatabase.driver(place.server, auth=credentials, notifications_min_severity="OFF") as driver,
        driver.session(database=place.database, default_access_mode=READ_ACCESS, fetch_size=-1) as session,
    ):
        yield session


def answer(session: Session, text: str, values: dict[str, Any]) -> list[Any]:
    """The one list with which a statement answers, in a transaction that is tried again as those of the store are."""

    def ask(transaction: ManagedTransaction) -> list[Any]:
        return [record.values() for record in transaction.run(text, values)]

    (record,) = session.execute_read(ask)
    found: list[Any] = record[-1]
    return found
