"""Compares ferry with scripts of one's own: `cargo build --release`, then `python3 benches/compare/compare.py`.

Every tool posts the same rows, signed, into the embedded CRM, one run at a time, each against a fresh server. What it
has stored is read from the server's file after both have ended, whatever the tool says. Prints a table for each setting;
with --write they are put into docs/en/comparison.md and docs/zh/comparison.md as well. Linux.
"""

import argparse
import collections
import csv
import json
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import crm
import words

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
QUOTA = 200
# No run takes longer; it is killed then.
LONGEST_SECONDS = 300
# What the server does in each setting.
SETTINGS = {
    "unthrottled": [],
    "quota": ["--limit", str(QUOTA)],
    "lost": ["--fault", "lost-reply=0.05"],
    "cut": ["--fault", "lost-reply@add=0.025", "--fault", "dropped@add=0.025"],
}
# What the server adds to a customer.
SERVERS_OWN = ["_id", "accountId", "createTime", "createMethod", "createAgent", "updateTime", "updateAgent"]


def options():
    parser = argparse.ArgumentParser(description="Compares ferry with scripts of one's own.")
    parser.add_argument("--ferry", type=Path, default=ROOT / "target/release/ferry", help="the program")
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=list(SETTINGS))
    parser.add_argument("--python", type=Path, help="a Python that has requirements.txt [default: made anew]")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/")
    return parser.parse_args()


def write_rows(path, count):
    """Made-up customers, as in `benches/support/sample.rs`."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(crm.FIELDS)
        for n in range(count):
            source, level = ["官网", "百度", "试用申请", "转介绍"][n % 4], ["A类", "B类", "C类"][n % 3]
            name, address = f"杭州云帆信息技术有限公司{n:07}", f"浙江省杭州市西湖区文三路 {n} 号 2 幢 301 室"
            ways = f"13{n:09}", f"contact{n}@example.com", f"wx_{n:07}"
            date = f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}"
            writer.writerow([name, f"{n:08}", *ways, source, level, f"{n % 10000}.5", date, address])


def python_with_packages(folder):
    """Returns a Python with the packages of requirements.txt, as far as they could be installed."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=False)
    python = folder / "venv/bin/python"
    if not python.exists():
        return Path(sys.executable)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]
    subprocess.run([*install, HERE / "requirements.txt"], check=False)
    return python


def version(python, package):
    """Returns the version of an installed package, else `None`."""
    code = f"import {package}; print({package}.__version__)"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return run.stdout.strip() if run.returncode == 0 else None


class Server:
    """`ferry sandbox` with a file that is read afterwards."""

    def __init__(self, ferry, folder, arguments):
        self.file = folder / "crm.db"
        command = [ferry, "sandbox", "--port", "0", "--seed", "1", "--db", self.file, "--quiet", "--lang", "en"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([*command, *arguments], env=plain(), text=True, **pipes)
        self.address = self.process.stdout.readline().strip().removeprefix("listening on ")

    def stop(self):
        """Returns its counters."""
        self.process.send_signal(signal.SIGINT)
        return json.loads(self.process.communicate(timeout=30)[0])

    def stored(self, rows_file):
        """Returns how many rows are stored once, more than once, and never. Fails if anything else is stored."""
        sent = {mark(customer) for customer in crm.customers(rows_file)}
        bodies = sqlite3.connect(self.file).execute("SELECT body FROM customers")
        counts = collections.Counter(mark(json.loads(body)) for (body,) in bodies)
        if strange := counts.keys() - sent:
            sys.exit(f"{len(strange)} customers are stored that nobody sent so")
        once = sum(count == 1 for count in counts.values())
        return once, len(counts) - once, len(sent) - len(counts)


def mark(customer):
    """Returns a number that is the same for customers with the same values."""
    return hash(json.dumps({key: value for key, value in customer.items() if key not in SERVERS_OWN}, sort_keys=True))


def plain():
    """The environment without settings of ferry's and without proxies."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FERRY_")}
    return {name: value for name, value in kept.items() if not name.lower().endswith("_proxy")}


def run(command, folder, environment):
    """Runs a tool to its end. Returns what it took, and the last line of its output as JSON."""
    folder.mkdir()
    watch = [sys.executable, "-S", HERE / "usage.py", str(LONGEST_SECONDS), folder / "usage.json"]
    with open(folder / "stdout", "w") as out, open(folder / "stderr", "w") as err:
        subprocess.run([*watch, *command], cwd=folder, env=environment, stdout=out, stderr=err, check=True)
    try:
        said = json.loads((folder / "stdout").read_text().splitlines()[-1])
    except (IndexError, ValueError):
        said = None
        print((folder / "stderr").read_text()[-2000:], file=sys.stderr)
    return json.loads((folder / "usage.json").read_text()), said


def measure(ferry, command, setting, rows_file, rows):
    """Returns the cells of a tool's line behind its name, for each language."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        server = Server(ferry, folder, SETTINGS[setting])
        account = {"FERRY_BASE_URL": server.address, "FERRY_APPID": "sandbox", "FERRY_SECRET": "sandbox-secret"}
        quota = {"QUOTA": str(QUOTA)} if setting == "quota" else {}
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
        try:
            usage, said = run(command, folder / "tool", plain() | account | quota | home)
            counters = server.stop()
        finally:
            server.process.kill()
        stored = server.stored(rows_file)
    figures = [f"{rows / usage['seconds']:.0f}", f"{usage['cpu'] / rows * 1e6:.0f}", f"{usage['memory']:.0f}"]
    if said is None:
        figures = ["–"] * 3
    figures += [spaced(number) for number in (counters["calls"], counters["busy"], *stored)]
    return [[*figures, saying(said, usage["seconds"], language)] for language in range(2)]


def saying(said, seconds, language):
    if seconds >= LONGEST_SECONDS:
        return words.STOPPED[language].format(LONGEST_SECONDS)
    if said is None:
        return words.NOTHING[language]
    parts = [form[language].format(spaced(said[name])) for name, form in words.SAYS.items() if name in said]
    return words.COMMA[language].join(parts)


def spaced(number):
    return f"{number:,}".replace(",", " ")


def commands(ferry, python, rows_file, setting):
    rate = f"{QUOTA if setting == 'quota' else 1_000_000}/s"
    ferrys = [ferry, "import", rows_file, "--mode", "add", "--rate", rate, "--concurrency", str(crm.CONCURRENCY)]
    return {
        "once": [python, HERE / "with_requests.py", rows_file, "1"],
        "loop": [python, HERE / "with_requests.py", rows_file, "5"],
        "dlt10": [python, HERE / "with_dlt.py", rows_file, "10"],
        "dlt1": [python, HERE / "with_dlt.py", rows_file, "1"],
        "ferry": [*ferrys, "--settle", "5s", "--state-dir", "state", "--output", "result.xlsx", "--yes", "--json"],
    }


def line(cells):
    return f"| {' | '.join(cells)} |\n"


def main():
    chosen = options()
    ferry = chosen.ferry.resolve()
    texts = ["", ""]
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        python = chosen.python.absolute() if chosen.python else python_with_packages(folder)
        packages = {name: version(python, name) for name in ("requests", "urllib3", "dlt")}
        pythons = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
        rows_file = folder / "rows.csv"
        write_rows(rows_file, chosen.rows)
        for setting in chosen.settings:
            for language, text in enumerate(words.SETTINGS[setting]):
                columns = [column[language] for column in words.COLUMNS]
                aligned = ["---", *["---:"] * (len(columns) - 2), "---"]
                texts[language] += f"**{text.format(quota=QUOTA)}**\n\n" + line(columns) + line(aligned)
            for tool, command in commands(ferry, python, rows_file, setting).items():
                needed = {"once": "requests", "loop": "requests", "dlt10": "dlt", "dlt1": "dlt"}.get(tool)
                if needed and not (packages["requests"] and packages[needed]):
                    cells = [["–"] * (len(words.COLUMNS) - 2) + [skipped] for skipped in words.SKIPPED]
                else:
                    cells = measure(ferry, command, setting, rows_file, chosen.rows)
                print(setting, line([tool, *cells[0]]), end="", file=sys.stderr, flush=True)
                for language in range(2):
                    texts[language] += line([words.TOOLS[tool][language], *cells[language]])
            texts = [text + "\n" for text in texts]
        release = subprocess.run([ferry, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]
    machine = {"system": platform.system(), "cores": len(os.sched_getaffinity(0)), "ferry": release}
    for language, form in enumerate(words.MACHINE):
        known = {name: found or "–" for name, found in packages.items()}
        texts[language] += form.format(rows=spaced(chosen.rows), python=pythons, **machine, **known) + "\n"
    print(texts[0], end="")
    if chosen.write:
        for language, text in zip(words.LANGUAGES, texts):
            page = ROOT / "docs" / language / "comparison.md"
            before, _, rest = page.read_text(encoding="utf-8").partition("<!-- figures -->\n")
            _, _, after = rest.partition("<!-- end of figures -->\n")
            figures = f"<!-- figures -->\n\n{text}\n<!-- end of figures -->\n"
            page.write_text(before + figures + after, encoding="utf-8")


main()
