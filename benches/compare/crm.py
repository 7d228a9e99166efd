"""The call that adds a customer, as someone who writes a script of one's own would make it: read, sign, pace, post.

Shared by `with_requests.py` and `with_dlt.py`, so that both do the same. The account comes from the environment, as
ferry takes it; QUOTA is the number of calls a second, where there is one.
"""

import base64
import csv
import hashlib
import hmac
import os
import threading
import time
import uuid

# The heading of each column, and the field it is sent as.
FIELDS = {
    "客户名称": "customerName",
    "客户编号": "text_k2ad_1687316401122",
    "手机": "mobile",
    "邮箱": "email",
    "微信": "wechat",
    "客户来源": "customerSource",
    "客户级别": "select_w1fs_1687316790458",
    "注册资本": "number_m3qe_1687316502874",
    "签约日期": "date_v7hn_1687316560031",
    "详细地址": "text_6ts9_1687316347239",
}
# Calls in flight, for every tool.
CONCURRENCY = 8


class Refused(Exception):
    """The CRM has answered, and will not store this customer."""


def customers(path):
    """Yields the rows of a CSV file as customers of the API."""
    with open(path, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            customer = {FIELDS[heading]: cell for heading, cell in row.items()}
            for field in ("mobile", "email", "wechat"):
                customer[field] = [{"value": customer[field]}]
            customer["customerSource"] = [customer["customerSource"]]
            yield customer


class Pace:
    """Lets threads pass in even steps, `QUOTA` a second; at once when there is no quota."""

    def __init__(self):
        quota = float(os.environ.get("QUOTA", 0))
        self.step = 1 / quota if quota else 0
        self.lock = threading.Lock()
        self.next = 0.0

    def wait(self):
        if not self.step:
            return
        with self.lock:
            turn = max(self.next, time.monotonic())
            self.next = turn + self.step
        time.sleep(max(0.0, turn - time.monotonic()))


def signed():
    """The headers of one attempt: a nonce must not be used twice, so a repetition is signed anew."""
    appid, secret = os.environ["FERRY_APPID"], os.environ["FERRY_SECRET"]
    nonce, timestamp = uuid.uuid4().hex, str(int(time.time()))
    text = (appid + nonce + timestamp).encode()
    digest = hmac.new(secret.encode(), text, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {"appid": appid, "nonce": nonce, "timestamp": timestamp, "signature": signature}


def add(session, customer):
    """Posts a customer and returns its `_id`. Fails with an error of `requests` where nobody answers, or with 429."""
    url = os.environ["FERRY_BASE_URL"] + "/openapi/crm/add"
    response = session.post(url, json=customer, headers=signed(), timeout=30)
    response.raise_for_status()
    answer = response.json()
    if answer.get("success") is not True or str(answer.get("code")) != "200":
        raise Refused(answer.get("message"))
    return answer["data"]["_id"]
