"""A store on a Neo4j server (5.26 LTS or later), for many users and large registries.

Cypher does the walking, filtering and grouping; each operation of the port is one statement. Neo4j itself reads what is
committed just then, so two reads may be of different moments. Here whatever a write makes bears a stamp until long
after, and a reader passes over stamps later than its own moment: see `registry.stores.neo4j.moments`.
"""

from registry.stores.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore"]
