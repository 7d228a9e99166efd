"""Runs a command to its end and writes as JSON what it took: usage.py LONGEST_SECONDS FILE COMMAND …

Seconds, seconds of CPU, and MiB of memory at its peak. A small process of its own, because a process begins with the
peak of the one that started it.
"""

import json
import os
import signal
import sys
import time

start = time.monotonic()
process = os.posix_spawnp(sys.argv[3], sys.argv[3:], os.environ)
signal.signal(signal.SIGALRM, lambda *_: os.kill(process, signal.SIGKILL))
signal.alarm(int(sys.argv[1]))
_, status, usage = os.wait4(process, 0)
with open(sys.argv[2], "w") as file:
    seconds, cpu = time.monotonic() - start, usage.ru_utime + usage.ru_stime
    json.dump({"seconds": seconds, "cpu": cpu, "memory": usage.ru_maxrss / 1024}, file)
