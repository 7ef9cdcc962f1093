"""A flow told as a sentence, in both languages."""

from __future__ import annotations

from contextlib import closing
from textwrap import dedent

import pytest

from registry.sentences import sentence
from registry.stores.memory import MemoryStore
from tests.manifest_files import WORLD
from tests.registries import declared

MORE = """
subjects:
  users: {name: {en: Users, zh: 用户}}
legal_bases:
  consent: {name: {en: Consent, zh: 同意}, regime: PIPL, article: art. 13}
"""


@pytest.mark.parametrize(
    ("flow", "en", "zh"),
    [
        (
            "kind: provide, carries: [gps, profile], from: product:app, to: jpush, about: users, for: push, "
            "under: consent",
            "The app provides GPS location and Profile of Users to JPush for Push messages, under Consent",
            "本应用向极光推送提供用户的GPS定位和画像，用于消息推送，依据：同意",
        ),
        (
            "kind: collect, carries: gps, from: users, to: [product:app, system:app], about: users",
            "The app and The app's store collect GPS location from Users",
            "本应用和应用数据库从用户收集GPS定位",
        ),
        ("kind: receive, carries: gps, from: jpush, to: product:app, about: users",
         "The app receives GPS location of Users from JPush", "本应用从极光推送接收用户的GPS定位"),
        ("kind: use, carries: gps, from: product:app, to: product:app", "The app uses GPS location",
         "本应用使用GPS定位"),
        ("kind: use, carries: gps, from: product:app, to: jpush", "The app uses GPS location with JPush",
         "本应用使用GPS定位（去向：极光推送）"),
        ("kind: derive, carries: [location, gps], derives: profile, from: product:app, to: product:app",
         "The app derives Profile from Location and GPS location", "本应用用位置信息和GPS定位加工生成画像"),
        ("kind: entrust, carries: gps, from: product:app, to: [jpush, getui]",
         "The app entrusts JPush and GeTui with GPS location", "本应用委托极光推送和个推处理GPS定位"),
        ("kind: transfer, carries: gps, from: product:app, to: jpush", "The app transfers GPS location to JPush",
         "本应用向极光推送转让GPS定位"),
        ("kind: disclose, carries: gps, from: product:app, to: jpush", "The app discloses GPS location to JPush",
         "本应用向极光推送公开披露GPS定位"),
    ],
)  # fmt: skip
def test_a_flow_is_told_as_a_sentence(flow: str, en: str, zh: str) -> None:
    manifest = f"{dedent(WORLD)}{MORE}flows:\n  f: {{name: {{en: F, zh: 流}}, {flow}}}\n"
    with closing(MemoryStore()) as store, store.reading() as reader:
        found = declared(reader, manifest)
        (node,) = (node for node in found.nodes.values() if node.id.key == "f")

        told = sentence(reader, node, [e for e in found.edges.values() if e.source == node.id], found.nodes)

    assert told == (en, zh)
