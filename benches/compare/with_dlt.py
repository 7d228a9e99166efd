"""Adds the customers of a CSV file with `dlt`: with_dlt.py FILE BATCH

A custom destination. Its function fails where a call fails, and dlt repeats the batch. Jobs run side by side and there is
one for each file, so the rows are cut into files of 100. A job may be repeated 100 times: with dlt's 5 the run would end
early where many calls fail.
"""

import json
import sys
import threading

import dlt
import requests

import crm

path, batch = sys.argv[1], int(sys.argv[2])
pace, local = crm.Pace(), threading.local()
dlt.config["load.workers"] = crm.CONCURRENCY
dlt.config["load.raise_on_max_retries"] = 100
dlt.config["normalize.data_writer.file_max_items"] = 100
dlt.config["normalize.data_writer.buffer_max_items"] = 100
dlt.config["runtime.dlthub_telemetry"] = False


@dlt.destination(batch_size=batch, name="crm")
def add(items, table):
    if not hasattr(local, "session"):
        local.session = requests.Session()
    for customer in items:
        pace.wait()
        crm.add(local.session, customer)


pipeline = dlt.pipeline("compare", destination=add, pipelines_dir="pipelines")
info = pipeline.run(crm.customers(path), table_name="customers")
rows = pipeline.last_trace.last_normalize_info.row_counts["customers"]
jobs = sum(len(package.jobs["failed_jobs"]) for package in info.load_packages)
print(json.dumps({"loaded": rows, "failed_jobs": jobs}))
