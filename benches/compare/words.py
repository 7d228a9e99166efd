"""What the tables of `compare.py` say, in both languages."""

LANGUAGES = ("en", "zh")

SETTINGS = {
    "unthrottled": (
        "Unthrottled",
        "不限速",
    ),
    "quota": (
        "{quota} calls in any second; the server refuses more with HTTP 429",
        "任意一秒内最多 {quota} 次调用，超出的由服务器以 HTTP 429 拒绝",
    ),
    "lost": (
        "Unthrottled; the server stores, and 5 % of its replies are lost",
        "不限速；服务器已写入，但 5% 的答复丢失",
    ),
    "cut": (
        "Unthrottled; 5 % of the calls get no reply, half of them before the server stores, half after",
        "不限速；5% 的调用得不到答复，其中一半发生在写入之前，一半在写入之后",
    ),
}

TOOLS = {
    "once": ("`requests`, one attempt", "`requests`，只试一次"),
    "loop": ("`requests`, five attempts", "`requests`，最多试五次"),
    "dlt10": ("`dlt`, batches of 10", "`dlt`，每批 10 行"),
    "dlt1": ("`dlt`, batches of 1", "`dlt`，每批 1 行"),
    "ferry": ("**ferry**", "**ferry**"),
}

COLUMNS = (
    ("tool", "工具"),
    ("rows/s", "行/秒"),
    ("CPU, µs/row", "CPU（微秒/行）"),
    ("memory, MiB", "内存（MiB）"),
    ("calls", "调用次数"),
    ("refused for pace", "因超速被拒"),
    ("stored once", "恰好写入一次"),
    ("twice or more", "写入多次"),
    ("never", "没有写入"),
    ("it says", "工具自己的说法"),
)

SAYS = {
    "added": ("{} added", "新增 {}"),
    "failed": ("{} failed", "失败 {}"),
    "unknown": ("{} unknown", "待核实 {}"),
    "loaded": ("{} rows loaded", "已装载 {} 行"),
    "failed_jobs": ("{} failed jobs", "失败任务 {}"),
}
NOTHING = ("an error", "出错")
STOPPED = ("stopped after {} s", "{} 秒后被终止")
SKIPPED = ("SKIPPED: not installed", "SKIPPED：没有安装")
COMMA = (", ", "，")

MACHINE = (
    "{rows} rows. {system} with {cores} cores, which the server shares. ferry {ferry}, Python {python}, "
    "requests {requests}, urllib3 {urllib3}, dlt {dlt}.",
    "共 {rows} 行。{system}，{cores} 核，服务器与工具共用。ferry {ferry}，Python {python}，"
    "requests {requests}，urllib3 {urllib3}，dlt {dlt}。",
)
