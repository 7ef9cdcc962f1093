"""What is registered, written as a manifest: alone it reads back to the same, and in a manifest that is there too."""

from __future__ import annotations

from contextlib import closing
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import InvalidInput, Refused
from registry.manifest_text import added, manifest
from registry.manifests import read_bytes
from registry.model.snapshot import Snapshot
from registry.planning import read_document
from registry.stores.memory import MemoryStore
from tests.registries import declared
from tests.test_reading_properties import documents, registries

NEW = """
recipients:
  amap: {name: {en: Amap SDK, zh: 高德SDK}, kind: sdk}
categories:
  gps: {name: {en: GPS, zh: 定位}}
"""


def reads(data: bytes) -> Snapshot:
    with closing(MemoryStore()) as store, store.reading() as reader:
        problems: list[object] = []
        document = read_bytes(data, "m.yaml", problems)  # type: ignore[arg-type]
        assert document is not None, problems
        return read_document(reader, document)


def put(text: str, new: str = NEW) -> str:
    with closing(MemoryStore()) as store, store.reading() as reader:
        return added(reader, dedent(text).lstrip("\n").encode(), "m.yaml", declared(reader, new)).decode()


@given(registries())
@settings(deadline=None, max_examples=40)
def test_a_manifest_reads_back_to_what_it_was_made_of(registry: Snapshot) -> None:
    read = reads(manifest(registry).encode())

    assert {one: {k: v for k, v in node.properties.items() if v != ()} for one, node in read.nodes.items()} == {
        one: {k: v for k, v in node.properties.items() if v != ()} for one, node in registry.nodes.items()
    }
    assert read.edges == registry.edges


@given(st.data())
@settings(deadline=None, max_examples=40)
def test_what_is_put_into_any_manifest_is_read_with_it(data: st.DataObject) -> None:
    (text,) = data.draw(documents(data.draw(registries()), files=1))
    fresh = "organizations:\n  the-new-one: {name: {en: The new one of all, zh: 新的}}\n"
    before = reads(text)
    with closing(MemoryStore()) as store, store.reading() as reader:
        new = declared(reader, fresh)
        try:
            after = reads(added(reader, text, "m.yaml", new))
        except Refused:  # it is written in braces
            return

    assert after == Snapshot({**before.nodes, **new.nodes}, before.edges)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "",
            """
            categories:
              gps:
                name: {en: GPS, zh: 定位}
            recipients:
              amap:
                name: {en: Amap SDK, zh: 高德SDK}
                kind: sdk
            """,
        ),
        (
            """
            # Ours.
            recipients:   # who gets it
                one: {name: {en: One, zh: 一}, kind: sdk}  # the first

            # Below stand products.
            products:
              shop:
                name:
                  en: Shop
                  zh: >
                    商城

            # The end.
            """,
            """
            # Ours.
            recipients:   # who gets it
                one: {name: {en: One, zh: 一}, kind: sdk}  # the first
                amap:
                  name: {en: Amap SDK, zh: 高德SDK}
                  kind: sdk

            # Below stand products.
            products:
              shop:
                name:
                  en: Shop
                  zh: >
                    商城

            # The end.
            categories:
              gps:
                name: {en: GPS, zh: 定位}
            """,
        ),
        (
            "recipients:\n  one:\n    name: {en: One, zh: 一}\n    kind: sdk",
            """
            recipients:
              one:
                name: {en: One, zh: 一}
                kind: sdk
              amap:
                name: {en: Amap SDK, zh: 高德SDK}
                kind: sdk
            categories:
              gps:
                name: {en: GPS, zh: 定位}
            """,
        ),
    ],
)
def test_new_entries_stand_at_the_end_of_their_section_and_the_rest_stays(before: str, after: str) -> None:
    assert put(before) == dedent(after).lstrip("\n")


def test_lines_end_as_they_do_in_the_file() -> None:
    text = "recipients:\r\n  one: {name: {en: One, zh: 一}, kind: sdk}\r\n"

    assert "\n" not in put(text).replace("\r\n", "")
    assert put(text).startswith(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "recipients: {one: {name: {en: One, zh: 一}, kind: sdk}}",
            "m.yaml: the section recipients is written in braces",
        ),
        ("{recipients: {one: {name: {en: One, zh: 一}, kind: sdk}}}", "m.yaml is written in braces: nothing"),
        ("recipients:\n  amap: {name: {en: One, zh: 一}, kind: sdk}", 'm.yaml declares "amap" in recipients already'),
        ("products:\n  a: {name: {en: One, zh: 一}}\n...\n", "m.yaml is written so that nothing can be added safely"),
    ],
)
def test_what_cannot_be_put_in_is_refused(text: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        put(text)


def test_defaults_that_would_say_more_are_refused() -> None:
    text = "defaults: {status: proposed, about: users}\nsubjects:\n  users: {name: {en: Users, zh: 用户}}\n"
    flow = "flows:\n  f: {name: {en: F, zh: 流}, kind: use, carries: gps, from: p, to: p}\n"
    new = f"{NEW}products:\n  p: {{name: {{en: P, zh: 品}}}}\n{flow}"

    with pytest.raises(Refused, match=r"the defaults of m\.yaml say about, and what is registered does not"):
        put(text, new)
    assert "about" not in put(text.replace(", about: users", ""), new)


def test_a_file_that_is_no_right_manifest_is_told_with_its_problems() -> None:
    with pytest.raises(InvalidInput, match="there is no section"):
        put("bogus: {}")
