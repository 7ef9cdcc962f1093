"""The public lists: what stands in them, what is said to be missing, and what no reader can be harmed by."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from registry.documents import FORMATS, KINDS, PUBLISHED_FORMATS, Missing, missing, report, write
from registry.documents.as_csv import harmless
from registry.documents.flow_pages import FLOWS_AT_ONCE
from registry.documents.publication import Publication, Table
from registry.errors import UnknownName
from registry.model.graph import CATEGORY, CLAUSE, FLOW, PERMISSION, PRODUCT, RECIPIENT
from registry.model.snapshot import Edge, Node, NodeId, Text, Value
from registry.seeding import DEMO, EXAMPLE
from registry.stores.memory import MemoryStore
from registry.stores.port import Direction, Has, Store, Where
from tests.command_line import commands
from tests.registries import Registry, load, load_demo
from tests.stores.conftest import ADAPTERS, EVERY_STORE, shared

TODAY = date(2026, 11, 23)

BASE = """
    products:
      app: {name: {en: The App, zh: 该应用}, operated_by: [maker], policy_date: "2026-05-01"}
    organizations:
      maker: {name: {en: Maker, zh: 制造者}, legal_name: {en: "Maker Co., Ltd.", zh: 制造者有限公司},
        contact: {en: a@b.cn, zh: a@b.cn}, located_in: [cn]}
      vendor: {name: {en: Vendor, zh: 供应商}, legal_name: {en: "Vendor Co., Ltd.", zh: 供应商有限公司},
        contact: {en: c@d.cn, zh: c@d.cn}, located_in: [us]}
    jurisdictions:
      cn: {name: {en: China, zh: 中国}}
      us: {name: {en: United States, zh: 美国}}
    sensitivity_levels:
      high: {name: {en: High, zh: 高}, scheme: S 1, rank: 1, sensitive: true}
    subjects:
      users: {}
      children: {name: {en: Children, zh: 儿童}, has_sensitivity: [high]}
    categories:
      personal-information: {name: {en: Personal information, zh: 个人信息}}
      device: {name: {en: Device information, zh: 设备信息}, broader: [personal-information]}
      oaid: {name: {en: OAID, zh: OAID标识}, broader: [device]}
      model: {name: {en: Model, zh: 机型}, broader: [device]}
      location: {name: {en: Location, zh: 位置信息}, broader: [personal-information], has_sensitivity: [high]}
      gps: {name: {en: GPS, zh: 卫星定位}, broader: [location]}
      tag: {name: {en: Tag, zh: 标签}, broader: [personal-information]}
    purposes:
      push: {name: {en: Push, zh: 推送}}
      ads: {name: {en: Advertising, zh: 广告}}
    activities:
      messages: {name: {en: Messages, zh: 消息}, function: basic, part_of: [app]}
      shop: {name: {en: Shop, zh: 商城}, function: extended, part_of: [app]}
    channels:
      automatic: {name: {en: Automatic, zh: 自动收集}}
    retention_rules:
      year: {name: {en: One year, zh: 一年}, period: P1Y, end_action: delete}
    clauses:
      "p:1": {name: {en: "1", zh: "1"}, document: p, number: "1", lines: ["1"]}
      "p:2": {name: {en: "2", zh: "2"}, document: p, number: "2", lines: ["2"]}
    recipients:
      jpush: {name: {en: JPush, zh: 极光推送}, kind: sdk, operated_by: [vendor], version: "5.0", packages: [cn.jpush],
        platforms: [android], role: processor, function: {en: Push service, zh: 推送服务}, policy_url: "https://example.com/privacy"}
      courier: {name: {en: Couriers, zh: 快递公司}, kind: partner, named: false}
      sister: {name: {en: Sister, zh: 姊妹公司}, kind: affiliate, operated_by: [maker]}
      public: {name: {en: The public, zh: 公众}, kind: public, named: false}
"""

FULL_FLOW = """
    flows:
      register:
        name: {en: Registration, zh: 注册}
        kind: entrust
        scenario: {en: At the start, zh: 启动时}
        necessity: required
        mode: sdk
        protection: encrypted
        from: users
        to: jpush
        about: [users]
        carries: [oaid, {category: model, required: false}, gps]
        for: [push]
        part_of: [messages]
        stated_in: ["p:1"]
"""


@pytest.fixture(params=EVERY_STORE)
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    make: Callable[[Path], Store] = ADAPTERS[request.param]
    with closing(make(tmp_path)) as store:
        made = Registry(store)
        made.register(BASE)
        yield made


@pytest.fixture(params=EVERY_STORE)
def reader_app(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """The fictional product with named SDKs. It is shared: tests only ask."""
    with shared(request.param, EXAMPLE, partial(load, demo=EXAMPLE)) as store:
        yield Registry(store)


@pytest.fixture(scope="module", params=[DEMO, EXAMPLE])
def demo(request: pytest.FixtureRequest) -> str:
    """Each of the two registries that come with the package."""
    found: str = request.param
    return found


@pytest.fixture(params=EVERY_STORE)
def real(demo: str, request: pytest.FixtureRequest) -> Iterator[Registry]:
    with shared(request.param, demo, partial(load, demo=demo)) as store:
        yield Registry(store)


@pytest.fixture(params=EVERY_STORE)
def policy(request: pytest.FixtureRequest) -> Iterator[Registry]:
    """The registry of the real policy. It is shared: tests only ask."""
    with shared(request.param, "policy", load_demo) as store:
        yield Registry(store)


def written(registry: Registry, kind: str, form: str, language: str = "zh", **options: Any) -> str:
    """A list as text; the mark of CSV is left off."""
    stream = io.BytesIO()
    with registry.store.reading() as reader:
        write(report(reader, kind, language=language, on=TODAY, **options), form, stream)
    return stream.getvalue().decode("utf-8-sig" if form == "csv" else "utf-8")


def published(registry: Registry, kind: str, form: str, language: str = "zh") -> str:
    """A list for publication as text."""
    return written(registry, kind, form, language, published=True)


def not_provided(registry: Registry, kind: str, language: str = "zh") -> int:
    """How much is not provided in a list for publication."""
    with registry.store.reading() as reader:
        return missing(report(reader, kind, language=language, on=TODAY, published=True)).total


def below(heading: str, text: str) -> str:
    """What stands under a heading of a list in Markdown, up to the next of its level."""
    level = heading.split()[0]
    return text.partition(f"{heading}\n\n")[2].partition(f"\n{level} ")[0]


def rows(registry: Registry, kind: str, language: str = "zh") -> list[dict[str, str]]:
    """The rows of a list, by the headings of its columns."""
    return list(csv.DictReader(io.StringIO(written(registry, kind, "csv", language), newline="")))


def column(registry: Registry, kind: str, *headings: str) -> list[tuple[str, ...]]:
    """Some columns of a list."""
    return [tuple(row[heading] for heading in headings) for row in rows(registry, kind)]


def parsed(registry: Registry, kind: str, language: str = "zh") -> dict[str, Any]:
    """A list as JSON."""
    found: dict[str, Any] = json.loads(written(registry, kind, "json", language))
    return found


def counted(registry: Registry, kind: str) -> dict[str, int]:
    with registry.store.reading() as reader:
        return dict(missing(report(reader, kind, language="zh", on=TODAY)).by_column)


# ---- The sharing list ----


def test_a_complete_flow_to_an_sdk_is_a_complete_row(registry: Registry) -> None:
    registry.register(FULL_FLOW)

    assert rows(registry, "sharing") == [
        {
            "部分": "一、嵌入的第三方SDK及直接收集个人信息的第三方",
            "序号": "1",
            "适用系统": "Android",
            "SDK/第三方名称（版本）": "极光推送 5.0",
            "包名": "cn.jpush",
            "第三方主体全称": "供应商有限公司",
            "联系方式": "c@d.cn",
            "角色": "受托人",
            "合作类型·功能": "委托处理；推送服务",
            "共享/收集的个人信息": "卫星定位（敏感：高）、OAID标识；可选：机型",
            "使用目的": "推送",
            "使用场景": "启动时",
            "共享方式": "SDK本机采集",
            "调用的权限": "",
            "是否必要": "必要",
            "是否去标识化": "加密",
            "境外接收（国家/地区）": "是；美国",
            "隐私政策链接": "https://example.com/privacy",
            "出处条款": "p:1",
            "流转标识": "register",
        }
    ]
    assert counted(registry, "sharing") == {}


def test_the_same_row_reads_in_english(registry: Registry) -> None:
    registry.register(FULL_FLOW)

    assert rows(registry, "sharing", "en") == [
        {
            "Part": "1. Embedded SDKs and third parties that collect directly",
            "No.": "1",
            "Systems": "Android",
            "SDK or third party (version)": "JPush 5.0",
            "Package": "cn.jpush",
            "Full legal name": "Vendor Co., Ltd.",
            "Contact": "c@d.cn",
            "Role": "Processor",
            "Cooperation and function": "Entrust; Push service",
            "Personal information shared or collected": "GPS (sensitive: High), OAID; Optional: Model",
            "Purpose": "Push",
            "Scenario": "At the start",
            "Mode": "SDK collects on the device",
            "Permissions used": "",
            "Necessary": "Required",
            "De-identified": "Encrypted",
            "Received abroad (country)": "Yes; United States",
            "Privacy policy": "https://example.com/privacy",
            "Clauses": "p:1",
            "Flow keys": "register",
        }
    ]


def test_what_the_law_asks_for_and_nobody_states_is_missing_and_counted(registry: Registry) -> None:
    registry.register("""
    flows:
      parcel: {kind: provide, from: app, to: courier, carries: [personal-information]}
    """)

    headings = ("第三方主体全称", "联系方式", "共享/收集的个人信息", "使用目的", "使用场景", "共享方式", "角色")
    assert column(registry, "sharing", *headings) == [
        ("缺失（仅载明接收方类别）", "缺失", "个人信息 缺失（未逐一列明种类）", "缺失", "缺失", "缺失", "")
    ]
    assert counted(registry, "sharing") == {
        "organization": 1,
        "contact": 1,
        "data": 1,
        "purpose": 1,
        "scenario": 1,
        "mode": 1,
    }


def test_nobody_asks_for_the_registered_name_of_the_public(registry: Registry) -> None:
    registry.register("""
    flows:
      show: {kind: disclose, from: app, to: public, carries: [model]}
    """)

    assert column(registry, "sharing", "第三方主体全称", "联系方式") == [("不适用", "不适用")]


def test_retired_and_proposed_flows_are_not_listed(registry: Registry) -> None:
    registry.register("""
    flows:
      old: {kind: provide, status: retired, from: app, to: courier, carries: [model]}
      new: {kind: collect, status: proposed, from: users, to: jpush, carries: [model], requires: [camera]}
    permissions:
      camera: {}
    """)

    assert [rows(registry, kind) for kind in KINDS] == [[], [], []]


def test_those_who_collect_and_those_who_are_given_and_affiliates_stand_apart(registry: Registry) -> None:
    registry.register("""
    flows:
      a-direct: {kind: collect, from: users, to: courier, carries: [model]}
      b-given: {kind: provide, from: app, to: [courier, jpush, sister], carries: [model]}
    """)

    assert column(registry, "sharing", "部分", "SDK/第三方名称（版本）", "角色", "流转标识") == [
        ("一、嵌入的第三方SDK及直接收集个人信息的第三方", "极光推送 5.0", "受托人", "b-given"),
        ("一、嵌入的第三方SDK及直接收集个人信息的第三方", "快递公司", "", "a-direct"),
        ("二、其他接收个人信息的第三方", "快递公司", "", "b-given"),
        ("三、关联公司", "姊妹公司", "关联公司", "b-given"),
    ]


def test_flows_that_differ_in_the_data_only_are_one_row_and_others_are_not(registry: Registry) -> None:
    registry.register("""
    flows:
      one: {kind: provide, from: app, to: sister, carries: [model], for: [push], stated_in: ["p:2"]}
      three: {kind: provide, from: app, to: sister, carries: [oaid], for: [ads]}
      two: {kind: provide, from: app, to: sister, carries: [oaid, {category: model, required: false}], for: [push],
        stated_in: ["p:1"]}
    """)

    assert column(registry, "sharing", "共享/收集的个人信息", "使用目的", "出处条款", "流转标识") == [
        ("机型、OAID标识", "推送", "p:1; p:2", "two; one"),
        ("OAID标识", "广告", "", "three"),
    ]


def test_an_sdk_that_comes_inside_another_stands_below_it_once(registry: Registry) -> None:
    registry.register("""
    recipients:
      inner: {kind: sdk}
      innermost: {kind: sdk}
      hub: {kind: sdk, bundles: [inner, jpush]}
      jpush: {kind: sdk, bundles: [innermost]}
      unused: {kind: sdk, bundles: [stray]}
      stray: {kind: sdk}
    flows:
      one: {kind: collect, from: users, to: [hub, innermost], carries: [model]}
    """)

    found = parsed(registry, "sharing")["parts"][0]["rows"]
    assert [(row["cells"]["recipient"]["values"][0]["text"]["en"], row["depth"], row["flows"]) for row in found] == [
        ("hub", 0, ["one"]),
        ("inner", 1, []),
        ("jpush", 1, []),
        ("innermost", 2, ["one"]),
    ]
    assert column(registry, "sharing", "SDK/第三方名称（版本）", "共享/收集的个人信息")[1:] == [
        ("inner（内嵌于hub）", "缺失"),
        ("jpush（内嵌于hub）", "缺失"),
        ("innermost（内嵌于jpush）", "机型"),
    ]


def test_an_affiliate_inside_an_sdk_is_listed_among_affiliates(registry: Registry) -> None:
    registry.register("""
    recipients:
      hub: {kind: sdk, bundles: [sister]}
    flows:
      one: {kind: collect, from: users, to: hub, carries: [model]}
    """)

    assert column(registry, "sharing", "部分", "SDK/第三方名称（版本）")[1:] == [
        ("三、关联公司", "姊妹公司（内嵌于hub）")
    ]


def test_who_passes_data_on_is_said(registry: Registry) -> None:
    registry.register("""
    flows:
      onward: {kind: provide, from: jpush, to: courier, carries: [model], mode: interface}
    """)

    assert column(registry, "sharing", "共享方式") == [("后台接口传输（经极光推送提供）",)]


def test_a_recipient_at_home_is_not_abroad_and_one_without_a_place_is_neither(registry: Registry) -> None:
    registry.register("""
    flows:
      home: {kind: provide, from: app, to: [sister, courier], carries: [model]}
    """)

    assert column(registry, "sharing", "SDK/第三方名称（版本）", "境外接收（国家/地区）") == [
        ("快递公司", ""),
        ("姊妹公司", "否（在中国接收）"),
    ]


def test_home_is_told_apart_from_what_is_abroad(registry: Registry) -> None:
    registry.register("""
    organizations:
      both: {located_in: [cn, us]}
    recipients:
      worldwide: {kind: partner, operated_by: [both]}
    flows:
      a: {kind: provide, from: app, to: worldwide, carries: [model]}
      b: {kind: provide, from: app, to: sister, carries: [model], stored_in: [us]}
    """)

    assert [row["境外接收（国家/地区）"] for row in rows(registry, "sharing")] == [
        "是；美国（同时在中国接收）",
        "是；美国（同时在中国接收）",
    ]
    assert [row["Received abroad (country)"] for row in rows(registry, "sharing", "en")] == [
        "Yes; United States (also received in China)",
        "Yes; United States (also received in China)",
    ]


def test_where_nobody_says_what_is_home_nothing_is_said_to_be_abroad(registry: Registry) -> None:
    registry.register("""
    organizations:
      somewhere: {}
    products:
      app: {operated_by: [somewhere]}
    flows:
      a: {kind: provide, from: app, to: sister, carries: [model], stored_in: [us]}
    """)

    assert column(registry, "sharing", "境外接收（国家/地区）") == [
        ("中国；美国（产品运营方所在国家/地区未载明或不一致，未区分境内外）",)
    ]


def test_no_item_stands_twice_in_a_cell(registry: Registry) -> None:
    registry.register("""
    flows:
      made: {kind: derive, from: app, to: sister, carries: [{category: tag, required: false}, model], derives: [tag]}
    """)

    assert column(registry, "sharing", "共享/收集的个人信息") == [("机型、标签",)]


def test_a_recipient_with_more_flows_than_are_laid_out_at_once_loses_none(registry: Registry) -> None:
    count = 2 * FLOWS_AT_ONCE + 7
    flows = [NodeId(FLOW, f"flow-{at:05}") for at in range(count)]
    nodes = [
        Node(one, {"kind": "provide", "status": "active", "scenario": Text(f"case {at}", f"情形{at}")})
        for at, one in enumerate(flows)
    ]
    edges = [
        Edge(one, name, end)
        for one in flows
        for name, end in (
            ("FROM", NodeId(PRODUCT, "app")),
            ("TO", NodeId(RECIPIENT, "sister")),
            ("CARRIES", NodeId(CATEGORY, "model")),
        )
    ]
    with registry.store.transaction() as transaction:
        transaction.put(nodes, edges)

    assert column(registry, "sharing", "序号", "使用场景", "流转标识") == [
        (str(at + 1), f"情形{at}", flow.key) for at, flow in enumerate(flows)
    ]


# ---- The collection list ----


def test_each_item_has_a_row_with_what_is_said_of_its_flow(registry: Registry) -> None:
    registry.register("""
    permissions:
      phone: {name: {en: Phone, zh: 电话}}
    flows:
      log:
        name: {en: Log, zh: 日志}
        kind: collect
        scenario: {en: In use, zh: 使用中}
        necessity: required
        refusal: {en: No service, zh: 无法使用}
        from: users
        to: app
        carries: [gps, {category: oaid, required: false, stated_in: ["p:2"]}]
        for: [push, ads]
        via: [automatic]
        part_of: [messages]
        requires: [phone]
        retained_by: [year]
        stated_in: ["p:1"]
    """)

    assert rows(registry, "collection") == [
        {
            "部分": "一、基本业务功能",
            "序号": str(number),
            "业务功能": "消息（基本业务功能）",
            "信息类型": kind,
            "信息名称": item,
            "是否敏感": sensitive,
            "收集方式/渠道": "自动收集",
            "使用目的": "广告；推送",
            "使用场景": "使用中",
            "是否必要；拒绝的影响": needed,
            "触发权限": "电话",
            "保存期限": "一年（到期删除）",
            "收集情况（次数）": "由App按用户动态展示",
            "信息内容（脱敏）": "由App按用户动态展示",
            "出处条款": clause,
            "流转标识": "log",
        }
        for number, kind, item, sensitive, needed, clause in (
            (1, "设备信息", "OAID标识", "否", "可选；无法使用", "p:2"),
            (2, "位置信息", "卫星定位（敏感：高）", "是（高）", "必要；无法使用", "p:1"),
        )
    ]
    assert counted(registry, "collection") == {}


def test_what_is_equal_is_one_row_and_items_of_one_context_stand_together(registry: Registry) -> None:
    registry.register("""
    flows:
      a: {kind: collect, from: users, to: app, carries: [oaid], for: [push], part_of: [shop]}
      b: {kind: collect, from: users, to: app, carries: [oaid], for: [ads], part_of: [shop]}
      c: {kind: collect, from: users, to: app, carries: [oaid, model], for: [push], part_of: [shop]}
      d: {kind: collect, from: users, to: app, carries: [oaid], for: [push]}
    """)

    assert column(registry, "collection", "部分", "业务功能", "信息名称", "使用目的", "流转标识") == [
        ("二、扩展业务功能", "商城（扩展业务功能）", "OAID标识", "推送", "a; c"),
        ("二、扩展业务功能", "商城（扩展业务功能）", "机型", "推送", "c"),
        ("二、扩展业务功能", "商城（扩展业务功能）", "OAID标识", "广告", "b"),
        ("三、未区分基本或扩展的业务功能", "", "OAID标识", "推送", "d"),
    ]


def test_a_derived_tag_is_collected_and_says_from_what(registry: Registry) -> None:
    registry.register("""
    flows:
      profile: {kind: derive, from: app, to: app, carries: [oaid, gps], derives: [tag], via: [automatic],
        protection: de-identified}
      use: {kind: use, from: app, to: app, carries: [tag]}
    """)

    assert column(registry, "collection", "信息类型", "信息名称", "收集方式/渠道", "流转标识") == [
        ("标签", "标签（去标识化）", "自动收集（由卫星定位、OAID标识生成）", "profile")
    ]


def test_who_else_collects_or_provides_the_data_is_said(registry: Registry) -> None:
    registry.register("""
    flows:
      got: {kind: receive, from: courier, to: app, carries: [model], via: [automatic]}
      sdk: {kind: collect, from: users, to: jpush, carries: [model]}
    """)

    assert column(registry, "collection", "收集方式/渠道", "流转标识") == [
        ("自动收集（来自快递公司）", "got"),
        ("缺失（由极光推送收集）", "sdk"),
    ]


def test_that_an_sdk_collects_on_the_device_says_how_it_is_collected(registry: Registry) -> None:
    registry.register("""
    flows:
      a: {kind: collect, mode: sdk, from: users, to: jpush, carries: [model]}
      b: {kind: collect, mode: sdk-local, from: users, to: jpush, carries: [oaid]}
      c: {kind: collect, mode: interface, from: users, to: jpush, carries: [gps]}
      d: {kind: collect, mode: sdk, from: users, to: jpush, carries: [tag], via: [automatic]}
    """)

    assert sorted(column(registry, "collection", "流转标识", "收集方式/渠道")) == [
        ("a", "SDK本机采集（由极光推送收集）"),
        ("b", "SDK本机采集，不涉及数据共享（由极光推送收集）"),
        ("c", "缺失（由极光推送收集）"),
        ("d", "自动收集（由极光推送收集）"),
    ]
    assert counted(registry, "collection")["channel"] == 1


def test_personal_information_as_such_is_no_kind_of_information(registry: Registry) -> None:
    registry.register("""
    flows:
      all: {kind: collect, from: users, to: app, carries: [personal-information]}
    """)

    assert column(registry, "collection", "信息类型", "信息名称") == [("缺失（未逐一列明种类）", "个人信息")]
    assert counted(registry, "collection") == {
        "class": 1,
        "channel": 1,
        "purpose": 1,
        "scenario": 1,
        "retention": 1,
    }


def test_a_wide_kind_is_not_said_to_be_free_of_sensitive_information(registry: Registry) -> None:
    registry.register("""
    categories:
      traces: {name: {en: Traces, zh: 踪迹}, broader: [personal-information]}
      whereabouts: {name: {en: Whereabouts, zh: 行踪}, has_sensitivity: [high]}
      tracks: {name: {en: Tracks, zh: 轨迹}, broader: [whereabouts, traces]}
    flows:
      wide: {kind: collect, from: users, to: app, carries: [personal-information, traces, model]}
    """)

    assert sorted(column(registry, "collection", "信息名称", "是否敏感")) == [
        ("个人信息", "可能包含敏感个人信息"),
        ("机型", "否"),
        ("踪迹", "可能包含敏感个人信息"),
    ]


def test_a_level_can_say_itself_which_data_it_covers(registry: Registry) -> None:
    registry.register("""
    sensitivity_levels:
      own: {name: {en: Own, zh: 自行认定}, scheme: S 2, rank: 1, covers: [device]}
    flows:
      a: {kind: collect, from: users, to: app, carries: [model, personal-information, tag]}
    """)

    assert sorted(column(registry, "collection", "信息名称", "是否敏感")) == [
        ("个人信息", "可能包含敏感个人信息"),
        ("机型（敏感：自行认定）", "是（自行认定）"),
        ("标签", "否"),
    ]


def test_what_points_to_nobody_is_not_listed_as_collected_and_is_noted_where_it_is_shared(registry: Registry) -> None:
    registry.register("""
    categories:
      statistics: {name: {en: Statistics, zh: 统计数据}, identifiability: none}
    flows:
      count: {kind: derive, from: app, to: app, carries: [model], derives: [statistics]}
      tell: {kind: provide, from: app, to: courier, carries: [statistics]}
    """)

    assert rows(registry, "collection") == []
    assert column(registry, "sharing", "共享/收集的个人信息") == [("统计数据（不属于个人信息）",)]


def test_a_retention_rule_without_a_period_or_what_decides_it_is_missing(registry: Registry) -> None:
    registry.register("""
    retention_rules:
      order: {name: {en: One year, zh: 一年}, period: P1Y, starts: {en: from the order, zh: 自下单之日起},
        end_action: delete}
      empty: {name: {en: As needed, zh: 按需保存}, end_action: delete}
      needed: {name: {en: Until settled, zh: 至办结时}, criterion: {en: When the case is settled, zh: 以办结时间为准}}
    flows:
      a: {kind: collect, from: users, to: app, carries: [model], for: [push], retained_by: [order]}
      b: {kind: collect, from: users, to: app, carries: [model], for: [ads], retained_by: [empty]}
      c: {kind: collect, from: users, to: app, carries: [oaid], for: [ads], retained_by: [needed]}
    """)

    assert column(registry, "collection", "流转标识", "保存期限") == [
        ("a", "一年（自下单之日起；到期删除）"),
        ("b", "按需保存（到期删除） 缺失"),
        ("c", "至办结时"),
    ]
    assert counted(registry, "collection")["retention"] == 1


def test_all_data_about_children_is_sensitive_and_stays_apart_from_that_of_others(registry: Registry) -> None:
    registry.register("""
    flows:
      adults: {kind: collect, from: users, to: app, about: [users], carries: [model]}
      kids: {kind: collect, from: children, to: app, about: [children], carries: [model]}
    """)

    assert column(registry, "collection", "信息名称", "是否敏感", "流转标识") == [
        ("机型", "否", "adults"),
        ("机型（敏感：高）（涉及儿童）", "是（高）", "kids"),
    ]


# ---- The permission list ----


def test_permissions_stand_under_their_system_and_those_without_one_last(registry: Registry) -> None:
    registry.register("""
    permissions:
      camera:
        name: {en: Camera, zh: 相机}
        description: {en: Takes pictures, zh: 拍照}
      android.CAMERA: {name: {en: Camera (Android), zh: 相机（Android）}, platform: android, broader: [camera],
        identifier: android.permission.CAMERA}
      ios.unused: {platform: ios}
    controls:
      settings: {name: {en: Settings, zh: 设置}, route: {en: Settings > Privacy, zh: 设置-隐私}}
    flows:
      scan:
        name: {en: Scan, zh: 扫码}
        kind: collect
        scenario: {en: Scanning, zh: 扫码时}
        refusal: {en: No scanning, zh: 无法扫码}
        from: users
        to: app
        carries: [gps]
        for: [push]
        part_of: [shop]
        requires:
          - {permission: camera, prompted: true, refusable: false, timing: {en: On opening, zh: 打开时}}
          - android.CAMERA
        controlled_by: [settings]
        stated_in: ["p:1"]
    """)

    assert rows(registry, "permissions") == [
        {
            "部分": part,
            "操作系统": system,
            "权限名称": name,
            "系统权限标识": identifier,
            "权限功能说明": meaning,
            "业务功能/使用场景": "商城；扫码时",
            "使用目的": "推送",
            "涉及的个人信息": "卫星定位（敏感：高）",
            "申请时机": timing,
            "申请前是否询问（弹窗）": prompted,
            "可否拒绝/关闭": refusable,
            "拒绝的影响": "无法扫码",
            "关闭路径": "设置-隐私",
            "申请方": "App",
            "出处条款": "p:1",
            "流转标识": "scan",
        }
        for part, system, name, identifier, meaning, timing, prompted, refusable in (
            ("Android", "Android", "相机（Android）", "android.permission.CAMERA", "", "", "", ""),
            ("未区分操作系统（原文未载明）", "", "相机", "", "拍照", "打开时", "是", "否"),
        )
    ]
    assert counted(registry, "permissions") == {}


def test_an_sdk_is_named_as_who_asks_and_what_it_only_requests_is_listed_too(registry: Registry) -> None:
    registry.register("""
    permissions:
      phone: {name: {en: Phone, zh: 电话}, gives_access_to: [gps]}
      wifi: {name: {en: Wi-Fi, zh: 无线网络}, gives_access_to: [gps]}
    recipients:
      jpush: {kind: sdk, requests: [phone, wifi]}
      idle: {kind: sdk, requests: [phone]}
    flows:
      one: {kind: collect, from: users, to: jpush, carries: [model], requires: [phone], part_of: [shop], for: [push]}
    """)

    headings = ("权限名称", "业务功能/使用场景", "使用目的", "涉及的个人信息", "申请方", "流转标识")
    assert column(registry, "permissions", *headings) == [
        ("电话", "商城 缺失", "推送", "机型", "jpush", "one"),
        ("无线网络", "缺失", "缺失", "卫星定位（敏感：高）", "jpush", ""),
    ]
    assert counted(registry, "permissions") == {"scenario": 2, "purpose": 1}


# ---- The heading ----


def test_operators_that_documents_name_in_contradiction_are_all_shown_with_their_clauses(registry: Registry) -> None:
    registry.register("""
    products:
      app:
        name: {en: The App, zh: 该应用}
        operated_by: [{organization: vendor, stated_in: ["p:2"]}, {organization: maker, stated_in: ["p:1"]}]
    """)

    product = parsed(registry, "sharing")["products"][0]
    assert [(one["key"], [clause["key"] for clause in one["stated_in"]]) for one in product["operators"]] == [
        ("maker", ["p:1"]),
        ("vendor", ["p:2"]),
    ]
    for form in ("html", "md"):
        assert "隐私政策对个人信息处理者的表述不一致" in written(registry, "sharing", form)


def test_an_operator_that_nobody_names_is_missing(registry: Registry) -> None:
    registry.register("""
    products:
      app: {}
    """)

    assert counted(registry, "sharing") == {"operator": 1, "operator_contact": 1}
    assert "个人信息处理者：**缺失**" in written(registry, "sharing", "md")
    assert "应当列明的事项缺失2处" in written(registry, "sharing", "html")


def test_a_list_can_be_about_one_product(registry: Registry) -> None:
    registry.register("""
    products:
      other: {operated_by: [vendor]}
    flows:
      mine: {kind: provide, from: app, to: courier, carries: [model]}
      theirs: {kind: provide, from: other, to: courier, carries: [model]}
    """)

    stream = io.BytesIO()
    with registry.store.reading() as reader:
        write(report(reader, "sharing", language="zh", on=TODAY, product="other"), "json", stream)
    found = json.loads(stream.getvalue())
    assert [product["key"] for product in found["products"]] == ["other"]
    assert [row["flows"] for part in found["parts"] for row in part["rows"]] == [["theirs"]]


def test_what_there_is_none_of_is_an_error_and_nothing_is_written(registry: Registry) -> None:
    stream = io.BytesIO()

    with registry.store.reading() as reader:
        with pytest.raises(UnknownName) as no_kind:
            report(reader, "sharings", language="zh", on=TODAY)
        with pytest.raises(UnknownName):
            report(reader, "sharing", language="fr", on=TODAY)
        with pytest.raises(UnknownName):
            report(reader, "sharing", language="zh", on=TODAY, product="nothing-like-it")
        with pytest.raises(UnknownName):
            write(report(reader, "sharing", language="zh", on=TODAY), "pdf", stream)
    assert no_kind.value.nearest == ("sharing",)
    assert stream.getvalue() == b""


# ---- What no reader may be harmed by ----

HOSTILE = '<script>alert(1)</script> & "q" | [x](javascript:y) *b* `c`\r\nnext'


@pytest.fixture
def hostile(registry: Registry) -> Registry:
    registry.register(FULL_FLOW)
    with registry.store.transaction() as transaction:
        recipient = NodeId(RECIPIENT, "jpush")
        node = transaction.get([recipient])[recipient]
        changed: dict[str, Value] = {
            "name": Text(HOSTILE, HOSTILE),
            "policy_url": "javascript:alert(1)",
            "packages": ("=1+1",),
        }
        transaction.put([Node(recipient, {**node.properties, **changed})], [])
    return registry


def test_data_cannot_become_markup_in_html(hostile: Registry) -> None:
    text = written(hostile, "sharing", "html")

    page = Page.of(text)
    assert page.cells[0][2] == " ".join(f"{HOSTILE} 5.0".split())
    assert page.links == []
    assert "script" not in page.tags


def test_data_cannot_break_a_markdown_table(hostile: Registry) -> None:
    lines = [line for line in written(hostile, "sharing", "md").split("\n") if line.startswith("| 1 |")]

    cells = re.split(r"(?<!\\)\|", lines[0])
    assert len(lines) == 1
    assert cells[3] == (
        ' &lt;script&gt;alert(1)&lt;/script&gt; &amp; "q" \\| \\[x\\](javascript:y) \\*b\\* \\`c\\` next 5.0 '
    )
    assert cells[17] == " javascript:alert(1) "


def test_data_cannot_become_a_formula_in_csv(hostile: Registry) -> None:
    found = rows(hostile, "sharing")[0]

    assert found["SDK/第三方名称（版本）"] == f"{HOSTILE} 5.0"
    assert found["包名"] == "'=1+1"


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1", "'=1"),
        ("+86 571", "'+86 571"),
        ("-1", "'-1"),
        ("@SUM", "'@SUM"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("  =1", "'  =1"),
        ("\u3000＝1", "'\u3000＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("", ""),
        ("   ", "   "),
        ("1=1", "1=1"),
        ("—", "—"),
        ("（x）", "（x）"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(cell: str, safe: str) -> None:
    assert harmless(cell) == safe


# ---- The lists of the real policy ----


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_format_counts_the_same_as_missing(policy: Registry, kind: str, form: str) -> None:
    with policy.store.reading() as reader:
        document = report(reader, kind, language="zh", on=TODAY)

        assert write(document, form, io.BytesIO()) == missing(document)


@pytest.mark.parametrize("kind", KINDS)
def test_every_store_writes_the_same_list(kind: str, policy: Registry) -> None:
    with shared("memory", "policy", load_demo) as memory:
        assert written(policy, kind, "json") == written(Registry(memory), kind, "json")


def test_every_active_flow_to_a_recipient_is_in_the_sharing_list(policy: Registry) -> None:
    assert listed(policy, "sharing", "recipient") == pairs(policy, "TO", RECIPIENT)


def test_every_active_use_of_a_permission_is_in_the_permission_list(policy: Registry) -> None:
    assert listed(policy, "permissions", "permission") == pairs(policy, "REQUIRES", PERMISSION)


def test_all_data_that_is_collected_is_in_the_collection_list(policy: Registry) -> None:
    collected = pairs(policy, "CARRIES", CATEGORY, kinds=("collect", "receive"))
    derived = pairs(policy, "DERIVES", CATEGORY, kinds=("derive",))
    with policy.store.reading() as reader:
        nobodys = {node.id.key for node in reader.nodes(CATEGORY) if node.word("identifiability") == "none"}

    expected = {(flow, kind) for flow, kind in collected | derived if kind not in nobodys}
    found = listed(policy, "collection", "item")
    assert expected <= found
    assert {flow for flow, _ in found} == {flow for flow, _ in expected}
    assert not {kind for _, kind in found} & nobodys


def test_every_broader_kind_of_location_makes_the_narrower_sensitive(policy: Registry) -> None:
    sensitive = {
        entry["reference"]
        for part in parsed(policy, "collection")["parts"]
        for row in part["rows"]
        for entry in row["cells"]["item"]["values"]
        if entry.get("sensitive")
    }

    assert {"category:location", "category:gps-location", "category:password"} <= sensitive


@pytest.mark.parametrize("kind", KINDS)
def test_each_language_is_written_throughout(policy: Registry, kind: str) -> None:
    english = written(policy, kind, "html", "en")
    headings = [heading["name"]["en"] for heading in parsed(policy, kind)["columns"]]

    assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"<style>.*?</style>", "", english, flags=re.S)) == []
    chinese = Page.of(written(policy, kind, "html", "zh"))
    assert not set(headings) & set(chinese.heads) - {"App"}
    assert chinese.lang == "zh-CN"
    assert Page.of(english).lang == "en"


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_a_chinese_list_is_left_in_english(policy: Registry, kind: str) -> None:
    page = Page.of(written(policy, kind, "html", "zh"))
    table = rows(policy, kind)

    shown = " ".join(text for row in page.cells for text in row[:-1])
    stated = " ".join(text for row in table for name, text in row.items() if name not in ("出处条款", "流转标识"))
    assert re.findall(r"(?<![A-Za-z])[a-z]{3,}[a-z .]*", re.sub(r"https?://[!-~]+", "", shown + stated)) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_needs_nothing_else_and_every_cell_says_what_it_is(policy: Registry, kind: str) -> None:
    page = Page.of(written(policy, kind, "html"))

    assert page.tags.count("h1") == 1
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.labels == page.heads_per_row
    assert all(scope in ("col", "row", "rowgroup") for scope in page.scopes)
    assert page.scopes.count("row") >= len(page.cells) > 0
    assert page.tags.count("caption") == page.tags.count("thead") > 0


@pytest.mark.parametrize("kind", KINDS)
def test_no_word_of_an_english_heading_is_broken(policy: Registry, kind: str) -> None:
    text = written(policy, kind, "html", "en")
    (width,) = map(int, re.findall(r"min-width: (\d+)px; border-collapse", text))
    shares = map(float, re.findall(r'<col style="width:([0-9.]+)%">', text))

    # A letter of these headings is 7 px wide or less; cells have 14 px of padding.
    narrow = [
        head
        for head, share in zip(Page.of(text).heads, shares, strict=False)
        if max(map(len, re.findall(r"\w+", head))) * 7 + 14 > width * share / 100
    ]
    assert narrow == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_shows_a_mark_for_each_missing_cell(policy: Registry, kind: str) -> None:
    with policy.store.reading() as reader:
        total = missing(report(reader, kind, language="zh", on=TODAY)).total

    text = written(policy, kind, "html")
    assert text.count('<span class="missing">缺失</span>') == total
    assert f"应当列明的事项缺失{total}处" in text


def test_the_two_operators_of_the_policy_are_both_shown(policy: Registry) -> None:
    operators = parsed(policy, "sharing")["products"][0]["operators"]

    assert [one["name"]["zh"] for one in operators] == [
        "网易有道信息技术（北京）有限公司",
        "杭州网易临界点教育科技有限公司",
    ]


def test_rows_are_read_as_they_are_written(policy: Registry) -> None:
    with policy.store.reading() as reader:
        part = report(reader, "collection", language="zh", on=TODAY).parts[0]

        found = part.read()
        assert next(found).number == 1
        assert next(found).number == 2
        assert next(part.read()).number == 1


def test_nothing_missing_is_said_in_so_many_words(registry: Registry) -> None:
    registry.register(FULL_FLOW)

    assert "1 row; nothing mandatory is missing." in written(registry, "sharing", "md", "en")
    assert Missing({}).total == 0


# ---- What is missing, and how it is stated ----


def test_a_list_for_work_begins_with_what_is_missing_by_activity_and_the_command_that_states_it(
    registry: Registry,
) -> None:
    registry.register("""
    organizations:
      silent: {}
    recipients:
      quiet: {kind: partner, operated_by: [silent]}
      hub: {kind: sdk, bundles: [inner], operated_by: [vendor]}
      inner: {kind: sdk, operated_by: [vendor]}
    flows:
      parcel: {kind: provide, mode: interface, from: app, to: courier, carries: [model], for: [ads]}
      a(1): {kind: provide, from: app, to: quiet, carries: [personal-information], part_of: [shop], for: [ads]}
      host: {kind: collect, mode: sdk, from: users, to: hub, carries: [model], for: [push], part_of: [messages],
        scenario: {en: Always, zh: 始终}}
    """)

    text = written(registry, "sharing", "md", "en")

    assert text.index("## What is missing, by activity") < text.index("## 1. ")
    assert below("## What is missing, by activity", text).splitlines() == [
        "| Activity | Of what | Missing | Command that states it |",
        "| --- | --- | --- | --- |",
        "| Shop | silent | Contact | `registry change organization silent --contact-en … --contact-zh …` |",
        "| Shop | a(1) | Personal information shared or collected, Scenario, Mode | `registry flow change 'a(1)' "
        "--carries -personal-information --carries +… --scenario-en … --scenario-zh … --mode …` |",
        "| No activity stated | inner | Personal information shared or collected, Purpose, Scenario, Mode | "
        "`registry flow add … --to inner --carries … --for … --scenario-en … --scenario-zh … --mode …` |",
        "| No activity stated | Couriers | Full legal name, Contact | `registry change recipient courier "
        "--operated-by …` |",
        "| No activity stated | parcel | Scenario | `registry flow change parcel --scenario-en … --scenario-zh …` |",
    ]


def test_each_list_says_how_what_it_lacks_is_stated(registry: Registry) -> None:
    registry.register("""
    retention_rules:
      empty: {name: {en: As needed, zh: 按需保存}}
    permissions:
      wifi: {name: {en: Wi-Fi, zh: 无线网络}}
    recipients:
      jpush: {kind: sdk, requests: [wifi]}
    products:
      bare: {}
    flows:
      a: {kind: collect, from: users, to: app, carries: [model], part_of: [shop], retained_by: [empty]}
      b: {kind: collect, from: users, to: jpush, carries: [personal-information], part_of: [shop], mode: sdk,
        for: [push], retained_by: [year], scenario: {en: Always, zh: 始终}}
    """)

    def to_state(kind: str) -> list[tuple[str | None, str]]:
        return [
            (one["activity"]["en"] if one["activity"] else None, one["command"])
            for one in parsed(registry, kind)["to_state"]
        ]

    assert to_state("collection") == [
        ("Shop", "registry flow change a --via … --for … --scenario-en … --scenario-zh …"),
        ("Shop", "registry change retention-rule empty --criterion-en … --criterion-zh …"),
        ("Shop", "registry flow change b --carries -personal-information --carries +…"),
        (None, "registry change product bare --operated-by …"),
    ]
    assert to_state("permissions") == [
        (None, "registry change product bare --operated-by …"),
        (None, "registry flow add … --to jpush --requires wifi --scenario-en … --scenario-zh … --for …"),
    ]


def test_each_command_that_states_what_a_list_lacks_is_there_with_its_options() -> None:
    known = {" ".join(("registry", *path)): command for path, command in commands()}
    with closing(MemoryStore()) as store:
        load_demo(store)
        stating = {one["command"] for kind in KINDS for one in parsed(Registry(store), kind)["to_state"]}

    assert stating
    for words in map(shlex.split, stating):
        called = next(name for n in (4, 3) if (name := " ".join(words[:n])) in known)
        options = {option for param in known[called].params for option in (*param.opts, *param.secondary_opts)}
        assert {word for word in words if word.startswith("--")} <= options, words


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_missing_has_a_command(policy: Registry, kind: str) -> None:
    document = parsed(policy, kind)
    stated = {(key, shlex.split(one["command"])[3]) for one in document["to_state"] for key in one["columns"]}

    lacking = {
        (key, flow)
        for part in document["parts"]
        for row in part["rows"]
        for key, cell in row["cells"].items()
        if cell["state"] == "missing" and key not in ("organization", "contact", "retention")
        for flow in row["flows"]
    }
    assert lacking
    assert lacking - stated == set()


# ---- Lists for publication ----


def test_a_recipient_is_a_block_and_its_uses_a_table(registry: Registry) -> None:
    registry.register(FULL_FLOW)
    registry.register("""
    flows:
      parcel: {kind: provide, from: app, to: courier, carries: [personal-information]}
      second: {kind: provide, from: app, to: courier, carries: [model], for: [ads], part_of: [shop]}
    """)

    assert published(registry, "sharing", "md") == dedent("""\
        # 该应用与第三方共享个人信息清单

        - 更新日期：2026年11月23日
        - 产品名称：该应用
        - 个人信息处理者：制造者有限公司
        - 联系方式：a@b.cn

        本清单列明与第三方共享的个人信息种类、接收方、使用目的、使用场景和共享方式等基本情况。

        加粗并标注“（敏感）”的为敏感个人信息。

        ## 一、嵌入的第三方SDK

        ### Android

        #### 1. 极光推送 5.0

        - 第三方主体全称：供应商有限公司
        - 联系方式：c@d.cn
        - 角色：受托人
        - 包名：cn.jpush
        - 合作类型·功能：委托处理；推送服务
        - 使用目的：推送
        - 使用场景：启动时
        - 共享/收集的个人信息：**卫星定位（敏感）**、OAID标识；可选：机型
        - 共享方式：SDK本机采集
        - 是否必要：必要
        - 是否去标识化：加密
        - 境外接收（国家/地区）：是；美国
        - 隐私政策链接：[https://example.com/privacy](<https://example.com/privacy>)

        ## 二、接收个人信息的第三方

        ### 1. 快递公司

        - 第三方主体全称：**未提供**（仅载明接收方类别）
        - 联系方式：**未提供**

        | 合作类型·功能 | 使用目的 | 使用场景 | 共享/收集的个人信息 | 共享方式 |
        | --- | --- | --- | --- | --- |
        | 提供 | **未提供** | **未提供** | 个人信息 **未提供**（未逐一列明种类） | **未提供** |
        | 提供 | 广告 | **未提供** | 机型 | **未提供** |
        """)
    assert not_provided(registry, "sharing") == 8


def test_kinds_that_share_all_else_stand_in_one_cell_and_functions_above_them(registry: Registry) -> None:
    registry.register("""
    flows:
      log: {kind: collect, from: users, to: app, carries: [gps, oaid, {category: model, required: false}, location],
        for: [push], part_of: [shop], via: [automatic], retained_by: [year], scenario: {en: Shopping, zh: 购物时}}
      kids: {kind: collect, from: children, to: app, about: [children], carries: [oaid, model], for: [push],
        part_of: [shop], via: [automatic], retained_by: [year], scenario: {en: Shopping, zh: 购物时}}
      all: {kind: collect, from: users, to: app, carries: [personal-information], via: [automatic]}
    """)

    text = published(registry, "collection", "md")
    assert text[text.index("## 一") :] == dedent("""\
        ## 一、扩展业务功能

        ### 商城

        | 收集的个人信息 | 收集方式/渠道 | 使用目的 | 使用场景 | 是否必要；拒绝的影响 | 保存期限 |
        | --- | --- | --- | --- | --- | --- |
        | 设备信息：**机型（敏感）**、**OAID标识（敏感）**（涉及儿童） | 自动收集 | 推送 | 购物时 |  | 一年（到期删除） |
        | 设备信息：机型 | 自动收集 | 推送 | 购物时 | 可选 | 一年（到期删除） |
        | 设备信息：OAID标识；位置信息：**卫星定位（敏感）**、**位置信息（敏感）** | 自动收集 | 推送 | 购物时 |  | 一年（到期删除） |

        ## 二、其他业务功能

        ### 其他处理活动

        | 收集的个人信息 | 收集方式/渠道 | 使用目的 | 使用场景 | 保存期限 |
        | --- | --- | --- | --- | --- |
        | 个人信息 **未提供**（未逐一列明种类） | 自动收集 | **未提供** | **未提供** | **未提供** |
        """)  # noqa: E501
    assert not_provided(registry, "collection") == 4


def test_a_permission_is_one_row_with_its_uses(registry: Registry) -> None:
    registry.register("""
    permissions:
      phone: {name: {en: Phone, zh: 电话}, identifier: x.PHONE, platform: android}
    flows:
      a: {kind: collect, from: users, to: app, carries: [gps], for: [push], part_of: [shop],
        scenario: {en: Shopping, zh: 购物时}, requires: [{permission: phone, prompted: true}],
        refusal: {en: No push., zh: 无法推送。}}
      b: {kind: collect, from: users, to: app, carries: [model], for: [ads], part_of: [shop],
        requires: [{permission: phone, prompted: true}], refusal: {en: No ads., zh: 无法展示广告。}}
      c: {kind: collect, from: users, to: app, carries: [oaid], for: [push], part_of: [shop],
        scenario: {en: Shopping, zh: 购物时}, requires: [{permission: phone, prompted: true}]}
    """)

    text = published(registry, "permissions", "md")
    assert text[text.index("## 一") :] == dedent("""\
        ## 一、Android

        | 权限名称 | 业务功能/使用场景及目的 | 涉及的个人信息 | 申请前是否询问（弹窗） | 拒绝的影响 | 申请方 |
        | --- | --- | --- | --- | --- | --- |
        | 电话 x.PHONE | 1. 商城：购物时；目的：推送<br>2. 商城：**未提供**；目的：广告 | **卫星定位（敏感）**、机型、OAID标识 | 是 | 无法推送；无法展示广告。 | App |
        """)  # noqa: E501
    assert not_provided(registry, "permissions") == 1


def test_what_uses_of_a_permission_do_not_say_alike_each_says_itself(registry: Registry) -> None:
    registry.register("""
    permissions:
      phone: {name: {en: Phone, zh: 电话}}
    flows:
      a: {kind: collect, from: users, to: app, carries: [gps], for: [push], scenario: {en: Shopping, zh: 购物时},
        requires: [{permission: phone, prompted: true}]}
      b: {kind: collect, from: users, to: jpush, carries: [gps], for: [push], scenario: {en: Shopping, zh: 购物时},
        requires: [{permission: phone, prompted: false}]}
    """)

    assert published(registry, "permissions", "md", "en").splitlines()[-1] == (
        "| Phone | 1. Shopping; purpose: Push; asked first (prompt): Yes; requested by: App<br>"
        "2. Shopping; purpose: Push; asked first (prompt): No; requested by: JPush | **GPS (sensitive)** |"
    )


def test_sdks_stand_under_the_systems_on_which_they_run_and_each_once(reader_app: Registry) -> None:
    text = published(reader_app, "sharing", "md")

    assert re.findall("^#+ .*", text, flags=re.M)[1:] == [
        "## 一、嵌入的第三方SDK",
        "### Android",
        "#### 1. 支付宝客户端SDK",
        "#### 2. 高德地图SDK（Android）",
        "#### 3. 腾讯Bugly SDK",
        "#### 4. 个推消息推送SDK",
        "#### 5. 荣耀推送SDK（内嵌于个推消息推送SDK）",
        "#### 6. 小米推送SDK（内嵌于个推消息推送SDK）",
        "#### 7. 卓信ID SDK（内嵌于个推消息推送SDK）",
        "### iOS",
        "#### 1. 高德地图SDK（iOS）",
        "### HarmonyOS",
        "#### 1. 网易易盾智能风控SDK（HarmonyOS）",
        "### 网页端",
        "#### 1. Sentry SDK",
        "### Android、iOS",
        "#### 1. 网易七鱼SDK",
        "#### 2. 微信OpenSDK",
        "## 二、接收个人信息的第三方",
        "### 1. 示例快运（虚构）",
        "### 2. 微信支付",
        "## 三、关联公司",
        "### 1. 示例书店（虚构）",
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_the_fictional_product_lacks_nothing_and_says_where_its_facts_are_from(reader_app: Registry, kind: str) -> None:
    with reader_app.store.reading() as reader:
        flows = [node for node in reader.nodes(FLOW) if node.word("mode") == "sdk"]
        names = [node.name.en for node in reader.nodes(PRODUCT)]

    assert not_provided(reader_app, kind) == 0
    assert [flow.id.key for flow in flows if "; read 2026-11" not in (flow.word("source") or "")] == []
    assert (len(flows), names) == (13, ["Example Reader (fictional product)"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_published_list_says_as_often_as_it_counts_that_something_is_not_provided(
    real: Registry, kind: str, language: str
) -> None:
    mark = {"zh": "未提供", "en": "Not provided"}[language]
    total = not_provided(real, kind, language)

    for form in PUBLISHED_FORMATS:
        text = published(real, kind, form, language)
        assert text.count(f'<span class="missing">{mark}</span>' if form == "html" else f"**{mark}**") == total
        assert not {"缺失", "由App按用户动态展示"} & set(re.findall("缺失|由App按用户动态展示", text))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", PUBLISHED_FORMATS)
def test_a_published_list_has_no_keys_and_no_clauses(policy: Registry, kind: str, form: str) -> None:
    text = published(policy, kind, form)
    with policy.store.reading() as reader:
        keys = [node.id.key for label in (FLOW, RECIPIENT) for node in reader.nodes(label) if "-" in node.id.key]
        numbers = [node.word("number") or "" for node in reader.nodes(CLAUSE)]

    assert [key for key in keys if key in text] == []
    assert [number for number in numbers if re.search(r"[0-9]\(", number) and number in text] == []
    assert not {"出处条款", "流转标识", "icourse163:"} & set(re.findall("出处条款|流转标识|icourse163:", text))


def test_no_row_of_the_sharing_list_is_left_out_of_what_is_published(real: Registry) -> None:
    with real.store.reading() as reader:
        document = report(reader, "sharing", language="zh", on=TODAY, published=True)
        uses = sum(
            len(list(block.uses.lines)) if block.uses else 1
            for section in Publication(document).sections()
            if not isinstance(section.content, Table)
            for block in section.content
        )

    assert uses == len(rows(real, "sharing"))


def test_no_kind_of_data_is_left_out_of_what_is_published_or_stands_twice_in_a_cell(real: Registry) -> None:
    lines = tables(published(real, "collection", "md"))
    known = {(purpose, scenario, name) for kinds, _, purpose, scenario, *_ in lines for name in names(kinds)}

    for row in rows(real, "collection"):
        name = re.sub("（敏感.*|（涉及.*|（去标识化.*", "", row["信息名称"])
        purpose, scenario = row["使用目的"].replace("缺失", "**未提供**"), row["使用场景"].replace("缺失", "**未提供**")
        assert (purpose, scenario, name) in known
    assert [kinds for kinds, *_ in lines if len(set(names(kinds))) != len(names(kinds))] == []


def test_each_permission_and_each_of_its_uses_is_published(real: Registry) -> None:
    work = rows(real, "permissions")
    lines = tables(published(real, "permissions", "md"))

    assert len(lines) == len({(row["部分"], row["权限名称"]) for row in work})
    shown = "".join("|".join(line) for line in lines)
    for row in work:
        assert row["使用目的"].replace("缺失", "未提供") in shown
        assert row["拒绝的影响"].rstrip("。") in shown


def tables(text: str) -> list[list[str]]:
    """The lines of all tables in Markdown, without their headings."""
    plain = html.unescape(re.sub(r"\\(?=[^\w\s])", "", text))
    lines = [line for line in plain.splitlines() if line.startswith("| ")]
    heads = {at for at, line in enumerate(lines) if set(line) <= set("|- ")}
    return [line[2:-2].split(" | ") for at, line in enumerate(lines) if at not in heads and at + 1 not in heads]


def names(kinds: str) -> list[str]:
    """The kinds of data in a cell of the published collection list."""
    bare = re.sub(
        "（敏感）|（可能包含敏感个人信息）|（涉及[^）]*）|（去标识化）|（未逐一列明种类）|[*]{2}未提供[*]{2}|[*]",
        "",
        kinds,
    )
    return [name.strip() for part in bare.split("；") for name in part.rpartition("：")[2].split("、")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_published_page_needs_nothing_else_fits_its_page_and_is_in_one_language(
    real: Registry, kind: str, language: str
) -> None:
    text = published(real, kind, "html", language)
    body = re.sub(r"<style>.*?</style>", "", text, flags=re.S)
    page = Page.of(text)

    assert page.tags.count("h1") == 1
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert page.lang == {"zh": "zh-CN", "en": "en"}[language]
    assert re.findall(r"min-width: [0-9]{3,}px;", text.replace("(max-width", "")) == []
    assert "@page { size: A4 landscape;" in text
    assert page.labels == [heads[: len(labels)] for heads, labels in zip(page.heads_per_row, page.labels, strict=True)]
    if language == "en":
        assert re.findall("[\u4e00-\u9fff]+", body) == []


def test_data_cannot_become_markup_in_what_is_published(hostile: Registry) -> None:
    page = Page.of(published(hostile, "sharing", "html"))
    text = published(hostile, "sharing", "md")

    assert page.links == []
    assert "script" not in page.tags
    assert "<script>" not in text
    assert "[x](javascript" not in text
    assert "隐私政策链接：javascript:alert(1)" in text


def test_a_published_list_says_from_when_it_holds(registry: Registry) -> None:
    effective = date(2026, 12, 1)

    chinese = written(registry, "sharing", "html", published=True, effective=effective)
    english = written(registry, "sharing", "md", "en", published=True, effective=effective)
    assert "<span>更新日期：2026年11月23日</span><span>生效日期：2026年12月1日</span>" in chinese
    assert "- Updated on: 23 November 2026\n- Effective from: 1 December 2026\n" in english


def test_a_published_list_with_nothing_in_it_says_so(registry: Registry) -> None:
    for kind in KINDS:
        assert published(registry, kind, "md").endswith("\n目前无应列明的事项。\n")
        assert "<p>目前无应列明的事项。</p>" in published(registry, kind, "html")
        assert "<h2>" not in published(registry, kind, "html")


def test_who_handles_the_data_is_named_or_not_provided(registry: Registry, policy: Registry) -> None:
    registry.register("""
    products:
      app: {}
    """)

    assert "- 个人信息处理者：未提供\n- 联系方式：未提供\n" in published(registry, "sharing", "md").replace("*", "")
    assert not_provided(registry, "sharing") == 2
    assert published(policy, "sharing", "md").count("- 个人信息处理者：") == 2
    assert "隐私政策将下列主体分别表述为个人信息处理者。" in published(policy, "sharing", "md")


def test_what_is_published_is_read_as_it_is_written(policy: Registry) -> None:
    with policy.store.reading() as reader:
        sections = Publication(report(reader, "collection", language="zh", on=TODAY, published=True)).sections()

        table = next(sections).content
        assert isinstance(table, Table)
        assert next(table.lines).band == "维护基本功能的正常运行"


def test_a_published_list_has_no_form_for_machines(registry: Registry) -> None:
    for form in ("csv", "json"):
        with pytest.raises(UnknownName) as refused:
            published(registry, "sharing", form)

        assert refused.value.hint.en == "use one of: html, md"


def listed(registry: Registry, kind: str, key: str) -> set[tuple[str, str]]:
    """Which flow stands in which row, by what the row is about."""
    return {
        (flow, entry["reference"].partition(":")[2])
        for part in parsed(registry, kind)["parts"]
        for row in part["rows"]
        for entry in row["cells"][key]["values"]
        for flow in row["flows"]
    }


def pairs(registry: Registry, edge: str, label: str, kinds: tuple[str, ...] = ()) -> set[tuple[str, str]]:
    """Where the edges of active flows lead."""
    properties = {"status": frozenset(("active",))}
    if kinds:
        properties["kind"] = frozenset(kinds)
    with registry.store.reading() as reader:
        flows = reader.flows(Where((Has(edge, label),), properties))
        edges = reader.edges([edge], flows, Direction.OUT)
    return {(one.source.key, one.target.key) for one in edges if one.target.label == label}


class Page(HTMLParser):
    """What a browser would see of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.lang = ""
        self.tags: list[str] = []
        self.scopes: list[str] = []
        self.links: list[str] = []
        self.heads: list[str] = []
        self.labels: list[list[str]] = []
        self.heads_per_row: list[list[str]] = []
        self.cells: list[list[str]] = []
        self._in = ""

    @classmethod
    def of(cls, text: str) -> Page:
        page = cls()
        page.feed(text)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.lang = given.get("lang", self.lang)
        if tag == "a" and not given["href"].startswith("#"):
            self.links.append(given["href"])
        if tag == "thead":
            self.heads = []
        if tag == "th":
            self.scopes.append(given.get("scope", ""))
            self._in = "head" if given.get("scope") == "col" else ""
            self.heads += [""] if self._in else []
        if "data-label" in given:
            if given["data-label"] == self.heads[0]:
                self.labels.append([])
                self.cells.append([])
                self.heads_per_row.append(self.heads)
            self.labels[-1].append(given["data-label"])
            self.cells[-1].append("")
            self._in = "cell"

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td"):
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "head":
            self.heads[-1] += data.replace("\u2060", "").replace("*", "")
        if self._in == "cell":
            self.cells[-1][-1] = " ".join((self.cells[-1][-1] + data).split())
