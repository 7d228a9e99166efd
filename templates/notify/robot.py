"""Tells a chat robot what a ferry job came to. For `on_finish` in ferry.toml:

    on_finish = ["python3", "robot.py", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=..."]

The address is that of the robot: WeCom (企业微信), DingTalk (钉钉) or Feishu (飞书). The summary comes as JSON on
standard input. Only what needs a person is told, unless a second argument says `all`. Python 3, nothing to install.
On Windows the command is "py" instead of "python3".
"""

import json
import sys
import urllib.request

WORDS = {0: "完成", 4: "完成，但有问题", 5: "已停止，可继续", 6: "完成，有待核实的行", 7: "账号被拒绝", 8: "任务正在使用中", 9: "无事可做"}


def text_of(summary):
    code = summary.get("exit")
    word = WORDS.get(code, "失败")
    if code == 5 and not summary.get("job"):
        word = "失败，没有可继续的任务"
    lines = ["ferry %s：%s（退出码 %s）" % (summary.get("command", ""), word, code)]
    if "customers" in summary:
        lines.append("客户 %s 个，%s" % (summary["customers"], "完整" if summary.get("complete") else "不完整"))
    for name, word in [("added", "新增"), ("updated", "更新"), ("failed", "系统拒绝"), ("invalid", "校验未通过"), ("unknown", "待核实")]:
        if summary.get(name):
            lines.append("%s %s" % (word, summary[name]))
    changes = summary.get("changes")
    if changes:
        lines.append("变更：新增 %(added)s，修改 %(changed)s，本次未查到 %(gone)s" % changes)
    for error in summary.get("errors", []):
        lines.append("%s [%s] %s" % (error["message"], error["code"], error["hint"]))
    if summary.get("result"):
        lines.append(summary["result"])
    return "\n".join(lines)


def message_for(address, text):
    if "feishu" in address or "larksuite" in address:
        return {"msg_type": "text", "content": {"text": text}}
    return {"msgtype": "text", "text": {"content": text}}


def main():
    address = sys.argv[1]
    # As bytes: standard input would be read as GBK on a Windows in Chinese, and the summary is UTF-8.
    summary = json.loads(sys.stdin.buffer.read())
    if summary.get("exit") in (0, 9) and sys.argv[2:] != ["all"]:
        return
    body = json.dumps(message_for(address, text_of(summary))).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            answer = json.load(reply)
    except (OSError, ValueError) as error:
        sys.exit("the robot does not answer: %s" % error)
    # All three answer with a code of their own inside HTTP 200; 0 means that it was taken.
    if answer.get("errcode", answer.get("code", 0)) != 0:
        sys.exit("the robot refused: %s" % answer)


main()
