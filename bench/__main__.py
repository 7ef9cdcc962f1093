"""Every measurement, one after the other: python -m bench"""

from __future__ import annotations

from bench import answers, commands, lists, neo4j, stores

commands.main()
answers.main()
lists.main()
stores.main()
neo4j.main()
