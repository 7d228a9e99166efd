"""Adds the customers of a CSV file with `requests`: with_requests.py FILE ATTEMPTS

A thread pool, a session for each thread, and with several ATTEMPTS the usual loop: an attempt that got no answer, or an
HTTP error such as 429, is repeated after 0.5, 1, 2 … seconds. What became of each row is written to `results.csv`.
"""

import csv
import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

import crm

path, attempts = sys.argv[1], int(sys.argv[2])
pace, local = crm.Pace(), threading.local()


def session():
    if not hasattr(local, "session"):
        local.session = requests.Session()
    return local.session


def add(customer):
    """Returns the `_id`, or why there is none."""
    for attempt in range(attempts):
        pace.wait()
        try:
            return crm.add(session(), customer), ""
        except requests.RequestException as error:
            why = str(error)
            if attempt + 1 < attempts:
                time.sleep(0.5 * 2**attempt)
        except crm.Refused as error:
            return "", str(error)
    return "", why


added = failed = 0
with open("results.csv", "w", encoding="utf-8", newline="") as file, ThreadPoolExecutor(crm.CONCURRENCY) as pool:
    writer = csv.writer(file)
    customers = list(crm.customers(path))
    for customer, (number, why) in zip(customers, pool.map(add, customers)):
        writer.writerow([customer["customerName"], number, why])
        added, failed = added + bool(number), failed + (not number)
print(json.dumps({"added": added, "failed": failed}))
