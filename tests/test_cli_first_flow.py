"""A first flow in one command: what it names is made with it, asked for on a terminal, and told as a manifest."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from registry.model.snapshot import NodeId, Text
from registry.stores import open_store
from tests.command_line import dialogue, run
from tests.manifest_files import WORLD, contents, register, write

FIRST = [
    "--name-en", "Map", "--name-zh", "地图", "--kind", "provide", "--carries", "gps", "--for", "push",
    "--from-new", "product:shop", "Shop|商城", "--to-new", "sdk:amap", "Amap SDK|高德SDK",
]  # fmt: skip
MANIFEST = """
flows:
  map:
    name: {en: Map, zh: 地图}
    kind: provide
    status: active
    carries: gps
    from: product:shop
    to: recipient:amap
    for: push
recipients:
  amap:
    name: {en: Amap SDK, zh: 高德SDK}
    kind: sdk
products:
  shop:
    name: {en: Shop, zh: 商城}
""".lstrip()
TOLD = """
Shop provides GPS location to Amap SDK for Push messages
for people this means:
  new recipient: Amap SDK
  new data received by Amap SDK: GPS location
registered flow:map, product:shop, recipient:amap
""".lstrip()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    with closing(open_store(str(tmp_path / "registry.db"), create=True)) as opened:
        register(opened, tmp_path, WORLD)
    return tmp_path / "registry.db"


def held(store: Path) -> object:
    with closing(open_store(str(store))) as opened:
        return contents(opened)


def name(store: Path, label: str, key: str) -> Text:
    with closing(open_store(str(store))) as opened, opened.reading() as reader:
        node_id = NodeId(label, key)
        return reader.get([node_id])[node_id].name


def test_what_a_flow_names_is_made_with_it_and_told_as_a_manifest(store: Path, tmp_path: Path) -> None:
    told = run(store, "flow", "add", "map", *FIRST)

    assert told == (0, MANIFEST, TOLD)
    write(tmp_path, {"again.yaml": told.out})
    assert run(store, "apply", str(tmp_path / "again.yaml")) == (0, "", "no changes\n")


def test_the_sentence_is_in_the_language_asked_for(store: Path) -> None:
    told = run(store, "flow", "add", "map", *FIRST, "--lang", "zh")

    assert told.err.splitlines()[0] == "商城向高德SDK提供GPS定位，用于消息推送"


def test_new_things_may_say_what_the_edge_says_and_stand_for_what_needs_no_kind(store: Path) -> None:
    told = run(
        store, "flow", "add", "map", "--name-en", "Map", "--name-zh", "地图", "--kind", "use", "--from", "product:app",
        "--to", "product:app", "--carries-new", "speed,required=false", "速度 | Speed", "--carries-new", "category:way",
        "OPPO|OPPO", "--for-new", "purpose:maps", "Maps|地图展示", "--requires-new", "android:maps", "Maps|地图",
    )  # fmt: skip

    assert told.code == 0, told.err
    assert "    carries: [{category: speed, required: false}, way]\n" in told.out
    assert name(store, "DataCategory", "speed") == ("Speed", "速度")
    assert name(store, "DataCategory", "way") == ("OPPO", "OPPO")
    assert name(store, "Permission", "android:maps") == ("Maps", "地图")


def test_one_thing_may_stand_at_both_ends(store: Path) -> None:
    shop = ["product:shop", "Shop|商城"]
    told = run(
        store, "flow", "add", "map", *FIRST[:8], "--from-new", *shop, "--to-new", *shop, "--about-new", "users", "U|用"
    )

    assert told.code == 0, told.err
    assert "    from: product:shop\n    to: product:shop\n" in told.out


def test_every_problem_of_new_things_is_told_and_nothing_is_written(store: Path) -> None:
    before = held(store)

    told = run(
        store, "flow", "add", "map", *FIRST[:8], "--from-new", "shop", "Shop|商城", "--to-new", "sdc:amap", "Amap|高德",
        "--to-new", "sdk:jpush", "J|极", "--for-new", "p1", "", "--to-new", "sdk:two", "Getui SDK|个推",
    )  # fmt: skip

    kinds = "subject, product, system, sdk, affiliate, partner, authority, public, guardian"
    assert (told.code, told.out) == (1, "")
    assert told.err.splitlines() == [
        "error: --for-new: name.en is empty",
        "  hint: write a text, or leave the option out",
        'error: --from-new: "shop" does not say what it is',
        f"  hint: write KIND:KEY; kinds are {kinds}",
        'error: --to-new: "sdc:amap" does not say what it is',
        f'  hint: did you mean "sdk:amap"? write KIND:KEY; kinds are {kinds}',
        'error: --to-new: recipient "jpush" is there already',
        "  hint: give --to recipient:jpush",
        'error: --to-new: recipient "two" is called "个推", as is recipient "getui"',
        "  hint: give it another name, or give --same-name where both are meant",
        "5 problems; nothing was written",
    ]
    assert held(store) == before


def test_problems_of_new_things_are_told_in_chinese(store: Path) -> None:
    told = run(
        store, "flow", "add", "map", *FIRST[:8], "--lang", "zh", "--from-new", "shop", "商城", "--to-new", "sdc:amap",
        "高德", "--to-new", "sdk:jpush", "极", "--to-new", "sdk:two", "个推", "--from-new", "product:one", "A",
        "--to-new", "product:one", "B", "--requires-new", "android:maps,once", "地图",
    )  # fmt: skip

    kinds = "subject、product、system、sdk、affiliate、partner、authority、public、guardian"
    assert told.err.splitlines() == [
        "错误：--from-new: “shop”没有写明类别",
        f"  提示：写作KIND:KEY（类别:标识）；类别有{kinds}",
        "错误：--requires-new: “once”不是属性",
        "  提示：写作android:maps,property=value",
        "错误：--to-new: “sdc:amap”没有写明类别",
        f"  提示：您指的是“sdk:amap”吗？写作KIND:KEY（类别:标识）；类别有{kinds}",
        "错误：--to-new: product:one有两个不同的名称",
        "  提示：只给其中一个",
        "错误：--to-new: 接收方“jpush”已存在",
        "  提示：给出--to recipient:jpush",
        "错误：--to-new: 接收方“two”的名称“个推”与接收方“getui”相同",
        "  提示：另取名称；确应同名的，给出--same-name",
        "共6个问题；未写入任何内容",
    ]


@pytest.mark.parametrize(
    ("given", "english", "chinese"),
    [("Amap SDK", "Amap SDK", ""), ("高德SDK", "", "高德SDK"), ("高德SDK|Amap SDK", "Amap SDK", "高德SDK")],
)
def test_one_language_suffices_for_a_new_thing(given: str, english: str, chinese: str, store: Path) -> None:
    told = run(store, "flow", "add", "map", *FIRST[:2], *FIRST[4:-3], "--to-new", "sdk:amap", given)

    assert told.code == 0, told.err
    with closing(open_store(str(store))) as opened, opened.reading() as reader:
        node_id = NodeId("Recipient", "amap")
        assert reader.get([node_id])[node_id].given_name == (english, chinese)


# Into a file


def test_the_manifest_goes_into_a_file_that_stays_as_it_was(store: Path, tmp_path: Path) -> None:
    app = "# Ours.\nflows:\n  a: {name: {en: A, zh: 甲}, kind: use, carries: gps, from: product:app, to: product:app}\n"
    file = tmp_path / "app.yaml"
    file.write_text(app, encoding="utf-8")
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    run(store, "apply", str(file))

    told = run(store, "flow", "add", "map", *FIRST, "--to-file", str(link))

    assert (told.code, told.out) == (0, "")
    assert told.err.endswith(f"added to {link}\n")
    flow, recipients = MANIFEST.removeprefix("flows:\n").split("recipients:")
    assert file.read_text(encoding="utf-8") == f"{app}{flow}recipients:{recipients}"
    assert (link.is_symlink(), file.stat().st_mode & 0o777) == (True, 0o640)
    assert run(store, "apply", str(link)).err == "no changes\n"
    assert sorted(os.listdir(tmp_path)) == sorted({path.name for path in tmp_path.iterdir() if path.name[0] != "."})


def test_a_file_where_none_can_be_is_told_and_nothing_is_written(store: Path, tmp_path: Path) -> None:
    before = held(store)
    file = tmp_path / "nowhere" / "app.yaml"

    told = run(store, "flow", "add", "map", *FIRST, "--to-file", str(file))

    assert (told.code, told.err.splitlines()[-1]) == (1, f"error: {file}: No such file or directory")
    assert held(store) == before


def test_a_file_that_is_not_there_is_made(store: Path, tmp_path: Path) -> None:
    told = run(store, "flow", "add", "map", *FIRST, "--to-file", str(tmp_path / "new.yaml"))

    assert told.code == 0
    assert (tmp_path / "new.yaml").read_text(encoding="utf-8") == MANIFEST


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("flows: {}", "{}: the section flows is written in braces: nothing can be added to it"),
        ("flows:\n  map: {name: {en: A, zh: 甲}, kind: use, carries: gps, from: product:app, to: jpush}\n",
         '{} declares "map" in flows already'),
        ("bogus: {}\n", '{}:1:1: there is no section "bogus"'),
    ],
)  # fmt: skip
def test_where_the_file_cannot_take_it_nothing_is_written(text: str, told: str, store: Path, tmp_path: Path) -> None:
    file = tmp_path / "app.yaml"
    file.write_text(text, encoding="utf-8")
    before = held(store)

    code, out, err = run(store, "flow", "add", "map", *FIRST, "--to-file", str(file))

    assert (code, out, err.splitlines()[0]) == (1, "", f"error: {told.format(file)}")
    assert (held(store), file.read_text(encoding="utf-8")) == (before, text)


# On a terminal


def test_everything_is_asked_for_and_what_is_not_there_is_made(store: Path) -> None:
    code, seen = dialogue(
        store, "flow", "add",
        turns=[
            ("Name in English: ", "Map\n"), ("Name in Chinese (Enter: none): ", "地图\n"), ("Key [map]: ", "\n"),
            ("disclose): ", "provide\n"), ("Carries (keys or names, separated by commas): ", "GPS lo\t, prof\t\n"),
            ("From (", "Shop\n"), ("Make it as", "product\n"), ("Key [shop]: ", "\n"),
            ("Chinese (Enter: none): ", "商城\n"),
            ("To (", "高德SDK\n"), ("Make it as", "\n"), ("To (", "高德SDK\n"), ("Make it as", "sdk\n"),
            ("Key [sdk]: ", "jpush\n"), ("is there already", ""), ("Key [sdk]: ", "amap\n"),
            ("English (Enter: none): ", "Amap SDK\n"),
            ("About (", "\n"), ("For (", "push\n"), ("Under (", "\n"),
            ("Register it? [Y/n]: ", "\n"),
        ],
    )  # fmt: skip

    assert code == 0, seen
    assert "Shop provides GPS location and Profile to Amap SDK for Push messages\n" in seen
    assert "registered flow:map, product:shop, recipient:amap\n" in seen
    assert name(store, "Recipient", "amap") == ("Amap SDK", "高德SDK")


def test_everything_is_asked_for_in_chinese_and_one_language_suffices(store: Path) -> None:
    code, seen = dialogue(
        store, "flow", "add", "--lang", "zh",
        turns=[
            ("名称（中文）: ", "地图\n"), ("名称（英文）（回车：不填）: ", "\n"), ("标识: ", "map\n"),
            ("disclose): ", "provide\n"), ("以逗号分隔）: ", "GPS定位\n"), ("以逗号分隔）: ", "商城\n"),
            ("没有名为“商城”的", ""), ("可以新建为", "product\n"), ("标识: ", "jpush!\n"), ("不能作标识", ""),
            ("标识: ", "shop\n"), ("名称（英文）（回车：不填）: ", "\n"), ("以逗号分隔）: ", "极光推送\n"),
            ("留空表示未说明）: ", "\n"), ("留空表示未说明）: ", "\n"), ("留空表示未说明）: ", "\n"),
            ("是否登记？ [Y/n]: ", "\n"),
        ],
    )  # fmt: skip

    assert code == 0, seen
    assert "商城向极光推送提供GPS定位\n" in seen
    assert "    name: {zh: 商城}\n" in seen


def test_off_a_terminal_the_key_is_needed(store: Path) -> None:
    told = run(store, "flow", "add", *FIRST)

    assert told.code == 2
    assert "Missing argument 'KEY'" in told.err
