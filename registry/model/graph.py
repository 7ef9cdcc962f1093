"""The graph of personal information, declared once; everything else derives from it.

The hub is `DataFlow`: one node for each fact "these categories go from here to there, for these purposes".
"""

from __future__ import annotations

from registry.model.declaration import Choice, EdgeType, Graph, Kind, NodeType, Property

FLOW = "DataFlow"
CATEGORY = "DataCategory"
SENSITIVITY = "SensitivityLevel"
PURPOSE = "Purpose"
ACTIVITY = "ProcessingActivity"
CHANNEL = "CollectionChannel"
PERMISSION = "Permission"
RECIPIENT = "Recipient"
ORGANIZATION = "Organization"
PRODUCT = "Product"
SYSTEM = "System"
SUBJECT = "DataSubjectGroup"
BASIS = "LegalBasis"
RETENTION = "RetentionRule"
CONTROL = "Control"
MEASURE = "SecurityMeasure"
JURISDICTION = "Jurisdiction"
CLAUSE = "PolicyClause"
RIGHT = "Right"

ENDS = (SUBJECT, PRODUCT, SYSTEM, RECIPIENT)

_PLATFORMS = (
    Choice("android", "Android", "Android"),
    Choice("ios", "iOS", "iOS"),
    Choice("harmony", "HarmonyOS", "HarmonyOS"),
    Choice("web", "Web", "网页端"),
    Choice("mini-program", "Mini program", "小程序"),
)

_STATED = Property(
    "stated_in",
    Kind.CLAUSES,
    "The clauses that say so, where the edge itself is stated (and may be contradicted) by a document.",
    "Stated in",
    "出处",
)

_READING = Property(
    "reading",
    Kind.FLAG,
    "Whether it is our reading, which no clause says, or none says plainly.",
    "Our reading",
    "登记者的理解",
)

_COMMON = (
    Property("name", Kind.BILINGUAL, "What people call it.", "Name", "名称", required=True),
    Property("description", Kind.BILINGUAL, "What it is, in a sentence or two.", "Description", "说明"),
    Property(
        "aliases",
        Kind.TEXTS,
        "Other names by which people look for it, in either language: abbreviations, spellings, synonyms.",
        "Also called",
        "别名",
    ),
    Property(
        "former_keys",
        Kind.TEXTS,
        "Keys that it had before; old references still resolve.",
        "Former keys",
        "曾用标识",
    ),
    Property(
        "same_name",
        Kind.FLAG,
        "Whether it may have a name that another thing of its kind has. Clauses may, and kinds of what has the name.",
        "Same name",
        "同名",
    ),
)

_EQUIVALENTS = (
    Property("fides", Kind.TEXTS, "Equivalent keys in Fideslang 3.1.", "Fideslang", "Fideslang"),
    Property("dpv", Kind.TEXTS, "Equivalent terms in W3C DPV 2.3, with prefix (`pd:Location`).", "DPV", "DPV"),
    Property(
        "apple",
        Kind.TEXTS,
        "Equivalents in Apple privacy manifests, without the common prefix (`PreciseLocation`).",
        "Apple",
        "Apple",
    ),
    Property(
        "google_play", Kind.TEXTS, "Equivalents in the Google Play Data safety form.", "Google Play", "Google Play"
    ),
)

_NODES = (
    NodeType(
        FLOW,
        "flows",
        "flow",
        "One movement or use of personal data: these categories go from here to there, for these purposes. "
        "A flow is closed, never deleted: a register must answer for the past.",
        "Data flow",
        "个人信息流转",
        (
            Property(
                "kind",
                Kind.CHOICE,
                "What is done with the data (the kinds of processing of PIPL art. 4 that move or use data).",
                "Kind",
                "处理方式",
                required=True,
                choices=(
                    Choice("collect", "Collect", "收集"),
                    Choice("receive", "Receive", "接收"),
                    Choice("use", "Use", "使用"),
                    Choice("derive", "Derive", "加工"),
                    Choice("provide", "Provide", "提供"),
                    Choice("entrust", "Entrust", "委托处理"),
                    Choice("transfer", "Transfer", "转让"),
                    Choice("disclose", "Disclose", "公开披露"),
                ),
            ),
            Property(
                "status",
                Kind.CHOICE,
                "Whether it is planned, in force, or ended. Published lists show active flows only.",
                "Status",
                "状态",
                choices=(
                    Choice("proposed", "Proposed", "待审核"),
                    Choice("active", "Active", "生效"),
                    Choice("retired", "Retired", "已停用"),
                ),
                default="active",
            ),
            Property("scenario", Kind.BILINGUAL, "When it happens, as the person meets it.", "Scenario", "使用场景"),
            Property(
                "necessity",
                Kind.CHOICE,
                "Whether the function needs it (PIPL art. 16).",
                "Necessity",
                "是否必要",
                choices=(Choice("required", "Required", "必要"), Choice("optional", "Optional", "可选")),
            ),
            Property("refusal", Kind.BILINGUAL, "What refusing costs the person.", "If refused", "拒绝的影响"),
            Property(
                "mode",
                Kind.CHOICE,
                "How it is shared.",
                "Mode",
                "共享方式",
                choices=(
                    Choice("sdk", "SDK collects on the device", "SDK本机采集"),
                    Choice(
                        "sdk-local", "SDK processes on the device, nothing leaves it", "SDK本机采集，不涉及数据共享"
                    ),
                    Choice("interface", "Server interface", "后台接口传输"),
                    Choice("batch", "File transfer", "文件传输"),
                    Choice("redirect", "Page redirect (H5)", "页面跳转/H5"),
                    Choice("cookie", "Cookie or similar technology", "Cookie等同类技术"),
                    Choice("user-initiated", "Shared by the user", "用户主动分享"),
                    Choice("public-display", "Displayed publicly", "公开展示"),
                ),
            ),
            Property(
                "protection",
                Kind.CHOICE,
                "The form in which the data moves. What is anonymised is no longer personal data (PIPL art. 4); "
                "what is de-identified still is (PIPL art. 73).",
                "Protection",
                "去标识化处理",
                choices=(
                    Choice("none", "None", "未处理"),
                    Choice("encrypted", "Encrypted", "加密"),
                    Choice("de-identified", "De-identified", "去标识化"),
                    Choice("anonymised", "Anonymised", "匿名化"),
                    Choice("aggregated", "Aggregated", "汇总统计"),
                ),
            ),
            Property(
                "automated_decision",
                Kind.FLAG,
                "Whether it feeds a decision made by automated means (PIPL art. 24, GDPR art. 22).",
                "Automated decision",
                "自动化决策",
            ),
            Property("frequency", Kind.BILINGUAL, "How often it happens.", "Frequency", "频率"),
            Property(
                "consent",
                Kind.CHOICE,
                "How consent is asked (PIPL art. 13, 14, 23, 25, 29, 31).",
                "Consent",
                "同意方式",
                choices=(
                    Choice("not-required", "Not required", "无需同意"),
                    Choice("general", "General consent", "同意"),
                    Choice("explicit", "Explicit consent", "明示同意"),
                    Choice("separate", "Separate consent", "单独同意"),
                    Choice("written", "Written consent", "书面同意"),
                    Choice("guardian", "Guardian's consent", "监护人同意"),
                ),
            ),
            Property(
                "begins",
                Kind.CHOICE,
                "When it begins, measured by the person's agreement to the privacy policy: authorities and app stores "
                "ask first what happens before it.",
                "Begins",
                "开始时点",
                choices=(
                    Choice("before-agreement", "Before the person agrees to the policy", "同意隐私政策前"),
                    Choice("after-agreement", "Once the person has agreed to the policy", "同意隐私政策后"),
                    Choice("when-used", "When the function is used", "使用相应功能时"),
                    Choice("on-request", "When the person asks for it", "用户主动要求时"),
                ),
            ),
            Property(
                "mechanism",
                Kind.CHOICE,
                "On what a transfer to another country rests (PIPL art. 38–40 and the Provisions of 2024 on "
                "cross-border data flows; GDPR art. 45–49). `none`: it is stated that there is none.",
                "Transfer mechanism",
                "跨境传输机制",
                choices=(
                    Choice("security-assessment", "Security assessment (PIPL)", "数据出境安全评估"),
                    Choice("standard-contract", "Standard contract (PIPL)", "个人信息出境标准合同"),
                    Choice("certification", "Certification", "个人信息保护认证"),
                    Choice("treaty", "Treaty or agreement", "国际条约、协定"),
                    Choice("exempt", "Exempt from assessment, contract and certification (PIPL)", "豁免情形"),
                    Choice("adequacy", "Adequacy decision (GDPR)", "充分性认定"),
                    Choice("scc", "Standard contractual clauses (GDPR)", "标准合同条款（SCC）"),
                    Choice("bcr", "Binding corporate rules (GDPR)", "有约束力的公司规则（BCR）"),
                    Choice("code-of-conduct", "Approved code of conduct (GDPR)", "经批准的行为准则"),
                    Choice("derogation", "Derogation for a specific situation (GDPR)", "特定情形下的克减"),
                    Choice("other", "Another condition that law allows", "法律规定的其他条件"),
                    Choice("none", "None", "无"),
                ),
            ),
            Property("effective_from", Kind.DATE, "The first day on which it happens.", "From", "生效日期"),
            Property("effective_to", Kind.DATE, "The last day on which it happened.", "Until", "停用日期"),
            Property("closing_reason", Kind.TEXT, "Why it was closed.", "Reason for closing", "停用原因"),
            Property("source", Kind.TEXT, "Where it was found: file and line, URL, or who said so.", "Source", "来源"),
        ),
    ),
    NodeType(
        CATEGORY,
        "categories",
        "category",
        "A kind of personal data, in a tree. A kind may stand under several broader ones.",
        "Data category",
        "个人信息种类",
        (
            Property(
                "identifiability",
                Kind.CHOICE,
                "Whether it identifies a person by itself, together with other data, or not at all.",
                "Identifiability",
                "可识别性",
                choices=(
                    Choice("direct", "Direct", "直接识别"),
                    Choice("indirect", "Indirect", "间接识别"),
                    Choice("none", "None", "不可识别"),
                ),
            ),
            *_EQUIVALENTS,
            Property(
                "gbt35273",
                Kind.TEXTS,
                "Class in GB/T 35273-2020 table A.1 (`A01` to `A13`).",
                "GB/T 35273",
                "GB/T 35273",
            ),
        ),
    ),
    NodeType(
        SENSITIVITY,
        "sensitivity_levels",
        "sensitivity",
        "A level of sensitivity in one scheme. What is sensitive under one scheme need not be under another.",
        "Sensitivity level",
        "敏感级别",
        (
            Property(
                "scheme",
                Kind.TEXT,
                "The standard or text that sets it, such as `GB/T 45574-2025`.",
                "Scheme",
                "依据",
                required=True,
            ),
            Property(
                "rank",
                Kind.NUMBER,
                "Its place in the scheme; a higher rank is more sensitive.",
                "Rank",
                "级次",
                required=True,
            ),
            Property(
                "sensitive",
                Kind.FLAG,
                "Whether data at this level is marked as sensitive personal information in documents.",
                "Sensitive",
                "敏感个人信息",
                default=True,
            ),
        ),
    ),
    NodeType(
        PURPOSE,
        "purposes",
        "purpose",
        "Why personal data is processed, in a tree.",
        "Purpose",
        "处理目的",
        (
            Property(
                "basic_function",
                Kind.FLAG,
                "Whether it serves a basic function of the product.",
                "Basic function",
                "基本功能",
            ),
            *_EQUIVALENTS,
        ),
    ),
    NodeType(
        ACTIVITY,
        "activities",
        "activity",
        "A business function under which data is processed; one entry in the record of processing activities "
        "(GDPR art. 30).",
        "Processing activity",
        "业务功能",
        (
            Property(
                "function",
                Kind.CHOICE,
                "Whether it is a basic or an extended function of the product.",
                "Function",
                "功能类型",
                choices=(Choice("basic", "Basic", "基本业务功能"), Choice("extended", "Extended", "扩展业务功能")),
            ),
            Property("owner", Kind.TEXT, "Who answers for it inside.", "Owner", "负责人"),
            Property(
                "dpia_reference",
                Kind.TEXT,
                "Reference of its data protection impact assessment (PIPL art. 55, GDPR art. 35).",
                "Impact assessment",
                "个人信息保护影响评估编号",
            ),
            Property("dpia_date", Kind.DATE, "Date of that assessment.", "Assessed on", "评估日期"),
        ),
    ),
    NodeType(CHANNEL, "channels", "channel", "How data is obtained.", "Collection channel", "收集方式"),
    NodeType(
        PERMISSION,
        "permissions",
        "permission",
        "A device permission, or a capability that apps list beside permissions. One without a platform is the "
        'permission as texts speak of it ("camera"); those of the platforms stand under it.',
        "Permission",
        "系统权限",
        (
            Property(
                "platform",
                Kind.CHOICE,
                "The operating system; absent where a text names none.",
                "Platform",
                "操作系统",
                choices=_PLATFORMS,
            ),
            Property(
                "identifier",
                Kind.TEXT,
                "The system's own identifier, such as `android.permission.CAMERA`.",
                "Identifier",
                "系统权限标识",
            ),
            Property("group", Kind.TEXT, "The system's permission group.", "Group", "权限组"),
            Property(
                "protection_level",
                Kind.TEXT,
                "The system's protection level (`dangerous`, `user_grant`, …).",
                "Protection level",
                "保护级别",
            ),
        ),
    ),
    NodeType(
        RECIPIENT,
        "recipients",
        "recipient",
        "Who gets personal data: an SDK, an affiliate, a partner, an authority, the public, a guardian.",
        "Recipient",
        "接收方",
        (
            Property(
                "kind",
                Kind.CHOICE,
                "What sort of recipient it is.",
                "Kind",
                "类型",
                required=True,
                choices=(
                    Choice("sdk", "SDK", "第三方SDK"),
                    Choice("affiliate", "Affiliate", "关联公司"),
                    Choice("partner", "Partner", "合作方"),
                    Choice("authority", "Authority", "国家机关"),
                    Choice("public", "Public", "公众"),
                    Choice("guardian", "Guardian", "监护人"),
                ),
            ),
            Property(
                "role",
                Kind.CHOICE,
                "Its legal role (PIPL art. 20, 21, 23; GDPR art. 26, 28).",
                "Role",
                "角色",
                choices=(
                    Choice("processor", "Processor", "受托人"),
                    Choice("independent", "Independent controller", "独立的个人信息处理者"),
                    Choice("joint", "Joint controller", "共同处理个人信息的处理者"),
                ),
            ),
            Property(
                "named",
                Kind.FLAG,
                'False where a text names only a kind of recipient ("logistics companies").',
                "Named",
                "是否列明名称",
                default=True,
            ),
            Property("function", Kind.BILINGUAL, "What it does for the product.", "Function", "合作类型·功能"),
            Property(
                "sdk_types",
                Kind.CHOICES,
                "What kinds of SDK it is, after the practice guide of TC260 on SDKs in apps (2020).",
                "SDK types",
                "SDK类型",
                choices=(
                    Choice("push", "Push messages", "消息推送"),
                    Choice("statistics", "Statistics", "统计分析"),
                    Choice("advertising", "Advertising", "广告"),
                    Choice("payment", "Payment", "支付"),
                    Choice("map", "Map", "地图"),
                    Choice("login-and-sharing", "Login and sharing", "第三方登录与分享"),
                    Choice("risk-control", "Risk control", "安全风控"),
                    Choice("customer-service", "Customer service", "客服"),
                    Choice("audio-and-video", "Audio and video", "音视频"),
                    Choice("speech", "Speech", "语音"),
                    Choice("one-tap-login", "One-tap login", "一键登录"),
                    Choice("crash", "Crash reports", "崩溃监测"),
                    Choice("face-verification", "Face verification", "人脸核验"),
                    Choice("framework", "Framework", "框架"),
                ),
            ),
            Property("packages", Kind.TEXTS, "Package prefixes of an SDK.", "Packages", "包名"),
            Property(
                "platforms", Kind.CHOICES, "Systems on which an SDK runs.", "Platforms", "适用系统", choices=_PLATFORMS
            ),
            Property("version", Kind.TEXT, "Version of an SDK.", "Version", "版本"),
            Property("policy_url", Kind.URL, "Where its own privacy policy stands.", "Privacy policy", "隐私政策链接"),
        ),
    ),
    NodeType(
        ORGANIZATION,
        "organizations",
        "organization",
        "A legal entity.",
        "Organization",
        "组织",
        (
            Property("legal_name", Kind.BILINGUAL, "Full registered name.", "Legal name", "主体全称"),
            Property("address", Kind.BILINGUAL, "Postal or registered address.", "Address", "地址"),
            Property("contact", Kind.BILINGUAL, "How to reach it: email, telephone, form.", "Contact", "联系方式"),
            Property(
                "dpo_contact",
                Kind.BILINGUAL,
                "How to reach its data protection officer (PIPL art. 52).",
                "DPO contact",
                "个人信息保护负责人联系方式",
            ),
        ),
    ),
    NodeType(
        PRODUCT,
        "products",
        "product",
        "An app, site or service that people use.",
        "Product",
        "产品",
        (
            Property(
                "platforms", Kind.CHOICES, "Systems on which it runs.", "Platforms", "适用系统", choices=_PLATFORMS
            ),
            Property(
                "app_type",
                Kind.NUMBER,
                "Its number among the 39 app types of the necessary-information rules (CAC and others, 2021).",
                "App type",
                "应用类型",
            ),
            Property("policy_url", Kind.URL, "Where its privacy policy stands.", "Privacy policy", "隐私政策链接"),
            Property("policy_date", Kind.DATE, "The date of that policy.", "Policy date", "隐私政策日期"),
        ),
    ),
    NodeType(
        SYSTEM,
        "systems",
        "system",
        "A store or service inside the organisation that holds or handles personal data.",
        "System",
        "内部系统",
        (Property("owner", Kind.TEXT, "Who answers for it inside.", "Owner", "负责人"),),
    ),
    NodeType(
        SUBJECT,
        "subjects",
        "subject",
        "A group of data subjects: about whom the data is. A group may be sensitive as a whole "
        "(PIPL art. 28: under 14).",
        "Data subjects",
        "个人信息主体",
        (
            Property("fides", Kind.TEXTS, "Equivalent keys in Fideslang 3.1.", "Fideslang", "Fideslang"),
            Property("dpv", Kind.TEXTS, "Equivalent terms in W3C DPV 2.3.", "DPV", "DPV"),
        ),
    ),
    NodeType(
        BASIS,
        "legal_bases",
        "legal_basis",
        "A ground on which processing is lawful, or a listed exception to consent.",
        "Legal basis",
        "合法性基础",
        (
            Property(
                "regime",
                Kind.TEXT,
                "The law, or the document that claims the ground (`PIPL`, `GDPR`).",
                "Regime",
                "法律",
                required=True,
            ),
            Property("article", Kind.TEXT, "The article, as it is cited.", "Article", "条款", required=True),
            Property(
                "consent",
                Kind.CHOICE,
                "The kind of consent it needs.",
                "Consent",
                "同意类型",
                choices=(
                    Choice("none", "None", "无需同意"),
                    Choice("general", "General consent", "同意"),
                    Choice("explicit", "Explicit consent", "明示同意"),
                    Choice("separate", "Separate consent", "单独同意"),
                    Choice("written", "Written consent", "书面同意"),
                    Choice("guardian", "Guardian's consent", "监护人同意"),
                ),
            ),
            Property("dpv", Kind.TEXTS, "Equivalent terms in W3C DPV 2.3.", "DPV", "DPV"),
        ),
    ),
    NodeType(
        RETENTION,
        "retention_rules",
        "retention_rule",
        "How long data is kept, and what happens then (PIPL art. 19, 47).",
        "Retention rule",
        "保存期限",
        (
            Property("period", Kind.PERIOD, "The period, such as `P3Y`.", "Period", "期限"),
            Property("at_least", Kind.FLAG, "Whether the period is a minimum that law sets.", "At least", "不少于"),
            Property(
                "criterion",
                Kind.BILINGUAL,
                "What decides the period where no period is given.",
                "Criterion",
                "确定标准",
            ),
            Property("starts", Kind.BILINGUAL, "From when it runs.", "Starts", "起算"),
            Property(
                "end_action",
                Kind.CHOICE,
                "What happens at the end.",
                "At the end",
                "到期处理",
                choices=(
                    Choice("delete", "Delete", "删除"),
                    Choice("anonymise", "Anonymise", "匿名化"),
                    Choice("delete-or-anonymise", "Delete or anonymise", "删除或匿名化"),
                ),
            ),
            Property(
                "law",
                Kind.BILINGUAL,
                "The law that asks for it, with its article where the source gives one.",
                "Law",
                "法律依据",
            ),
        ),
    ),
    NodeType(
        CONTROL,
        "controls",
        "control",
        "How the person switches processing off.",
        "Control",
        "关闭/撤回方式",
        (
            Property(
                "route", Kind.BILINGUAL, "The way there, such as `Settings > Privacy`.", "Route", "路径", required=True
            ),
            Property("scope", Kind.BILINGUAL, "What it switches off, and what goes on.", "Scope", "范围"),
        ),
    ),
    NodeType(
        MEASURE,
        "security_measures",
        "security_measure",
        "A technical or organisational measure that protects data (PIPL art. 51, GDPR art. 32).",
        "Security measure",
        "安全措施",
        (
            Property(
                "kind",
                Kind.CHOICE,
                "Technical or organisational.",
                "Kind",
                "类型",
                choices=(
                    Choice("technical", "Technical", "技术措施"),
                    Choice("organisational", "Organisational", "管理措施"),
                ),
            ),
            Property("dpv", Kind.TEXTS, "Equivalent terms in W3C DPV 2.3.", "DPV", "DPV"),
        ),
    ),
    NodeType(
        JURISDICTION,
        "jurisdictions",
        "jurisdiction",
        "A country or territory with its own data protection law, or a union of countries of which law speaks.",
        "Jurisdiction",
        "国家或地区",
        (
            Property("code", Kind.TEXT, "ISO 3166-1 alpha-2 code.", "Code", "代码"),
            Property(
                "union",
                Kind.FLAG,
                "Whether it is a union, whose members are countries, and no country itself.",
                "Union",
                "国家联盟",
            ),
        ),
    ),
    NodeType(
        CLAUSE,
        "clauses",
        "clause",
        "A clause of a published document. It says why it states no fact where it states none.",
        "Policy clause",
        "政策条款",
        (
            Property("document", Kind.TEXT, "The document's short name.", "Document", "文件", required=True),
            Property(
                "number", Kind.TEXT, "Its number in that document, as `1(2)3(2)`.", "Number", "条款号", required=True
            ),
            Property("excerpt", Kind.TEXT, "A short quotation, in the language of the source.", "Excerpt", "摘录"),
            Property(
                "lines", Kind.TEXTS, "Lines of the source text that it covers, each `58` or `61-66`.", "Lines", "行"
            ),
            Property(
                "no_facts",
                Kind.BILINGUAL,
                "Why nothing in the registry follows from it.",
                "No facts because",
                "未登记事实的原因",
            ),
        ),
    ),
    NodeType(
        RIGHT,
        "rights",
        "right",
        "A right of the data subject and how to use it (PIPL art. 44–50 and 57, GDPR art. 12–22, 33 and 34).",
        "Right",
        "个人权利",
        (
            Property(
                "kind",
                Kind.CHOICE,
                "What it lets the person have done; which questions count it (erasure, breach) follows from this.",
                "Kind",
                "权利类型",
                choices=(
                    Choice("know", "To know", "知情"),
                    Choice("access", "Access", "查阅"),
                    Choice("copy", "Copy", "复制"),
                    Choice("portability", "Portability", "转移"),
                    Choice("correct", "Correction", "更正、补充"),
                    Choice("delete", "Erasure", "删除"),
                    Choice("close-account", "Closing the account", "注销账号"),
                    Choice("withdraw", "Withdrawal of consent", "撤回同意"),
                    Choice("object", "Objection or restriction", "限制或拒绝处理"),
                    Choice("explanation", "Explanation", "解释说明"),
                    Choice("automated-decision", "Automated decisions", "自动化决策"),
                    Choice("complaint", "Complaint", "投诉举报"),
                    Choice("breach-notice", "Notice of a breach", "安全事件告知"),
                ),
            ),
            Property("route", Kind.BILINGUAL, "How to use it.", "Route", "行使方式"),
            Property("deadline", Kind.BILINGUAL, "How soon it is answered.", "Deadline", "答复期限"),
            Property(
                "period", Kind.PERIOD, "The same deadline as an ISO 8601 duration, in calendar days.", "Period", "期限"
            ),
            Property(
                "working_days",
                Kind.NUMBER,
                "The same deadline in working days, where it is given in these: ISO 8601 has none. To compare, five of "
                "them are a week: 15 are `P21D`, and longer where public holidays fall between.",
                "Working days",
                "工作日",
            ),
            Property("exceptions", Kind.BILINGUAL, "When it is refused.", "Exceptions", "例外"),
            Property("law", Kind.TEXT, "The article that gives it.", "Law", "法律依据"),
            Property("dpv", Kind.TEXTS, "Equivalent terms in W3C DPV 2.3.", "DPV", "DPV"),
        ),
    ),
)

_EDGES = (
    EdgeType(
        "CARRIES",
        ((FLOW, CATEGORY),),
        "The data that moves. `required: false` marks what the person may leave out.",
        "Carries",
        "个人信息",
        "carried by",
        (
            Property("required", Kind.FLAG, "Whether the function needs this item.", "Required", "必要"),
            _STATED,
            _READING,
        ),
        least=1,
    ),
    EdgeType(
        "FROM",
        tuple((FLOW, end) for end in ENDS),
        "Where the data comes from.",
        "From",
        "来源",
        "source of",
        (_READING,),
        least=1,
    ),
    EdgeType(
        "TO",
        tuple((FLOW, end) for end in ENDS),
        "Where the data goes.",
        "To",
        "去向",
        "target of",
        (_READING,),
        least=1,
    ),
    EdgeType(
        "ABOUT", ((FLOW, SUBJECT),), "About whom the data is.", "About", "个人信息主体", "subject of", (_READING,)
    ),
    EdgeType("FOR", ((FLOW, PURPOSE),), "Why.", "For", "目的", "purpose of", (_READING,)),
    EdgeType(
        "PART_OF",
        ((FLOW, ACTIVITY), (ACTIVITY, PRODUCT), (SYSTEM, PRODUCT), (ORGANIZATION, ORGANIZATION)),
        "The whole that it belongs to: a flow's activity, an activity's or a system's product, an organisation's "
        "parent.",
        "Part of",
        "所属",
        "has part",
        (_READING,),
        acyclic=True,
    ),
    EdgeType("VIA", ((FLOW, CHANNEL),), "How the data is obtained.", "Via", "收集方式", "channel of", (_READING,)),
    EdgeType(
        "REQUIRES",
        ((FLOW, PERMISSION),),
        "The device permission without which the flow stops.",
        "Requires",
        "所需权限",
        "required by",
        (
            Property("timing", Kind.BILINGUAL, "When the permission is asked for.", "Asked when", "申请时机"),
            Property(
                "prompted", Kind.FLAG, "Whether the person is asked before it is used.", "Asked first", "申请前是否询问"
            ),
            Property(
                "refusable", Kind.FLAG, "Whether the person can refuse it or turn it off.", "Refusable", "可否拒绝/关闭"
            ),
            _STATED,
            _READING,
        ),
    ),
    EdgeType(
        "UNDER", ((FLOW, BASIS),), "On which legal basis.", "Under", "合法性基础", "basis of", (_STATED, _READING)
    ),
    EdgeType(
        "RETAINED_BY",
        ((FLOW, RETENTION),),
        "How long the data is kept.",
        "Retained by",
        "保存期限",
        "rule of",
        (_STATED, _READING),
    ),
    EdgeType(
        "CONTROLLED_BY",
        ((FLOW, CONTROL),),
        "How the person switches it off.",
        "Controlled by",
        "关闭/撤回方式",
        "controls",
        (_STATED, _READING),
    ),
    EdgeType(
        "DERIVES",
        ((FLOW, CATEGORY),),
        "The data that a derive flow yields from what it carries.",
        "Derives",
        "生成",
        "derived by",
        (_READING,),
    ),
    EdgeType(
        "STORED_IN",
        ((FLOW, JURISDICTION), (SYSTEM, JURISDICTION)),
        "Where the data is stored.",
        "Stored in",
        "存储地点",
        "stores",
        (_READING,),
    ),
    EdgeType(
        "PROTECTED_BY",
        ((FLOW, MEASURE), (SYSTEM, MEASURE), (PRODUCT, MEASURE)),
        "The measures that protect the data.",
        "Protected by",
        "安全措施",
        "protects",
        (_STATED, _READING),
    ),
    EdgeType(
        "STATED_IN",
        tuple(
            (label, CLAUSE)
            for label in (
                FLOW,
                RECIPIENT,
                ORGANIZATION,
                PRODUCT,
                SYSTEM,
                ACTIVITY,
                SUBJECT,
                BASIS,
                RETENTION,
                CONTROL,
                MEASURE,
                RIGHT,
                CATEGORY,
                PURPOSE,
                PERMISSION,
                CHANNEL,
                SENSITIVITY,
            )
        ),
        "The clause that says so.",
        "Stated in",
        "出处",
        "states",
    ),
    EdgeType(
        "BROADER",
        (
            (CATEGORY, CATEGORY),
            (PURPOSE, PURPOSE),
            (PERMISSION, PERMISSION),
            (RECIPIENT, RECIPIENT),
            (SUBJECT, SUBJECT),
        ),
        "The wider kind that it is one of. Asking for the wider kind includes the narrower.",
        "Broader",
        "上位类",
        "narrower",
        acyclic=True,
    ),
    EdgeType(
        "EXCLUDES",
        ((SUBJECT, SUBJECT),),
        "A group of people to which nobody of this one belongs, as guardians and children under 14. Of any other two "
        "groups somebody may be of both: what is about users may be about children.",
        "Excludes",
        "互斥群体",
        "excluded by",
        (_STATED,),
    ),
    EdgeType(
        "HAS_SENSITIVITY",
        ((CATEGORY, SENSITIVITY), (SUBJECT, SENSITIVITY)),
        "How sensitive it is under one scheme. Narrower kinds are at least as sensitive.",
        "Sensitivity",
        "敏感级别",
        "level of",
    ),
    EdgeType(
        "COVERS",
        ((SENSITIVITY, CATEGORY), (SENSITIVITY, SUBJECT)),
        "What is sensitive at this level, said by the level itself: so one text, such as a policy, can mark kinds of a "
        "vocabulary that others share. The same as `has_sensitivity` from the other side.",
        "Covers",
        "涵盖",
        "covered at",
    ),
    EdgeType(
        "GIVES_ACCESS_TO",
        ((PERMISSION, CATEGORY),),
        "The data that the permission opens.",
        "Gives access to",
        "涉及的个人信息",
        "opened by",
    ),
    EdgeType(
        "OPERATED_BY",
        ((RECIPIENT, ORGANIZATION), (PRODUCT, ORGANIZATION), (SYSTEM, ORGANIZATION)),
        "The legal entity behind it. Several may stand where documents contradict each other.",
        "Operated by",
        "运营方",
        "operates",
        (_STATED,),
    ),
    EdgeType(
        "LOCATED_IN",
        ((ORGANIZATION, JURISDICTION), (RECIPIENT, JURISDICTION)),
        "Where it is.",
        "Located in",
        "所在国家或地区",
        "location of",
    ),
    EdgeType(
        "MEMBER_OF",
        ((JURISDICTION, JURISDICTION),),
        "The union that it is or was a member of.",
        "Member of",
        "所属联盟",
        "has member",
        (
            Property("since", Kind.DATE, "The first day of the membership.", "Since", "加入日期"),
            Property("until", Kind.DATE, "The last day of the membership.", "Until", "退出日期"),
        ),
        acyclic=True,
    ),
    EdgeType(
        "BUNDLES",
        ((RECIPIENT, RECIPIENT),),
        "Another SDK that comes inside this one.",
        "Bundles",
        "内嵌SDK",
        "bundled in",
        acyclic=True,
    ),
    EdgeType(
        "REQUESTS",
        ((RECIPIENT, PERMISSION),),
        "A permission that the SDK asks for.",
        "Requests",
        "调用的权限",
        "requested by",
    ),
    EdgeType(
        "APPLIES_TO",
        ((RIGHT, CATEGORY), (RIGHT, ACTIVITY)),
        "What the right covers.",
        "Applies to",
        "适用范围",
        "covered by",
    ),
    EdgeType(
        "DEFINES",
        ((CLAUSE, CATEGORY),),
        "The term that the clause defines; what it takes in stands under `includes`.",
        "Defines",
        "定义",
        "defined in",
    ),
    EdgeType(
        "INCLUDES",
        ((CLAUSE, CATEGORY),),
        "The data that the clause counts under the term it defines. A flow of the term may carry such data.",
        "Includes",
        "包括",
        "counted in",
    ),
    EdgeType(
        "COMBINES",
        ((CLAUSE, CATEGORY),),
        "Kinds of data that identify a person only together, as the clause says. `with_any: true` marks a kind that "
        "does so together with any other personal information.",
        "Combines",
        "结合识别",
        "combined in",
        (
            Property(
                "with_any",
                Kind.FLAG,
                "Whether it identifies together with any other personal information, not with what else is named.",
                "With any other",
                "与任何其他个人信息结合",
            ),
        ),
    ),
)

GRAPH = Graph(_COMMON, _NODES, _EDGES)
