"""The vocabulary against the texts of law: their own words are known, and what they call sensitive is marked so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.lineage.asking import sensitivity
from registry.lineage.naming import resolve
from registry.model.graph import BASIS, CATEGORY, JURISDICTION, PERMISSION, SENSITIVITY
from registry.model.snapshot import NodeId
from registry.planning import apply, plan, read_manifests
from registry.seeding import VOCABULARY, seeds
from registry.stores.memory import MemoryStore
from registry.stores.port import Direction, Reader

SENSITIVE = {
    "pipl28-sensitive": "生物识别 宗教信仰 特定身份 医疗健康信息 金融账户 行踪轨迹 儿童个人信息",
    "gbt35273-sensitive": """
        银行账户 口令 存款信息 房产信息 信贷记录 征信信息 交易和消费记录 流水记录 虚拟货币 虚拟交易 兑换码
        病症 住院志 医嘱单 检验报告 手术及麻醉记录 护理记录 用药记录 药物食物过敏信息 生育信息 以往病史 诊治情况
        家族病史 现病史 传染病史 个人基因 指纹 声纹 掌纹 耳廓 虹膜 面部识别特征
        身份证 军官证 护照 驾驶证 工作证 社保卡 居住证
        性取向 婚史 宗教信仰 未公开的违法犯罪记录 通信记录和内容 通讯录 好友列表 群组列表 行踪轨迹 网页浏览记录
        住宿信息 精准定位信息
    """,
    "gbt45574-sensitive": """
        人脸 基因 声纹 步态 指纹 掌纹 眼纹 耳廓 虹膜 宗教信仰 残障人士身份信息 不适宜公开的职业身份信息
        病症 既往病史 就诊记录 检验检查数据 银行账户 证券账户 基金账户 保险账户 公积金账户 支付账号 银行卡磁道数据
        支付标记信息 收入明细 行踪轨迹 车辆行驶轨迹 精准定位信息 身份证照片 性取向 性生活 征信信息 犯罪记录
        私密部位照片视频
    """,
}
"""PIPL art. 28, GB/T 35273-2020 annex B, GB/T 45574-2025 annex A, in their own words."""


@pytest.fixture(scope="module")
def vocabulary() -> Iterator[Reader]:
    store = MemoryStore()
    with store.reading() as reader:
        planned = plan(reader, read_manifests(reader, [seeds(VOCABULARY)]))
    apply(store, planned)
    with store.reading() as reader:
        yield reader


@pytest.mark.parametrize("level", SENSITIVE)
def test_what_a_text_of_law_calls_sensitive_is_known_by_its_words_and_marked(vocabulary: Reader, level: str) -> None:
    found = {word: resolve(vocabulary, word, [CATEGORY]) for word in SENSITIVE[level].split()}

    levels = sensitivity(vocabulary, found.values())
    assert [word for word, one in found.items() if level not in {at.key for at in levels.get(one, ())}] == []


@pytest.mark.parametrize("word", ["身份证号码", "婚史", "交易和消费记录", "通讯录", "网页浏览记录"])
def test_what_the_standard_of_2025_no_longer_lists_is_not_sensitive_by_it(vocabulary: Reader, word: str) -> None:
    found = resolve(vocabulary, word, [CATEGORY])

    assert {level.key for level in sensitivity(vocabulary, [found])[found]} == {"gbt35273-sensitive"}


@pytest.mark.parametrize(
    ("union", "members"),
    [
        ("eu", "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk"),
        ("eea", "at be bg cy cz de dk ee es fi fr gr hr hu ie is it li lt lu lv mt nl no pl pt ro se si sk"),
    ],
)
def test_a_union_has_its_members_and_knows_who_left(vocabulary: Reader, union: str, members: str) -> None:
    edges = vocabulary.edges(["MEMBER_OF"], [NodeId(JURISDICTION, union)], Direction.IN)

    assert {edge.source.key for edge in edges if "until" not in edge.properties} == set(members.split())
    assert {edge.source.key: edge.properties["until"] for edge in edges if "until" in edge.properties} == {
        "gb": "2020-01-31"
    }
    assert all("since" in edge.properties for edge in edges)


def test_only_unions_have_members(vocabulary: Reader) -> None:
    places = list(vocabulary.nodes(JURISDICTION))
    edges = vocabulary.edges(["MEMBER_OF"], [place.id for place in places], Direction.OUT)

    assert {place.id for place in places if place.flag("union")} == {edge.target for edge in edges}


def test_each_permission_that_texts_speak_of_has_those_of_systems_beneath(vocabulary: Reader) -> None:
    permissions = list(vocabulary.nodes(PERMISSION))
    edges = vocabulary.edges(["BROADER"], [one.id for one in permissions], Direction.OUT)

    assert {one.id for one in permissions if not one.word("platform")} <= {edge.target for edge in edges}


@pytest.mark.parametrize(
    ("word", "permission"),
    [
        ("屏幕录制", "screen-recording-permission"),
        ("无障碍服务", "accessibility-permission"),
        ("通知使用权", "notification-listener-permission"),
        ("自启动", "autostart-permission"),
        ("安装未知应用", "install-apps-permission"),
        ("电话状态", "phone-state-permission"),
        ("设备信息", "device-information-permission"),
    ],
)
def test_a_permission_is_known_by_the_word_that_texts_use(vocabulary: Reader, word: str, permission: str) -> None:
    assert resolve(vocabulary, word, [PERMISSION]) == NodeId(PERMISSION, permission)


def test_nothing_in_the_vocabulary_is_of_one_policy_alone(vocabulary: Reader) -> None:
    schemes = {level.word("scheme") for level in vocabulary.nodes(SENSITIVITY)}
    regimes = {basis.word("regime") for basis in vocabulary.nodes(BASIS)}

    assert schemes == {"PIPL art. 28", "GB/T 35273-2020", "GB/T 45574-2025", "GB/T 43697-2024", "GDPR art. 9"}
    assert regimes == {"PIPL", "GDPR"}


@pytest.mark.parametrize(
    ("permission", "opens"),
    [
        ("ios.NSHealthClinicalHealthRecordsShareUsageDescription", {"medical-information"}),
        ("android.BIND_ACCESSIBILITY_SERVICE", {"communication-content", "usage-records"}),
        ("sensors-permission", {"sensor-data", "physiological-information", "fitness-information"}),
    ],
)
def test_a_permission_opens_what_its_description_says(vocabulary: Reader, permission: str, opens: set[str]) -> None:
    edges = vocabulary.edges(["GIVES_ACCESS_TO"], [NodeId(PERMISSION, permission)], Direction.OUT)

    assert {edge.target.key for edge in edges} == opens
