"""Whole questions as the best Cypher that we can write by hand for them, one statement each, on the same stored data.

Each answers with a list: the number of rows, the rows of the page (an end and its flows), these flows with all their
edges, the nodes that those lead to, and what else the question names. An answer of the registry says more: how surely
each flow counts and for what reason, by which hands data came to a recipient, what this one can combine, what is
sensitive. It is not bound to this estate either, where data is made of made data twice at most, and passed on eight
times. So these are floors.

``$root`` is what is asked about, ``$rows`` how many rows the page has, ``$now`` the moment. The macros are those of
`bench.operations_in_cypher`.
"""

from __future__ import annotations

from registry.model.graph import FLOW, GRAPH

_ACTIVE = "@then(f.status) = 'active'"
_OBTAINING = f"{_ACTIVE} AND @then(f.kind) IN ['collect', 'receive']"
_EDGES = "|".join(sorted(name for name, edge in GRAPH.by_edge.items() if FLOW in edge.sources))
_HOLDERS = "Recipient|DataSubjectGroup|Product|System"


# What was asked for and everything narrower, ``certain``; and with what is above that, ``wider``.
_NAMED = """
    MATCH (:_Entry {_ref: $root})<-[r:BROADER*0..]-(k) WHERE all(e IN r WHERE @seen(e))
    WITH collect(DISTINCT k) AS certain
    CALL (certain) { UNWIND certain AS k MATCH (k)-[r:BROADER*0..]->(x) WHERE all(e IN r WHERE @seen(e))
        RETURN collect(DISTINCT x) AS above }
    WITH certain, certain + above AS wider
"""

# Also the terms that clauses define so that they include it.
_OWN = f"""
    {_NAMED}
    CALL (wider) {{ UNWIND wider AS w MATCH (w)<-[i:INCLUDES]-()-[d:DEFINES]->()-[r:BROADER*0..]->(x)
        WHERE @seen(i) AND @seen(d) AND all(e IN r WHERE @seen(e)) RETURN collect(DISTINCT x) AS defined }}
    WITH certain, wider + defined AS own
"""


def _made(known: str, more: str) -> str:
    """What active flows make of known data, and what is above and below that."""
    return f"""
    CALL ({known}) {{ MATCH (f)-[x:DERIVES]->(d) WHERE @seen(x)
            AND EXISTS {{ (f)-[c:CARRIES]->(k) WHERE k IN {known} AND @seen(c) }}
            AND {_ACTIVE} AND NOT coalesce(@then(f.protection), '') IN ['anonymised', 'aggregated']
        RETURN collect(DISTINCT d) AS made }}
    CALL (made) {{
        UNWIND made AS d MATCH (d)-[r:BROADER*0..]->(x) WHERE all(e IN r WHERE @seen(e)) RETURN x
        UNION UNWIND made AS d MATCH (d)<-[r:BROADER*0..]-(x) WHERE all(e IN r WHERE @seen(e)) RETURN x
    }}
    WITH certain, {known}, collect(x) AS found WITH certain, {known} + found AS {more}
    """


# Twice, since what is made of what was made counts as well.
_ALL = _OWN + _made("own", "once") + _made("once", "kinds")


def _flows(kinds: str, called: str, tests: str = _ACTIVE) -> str:
    """The flows that bring or make data of these kinds."""
    return f"""
    CALL ({kinds}) {{ UNWIND {kinds} AS k MATCH (k)<-[l:CARRIES|DERIVES]-(f) WHERE @seen(l)
        WITH DISTINCT f WHERE {tests} RETURN collect(f) AS {called} }}
    """


def _reaching(edge: str, ends: str, called: str) -> str:
    """The active flows with such an edge to these ends."""
    return f"""
    CALL ({ends}) {{ UNWIND {ends} AS t MATCH (t)<-[q:{edge}]-(f) WHERE @seen(q) AND {_ACTIVE}
        RETURN collect(DISTINCT f) AS {called} }}
    """


def _rows(pairs: str, kept: str = "") -> str:
    """Every end ``t`` with its flows, those first that a flow surely leads to; beside what is ``kept``."""
    return f"""
    {pairs} WITH {kept}t, collect(DISTINCT f) AS several, max(f IN sure) AS surely ORDER BY NOT surely, t._ref
    WITH {kept}collect([t, several]) AS every
    """


def _into(edge: str, ends: str) -> str:
    """Ends with the flows that lead to them; it is less than to look at all edges of the flows."""
    return f"MATCH (t:{ends})<-[q:{edge}]-(f) WHERE f IN flows AND @seen(q)"


def _answer(*besides: str) -> str:
    """The page laid out."""
    return f"""
    CALL (page) {{ UNWIND page AS one UNWIND one[1] AS f WITH DISTINCT f MATCH (f)-[e:{_EDGES}]->(t) WHERE @seen(e)
        WITH f, collect([type(e), t._ref, properties(e)]) AS edges, collect(t) AS ends
        RETURN collect([@then(f), edges]) AS laid, collect(ends) AS ends }}
    CALL (ends) {{ UNWIND ends AS several UNWIND several AS t WITH DISTINCT t
        WITH @then(t) AS state RETURN collect(state) AS nodes }}
    RETURN [{", ".join(("total", "[one IN page | [one[0]._ref, [f IN one[1] | f.key]]]", "laid", "nodes", *besides))}]
    """


_PAGE = "size(every) AS total, every[..50] AS page"

# Who gets it, and who holds it inside.
WHO_RECEIVES = f"""
    {_ALL} {_flows("kinds", "flows")} {_flows("certain", "sure")} {_rows(_into("TO", _HOLDERS))}
    WITH [one IN every WHERE one[0]:Product OR one[0]:System] AS holding,
        [one IN every WHERE NOT (one[0]:Product OR one[0]:System)] AS every
    WITH [one IN holding[..50] | properties(one[0])] AS holding, {_PAGE} {_answer("holding")}
"""

_BY_CATEGORY = "UNWIND flows AS f MATCH (f)-[q:CARRIES|DERIVES]->(t) WHERE @seen(q)"
WHAT_RECEIVES = f"""
    {_NAMED} {_reaching("TO", "wider", "flows")} {_reaching("TO", "certain", "sure")}
    {_rows(_BY_CATEGORY)} WITH {_PAGE} {_answer()}
"""

# Flows without a purpose are one more row, after all the others.
WHY = f"""
    {_ALL} {_flows("kinds", "flows")} {_flows("certain", "sure")}
    CALL (flows) {{ UNWIND flows AS f WITH f WHERE NOT EXISTS {{ (f)-[q:FOR]->() WHERE @seen(q) }}
        RETURN count(f) AS absent }}
    {_rows(_into("FOR", "Purpose"), "absent, ")}
    WITH size(every) + sign(absent) AS total, every[..$rows] AS page {_answer()}
"""

# Also from where the flows come that make it.
WHERE_FROM = f"""
    {_OWN} {_flows("own", "flows", _OBTAINING)} {_flows("certain", "sure", _OBTAINING)}
    CALL (own) {{ UNWIND own AS k MATCH (k)<-[l:DERIVES]-(f) WHERE @seen(l) WITH DISTINCT f WHERE {_ACTIVE}
        MATCH (f)-[q:FROM]->(t) WHERE @seen(q) WITH t, collect(DISTINCT f) AS made
        RETURN collect([t, made]) AS making }}
    {_rows(_into("FROM", _HOLDERS), "making, ")} WITH every + making AS every WITH {_PAGE} {_answer()}
"""

# By activity; with the other flows of these, and those that bring the same data without the permission.
IF_REVOKED = f"""
    {_NAMED} {_reaching("REQUIRES", "wider", "flows")} {_reaching("REQUIRES", "certain", "sure")}
    CALL (wider) {{ UNWIND wider AS w MATCH (w)-[g:GIVES_ACCESS_TO]->()<-[r:BROADER*0..]-(x)
        WHERE @seen(g) AND all(e IN r WHERE @seen(e)) WITH DISTINCT x, wider MATCH (x)<-[l:CARRIES]-(f) WHERE @seen(l)
        WITH DISTINCT f, wider WHERE {_OBTAINING}
        AND NOT EXISTS {{ (f)-[q:REQUIRES]->(k) WHERE k IN wider AND @seen(q) }}
        RETURN collect(f.key) AS still }}
    {_rows("UNWIND flows AS f MATCH (f)-[q:PART_OF]->(t:ProcessingActivity) WHERE @seen(q)", "still, ")}
    WITH still, {_PAGE}
    CALL (page) {{ UNWIND page AS one WITH one[0] AS t, one[1] AS stopped MATCH (t)<-[q:PART_OF]-(f:DataFlow)
        WHERE @seen(q) AND {_ACTIVE} AND NOT f IN stopped WITH t, collect(@then(f)) AS others
        RETURN collect([t._ref, others]) AS further }}
    {_answer("still", "further")}
"""

IF_ERASED = f"""
    {_ALL} {_flows("kinds", "flows")} {_flows("certain", "sure")} {_rows(_into("TO", _HOLDERS))}
    WITH {_PAGE} {_answer()}
"""

# Also about whom that is, and whoever has anything from there.
_PASSED_ON = 9 * (
    f"""
    CALL (near) {{ UNWIND near AS k MATCH (k)<-[o:FROM]-(f) WHERE @seen(o)
        WITH DISTINCT f WHERE {_ACTIVE} MATCH (f)-[q:TO]->(x:Recipient) WHERE @seen(q)
        RETURN collect(DISTINCT x) AS reached }}
    WITH certain, flows, sure, known, [x IN reached WHERE NOT x IN known] AS near
    WITH certain, flows, sure, near, known + near AS known
    """
)
IF_BREACHED = f"""
    {_NAMED} {_reaching("TO", "wider", "flows")} {_reaching("TO", "certain", "sure")}
    WITH certain, flows, sure, certain AS near, certain AS known {_PASSED_ON}
    CALL (flows) {{ UNWIND flows AS f MATCH (f)-[a:ABOUT]->(s) WHERE @seen(a)
        RETURN collect(DISTINCT s._ref) AS about }}
    {_rows(_BY_CATEGORY, "known, about, ")} WITH [k IN known | @then(k)] AS onward, about, {_PAGE}
    {_answer("onward", "about")}
"""

# What a system holds, its product holds, and perhaps the other systems of that.
_BESIDE = """
    CALL ({0}) {{ UNWIND {0} AS x OPTIONAL MATCH (x:System)-[q:PART_OF]->(p:Product) WHERE @seen(q)
        WITH collect(DISTINCT x) + collect(DISTINCT p) AS found
        CALL (found) {{ UNWIND found AS x MATCH (x:Product)<-[q:PART_OF]-(part:System) WHERE @seen(q)
            RETURN collect(DISTINCT part) AS parts }}
        UNWIND found + parts AS one RETURN collect(DISTINCT one) AS {1} }}
"""
_OF_KIND = f"{_ACTIVE} AND EXISTS {{ (f)-[l:CARRIES]->(k) WHERE k IN kinds AND @seen(l) }}"

# The flows of every way of three steps or less. The ways themselves are not put together.
PATH = f"""
    {_ALL} MATCH (a:_Entry {{_ref: $start}}), (b:_Entry {{_ref: $goal}})
    CALL (a, kinds) {{ MATCH (a)<-[o:FROM]-(f)-[q:TO]->(x) WHERE @seen(o) AND @seen(q) AND {_OF_KIND}
        RETURN collect(DISTINCT f) AS first, collect(DISTINCT x) AS ends }}
    CALL (b, kinds) {{ MATCH (b)<-[q:TO]-(f)-[o:FROM]->(x) WHERE @seen(o) AND @seen(q) AND {_OF_KIND}
        RETURN collect(DISTINCT f) AS last, collect(DISTINCT x) AS origins }}
    {_BESIDE.format("ends", "left")} {_BESIDE.format("origins", "right")}
    CALL (left) {{ UNWIND left AS x MATCH (x)<-[o:FROM]-(f) WHERE @seen(o) WITH DISTINCT f WHERE {_ACTIVE}
        RETURN collect(f) AS leaving }}
    CALL (leaving, right) {{ UNWIND leaving AS f MATCH (f)-[q:TO]->(y) WHERE @seen(q) AND y IN right
        RETURN collect(DISTINCT f) AS between }}
    CALL (between, kinds) {{ UNWIND between AS f WITH f WHERE {_OF_KIND} RETURN collect(f) AS middle }}
    CALL (first, last, middle) {{ UNWIND first + last + middle AS f WITH DISTINCT f
        MATCH (f)-[e:FROM|TO]->(t) WHERE @seen(e) WITH f, collect([type(e), t._ref]) AS ends
        RETURN collect([f.key, ends]) AS flows }}
    RETURN [size(flows), [[null, [one IN flows | one[0]]]], flows]
"""
