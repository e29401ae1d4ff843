"""What tickets are about, and who works on them: words for the generator, a pool a trade."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """titles: by category. groups: who is assigned. agents: logins of the supplier's people."""

    titles: dict[str, tuple[str, ...]]
    groups: tuple[str, ...]
    agents: tuple[str, ...]


DESK = Trade(
    titles={
        "账号与权限": (
            "VPN 无法分配地址",
            "域账号被锁定",
            "新员工账号申请",
            "共享目录无访问权限",
            "离职账号未停用",
            "双因素令牌失效",
        ),
        "办公软件": ("邮箱容量已满", "会议室预订同步延迟", "文档协作页面卡顿", "电子签章插件报错", "输入法崩溃"),
        "终端设备": ("笔记本无法开机", "打印服务器驱动更新", "显示器无信号", "扫描仪脱机", "系统补丁安装失败"),
        "业务门户": (
            "门户登录 503",
            "采购审批页面卡顿",
            "合同影像无法打开",
            "报销附件上传超时",
            "考勤接口丢数据",
            "待办列表为空",
        ),
    },
    groups=("服务台一线", "桌面支持", "账号管理组", "门户运维组"),
    agents=("chen.hao", "liu.fang", "xu.lei", "yang.jing", "deng.kai"),
)
APPS = Trade(
    titles={
        "批处理": ("夜间批处理超时", "日终对账文件缺失", "批量付款文件导出失败", "数据仓库抽取中断"),
        "接口": ("发票 OCR 队列积压", "银企直连返回超时", "短信网关回执丢失", "主数据同步失败"),
        "性能": ("订单查询响应超过 10 秒", "数据库连接池耗尽", "缓存命中率骤降", "消息队列堆积"),
        "缺陷": ("折扣计算错误", "报表合计不平", "审批流节点跳过", "导出字段错位"),
    },
    groups=("应用二线", "数据库组", "中间件组"),
    agents=("fang.yu", "qian.cheng", "luo.min", "monitor"),
)
PAYROLL = Trade(
    titles={
        "薪酬": ("工资单推送失败", "加班费核算疑问", "年终奖发放时间", "补发上月差额"),
        "社保公积金": ("公积金转移办理", "社保增员未到账", "医保卡未激活", "生育津贴申领"),
        "个税": ("专项附加扣除更新", "个税代扣金额疑问", "年度汇算资料"),
        "证明开具": ("在职证明开具", "收入证明开具", "退工单补办"),
        "咨询": ("年假余额查询", "落户材料咨询", "内部转岗流程"),
    },
    groups=("薪酬组", "社保组", "员工服务组"),
    agents=("tao.yan", "jiang.xin", "peng.yue"),
)
NETWORK = Trade(
    titles={
        "链路": ("专线丢包", "分支机构断网", "互联网出口带宽跑满", "光模块告警"),
        "设备": ("核心交换机风扇故障", "门禁名单未同步", "防火墙高可用切换", "无线控制器离线"),
        "机房": ("UPS 电池告警", "空调回风温度过高", "机柜 PDU 单路掉电"),
        "变更": ("新增 VLAN", "端口策略开通", "地址段调整"),
    },
    groups=("网络组", "机房值班"),
    agents=("gao.peng", "he.wei", "duty.room"),
)
PATENTS = Trade(
    titles={
        "检索": ("储能温控技术查新", "竞品专利稳定性分析", "外观设计侵权比对", "图像压缩专利布局检索"),
        "分析": ("海外上市前自由实施分析", "年度专利质量评估", "高价值专利筛选"),
    },
    groups=("检索一部", "分析部"),
    agents=("bai.ning", "shi.lan"),
)
CALLCENTRE = Trade(
    titles={
        "坐席系统": ("坐席软电话掉线", "录音无法回放", "来电弹屏延迟", "技能组路由错误"),
        "知识库": ("知识条目无法发布", "检索结果排序错误"),
    },
    groups=("客服系统组",),
    agents=("luo.min", "qian.cheng"),
)
