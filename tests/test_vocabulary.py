"""The vocabulary against the texts of law: their own words are known, and what they call sensitive is marked so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.lineage.naming import resolve
from registry.lineage.sensitivity import sensitivity
from registry.model.graph import BASIS, CATEGORY, JURISDICTION, PERMISSION, SENSITIVITY
from registry.model.snapshot import NodeId, Text
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

_PHONE = "注册用户移动电话号码"
_PAYMENT = "支付时间 支付金额 支付渠道"
_IDENTITY = "姓名 证件类型 证件号码"
_CONSIGNEE = "收货人姓名 收货人地址 收货人联系电话"

NECESSARY = {
    "地图导航": "位置信息 出发地 到达地",
    "网络约车": f"{_PHONE} 出发地 到达地 位置信息 行踪轨迹 {_PAYMENT}",
    "即时通信": f"{_PHONE} 账号 即时通信联系人账号列表",
    "网络社区": _PHONE,
    "网络支付": f"{_PHONE} {_IDENTITY} 证件有效期限 银行卡号码",
    "网上购物": f"{_PHONE} {_CONSIGNEE} {_PAYMENT}",
    "餐饮外卖": f"{_PHONE} {_CONSIGNEE} {_PAYMENT}",
    "邮件快件寄递": """
        寄件人姓名 证件类型 证件号码 寄件人地址 寄件人联系电话 收件人姓名 收件人地址 收件人联系电话
        寄递物品的名称 寄递物品的性质 寄递物品的数量
    """,
    "交通票务": f"""
        {_PHONE} {_IDENTITY} 旅客类型 出发地 目的地 出发时间 车次 船次 航班号 席别 舱位等级 座位号 车牌号 车牌颜色
        {_PAYMENT}
    """,
    "婚恋相亲": f"{_PHONE} 性别 年龄 婚姻状况",
    "求职招聘": f"{_PHONE} 简历",
    "网络借贷": f"{_PHONE} {_IDENTITY} 证件有效期限 银行卡号码",
    "房屋租售": f"{_PHONE} 房源基本信息 房屋地址 面积 户型 期望售价 租金",
    "二手车交易": f"{_PHONE} {_IDENTITY} 车辆行驶证号 车辆识别号码",
    "问诊挂号": f"{_PHONE} {_IDENTITY} 预约挂号的医院 科室 病情描述",
    "旅游服务": f"{_PHONE} 旅游目的地 旅游时间 {_IDENTITY} 联系方式",
    "酒店服务": f"{_PHONE} 姓名 联系方式 入住时间 退房时间 入住酒店名称",
    "网络游戏": _PHONE,
    "学习教育": _PHONE,
    "本地生活": _PHONE,
    "女性健康": "",
    "用车服务": f"{_PHONE} 证件类型 证件号码 驾驶证件信息 {_PAYMENT} 位置信息",
    "投资理财": f"{_PHONE} {_IDENTITY} 证件有效期限 证件影印件 资金账户 银行卡号码 支付账号",
    "手机银行": f"""
        {_PHONE} {_IDENTITY} 证件有效期限 证件影印件 银行卡号码 银行预留移动电话号码
        收款人姓名 收款人银行卡号码 开户银行信息
    """,
    "邮箱云盘": _PHONE,
    "远程会议": _PHONE,
    "网络直播": "",
    "在线影音": "",
    "短视频": "",
    "新闻资讯": "",
    "运动健身": "",
    "浏览器": "",
    "输入法": "",
    "安全管理": "",
    "电子图书": "",
    "拍摄美化": "",
    "应用商店": "",
    "实用工具": "",
    "演出票务": f"{_PHONE} 观演场次 座位号 {_PAYMENT}",
}
"""What each of the 39 common types of app may not do without, by art. 5 of the rules of 2021 on necessary personal
information, in their own words. Whose it is (a passenger's, a buyer's) is told by the group of people, not by the kind
of data."""

CLASSES = {
    "A01": "个人基本资料",
    "A02": "个人身份信息",
    "A03": "个人生物识别信息",
    "A04": "网络身份标识信息",
    "A05": "个人健康生理信息",
    "A06": "个人教育工作信息",
    "A07": "个人财产信息",
    "A08": "个人通信信息",
    "A09": "联系人信息",
    "A10": "个人上网记录",
    "A11": "个人常用设备信息",
    "A12": "个人位置信息",
}
"""The classes of GB/T 35273-2020 table A.1. The last, A13, is what is left: it is no kind."""


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


@pytest.mark.parametrize("app_type", NECESSARY)
def test_what_a_type_of_app_needs_is_known_by_the_words_of_the_rules(vocabulary: Reader, app_type: str) -> None:
    words = NECESSARY[app_type].split()

    assert [word for word in words if resolve(vocabulary, word, [CATEGORY]).key == "personal-information"] == []


def test_all_39_types_of_app_are_looked_at_and_13_need_nothing() -> None:
    assert (len(NECESSARY), sum(not words for words in NECESSARY.values())) == (39, 13)


@pytest.mark.parametrize("code", CLASSES)
def test_a_class_of_the_specification_is_a_kind_by_its_name(vocabulary: Reader, code: str) -> None:
    found = resolve(vocabulary, CLASSES[code], [CATEGORY])

    assert vocabulary.get([found])[found].words("gbt35273") == (code,)


@pytest.mark.parametrize("word", ["账号", "用户ID", "IP地址", "个人数字证书"])
def test_what_tells_a_person_apart_on_a_network_stands_under_its_class(vocabulary: Reader, word: str) -> None:
    assert NodeId(CATEGORY, "network-identity-information") in _above(vocabulary, resolve(vocabulary, word, [CATEGORY]))


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


@pytest.mark.parametrize("shipped", sorted(path.name for path in seeds(VOCABULARY).parent.iterdir()))
def test_what_is_shipped_is_complete_in_both_languages(vocabulary: Reader, shipped: str) -> None:
    declared = read_manifests(vocabulary, [seeds(shipped)])
    held = [(str(node.id), node.properties) for node in declared.nodes.values()]
    held += [(str(edge.id), edge.properties) for edge in declared.edges.values()]
    said = [
        (one, name, value) for one, properties in held for name, value in properties.items() if isinstance(value, Text)
    ]

    assert len(said) > 150
    assert [one for one in said if one[-1].lacks("en") or one[-1].lacks("zh")] == []


def test_nothing_in_the_vocabulary_is_of_one_policy_alone(vocabulary: Reader) -> None:
    schemes = {level.word("scheme") for level in vocabulary.nodes(SENSITIVITY)}
    regimes = {basis.word("regime") for basis in vocabulary.nodes(BASIS)}

    assert schemes == {"PIPL art. 28", "GB/T 35273-2020", "GB/T 45574-2025", "GB/T 43697-2024", "GDPR art. 9"}
    assert regimes == {"PIPL", "GDPR"}


@pytest.mark.parametrize(
    ("permission", "opens"),
    [
        ("ios.NSHealthClinicalHealthRecordsShareUsageDescription", {"medical-information"}),
        ("android.BIND_ACCESSIBILITY_SERVICE", {"screen-content", "communication-content", "usage-records"}),
        ("sensors-permission", {"sensor-data", "physiological-information", "fitness-information"}),
    ],
)
def test_a_permission_opens_what_its_description_says(vocabulary: Reader, permission: str, opens: set[str]) -> None:
    edges = vocabulary.edges(["GIVES_ACCESS_TO"], [NodeId(PERMISSION, permission)], Direction.OUT)

    assert {edge.target.key for edge in edges} == opens


def _above(vocabulary: Reader, node: NodeId) -> set[NodeId]:
    edges = vocabulary.edges(["BROADER"], [node], Direction.OUT)
    return {node}.union(*(_above(vocabulary, edge.target) for edge in edges))
