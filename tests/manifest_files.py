"""Manifests as files, and what reading them says: problems as people see them, or what was declared.

Names in these manifests only fill a place: several things may have one, but where a test is about that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from textwrap import dedent

from registry.errors import InvalidInput
from registry.model.snapshot import Edge, Node, Snapshot, Text
from registry.planning import apply, plan, read_manifests
from registry.stores.memory import MemoryStore
from registry.stores.port import Store

WORLD = """
    categories:
      location: {name: {en: Location, zh: 位置信息}, aliases: [position, 定位]}
      gps: {name: {en: GPS location, zh: GPS定位}, broader: location}
      profile: {name: {en: Profile, zh: 画像}}
    recipients:
      jpush: {name: {en: JPush, zh: 极光推送}, kind: sdk}
      getui: {name: {en: GeTui, zh: 个推}, kind: sdk, bundles: jpush}
    products:
      app: {name: {en: The app, zh: 本应用}}
    systems:
      app: {name: {en: The app's store, zh: 应用数据库}}
    purposes:
      push: {name: {en: Push messages, zh: 消息推送}}
    organizations:
      group: {name: {en: The group, zh: 集团}}
      daughter: {name: {en: The daughter, zh: 子公司}, part_of: group}
    clauses:
      p:1: {name: {en: Clause 1, zh: 第一条}, document: p, number: "1"}
"""
"""A registry small enough to keep in mind."""


def marked(manifest: str) -> tuple[str, list[str]]:
    """The manifest without its marks (``¦``), and the place just after each."""
    lines = dedent(manifest).strip("\n").split("\n")
    places = []
    for number, line in enumerate(lines, start=1):
        parts = line.split("¦")
        places += [f"{number}:{len(''.join(parts[: count + 1])) + 1}" for count in range(len(parts) - 1)]
    return "\n".join(lines).replace("¦", "") + "\n", places


def write(directory: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below ``directory``; texts lose the indentation that they have in the test."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else dedent(content).lstrip("\n").encode())


def register(store: Store, directory: Path, manifest: str) -> None:
    """Apply one manifest."""
    write(directory, {"registered.yaml": manifest})
    with store.reading() as reader:
        planned = plan(reader, read_manifests(reader, [directory / "registered.yaml"], same_name=True))
    apply(store, planned)


def problems(store: Store, *paths: str | Path, same_name: bool = True) -> list[str]:
    """Every problem that reading the manifests at ``paths`` finds; none where they are right."""
    try:
        with store.reading() as reader:
            read_manifests(reader, paths, same_name=same_name)
    except InvalidInput as error:
        for problem in error.problems:
            assert in_both(problem.what), problem
            assert in_both(problem.hint), problem
        return [str(problem) for problem in error.problems]
    return []


def in_both(told: Text) -> bool:
    """Whether this is told in English and in Chinese."""
    return bool(told.en) and re.search("[\u4e00-\u9fff]", told.zh) is not None


def problems_of(manifest: str | bytes, directory: Path) -> list[str]:
    """Every problem of one manifest, called ``m.yaml``, for a registry that holds nothing."""
    write(directory, {"m.yaml": manifest})
    with closing(MemoryStore()) as store:
        return [problem.replace(f"{directory}/", "") for problem in problems(store, directory / "m.yaml")]


def declared_by(manifest: str | bytes, directory: Path) -> Snapshot:
    """What one manifest declares, for a registry that holds nothing."""
    write(directory, {"m.yaml": manifest})
    with closing(MemoryStore()) as store, store.reading() as reader:
        return read_manifests(reader, [directory / "m.yaml"], same_name=True)


def contents(store: Store) -> tuple[int, list[Node], list[Edge]]:
    """All that a store holds, and its version."""
    with store.reading() as reader:
        return reader.version, list(reader.all_nodes()), list(reader.all_edges())
