#!/usr/bin/python3
"""make bench-bus: durable publishing beside Redis Streams and a bare prototype, in one run.

A 500-byte event over a Unix socket, acknowledged after fsync: Pult with identity, rights, schema,
engine, chain and idempotence on; Redis Streams with `appendfsync always`; tests/bench/peers/bare.c,
one ROUTER and one SQLite table. Publishers x window: 1x1, 64x1, 8x100. The systems take turns,
each with an empty directory on one file system; the figure is the median of the rounds, the ratio
is of the medians. fsyncs and bytes written to files are counted in the server (a preloaded shim),
rows in its database afterwards; cpu is the server's own time a request, its network thread included.

`tcp` and `curve` are Pult over TCP on the loopback, without and with keys: what encryption costs
stands between them. What a right costs to look up is measured by bench-access, which runs too.

BENCH_ROUNDS (5), BENCH_SECONDS (5), BENCH_SHAPES ("1x1 64x1 8x100"), BENCH_SYSTEMS ("redis bare
pult tcp curve"), BENCH_TYPE (log; report = outage reports, Pult and bare alone), BENCH_DIR (build/bench-bus).
"""
import json
import os
import pwd
import shutil
import signal
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import harness  # noqa: E402
import keys  # noqa: E402
import pultbus  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
SHAPES = [tuple(map(int, shape.split("x")))
          for shape in os.environ.get("BENCH_SHAPES", "1x1 64x1 8x100").split()]
SYSTEMS = os.environ.get("BENCH_SYSTEMS", "redis bare pult tcp curve").split()
TYPE = os.environ.get("BENCH_TYPE", "log")
BUILD = os.path.join(harness.BUILD, "bench")
DIRECTORY = os.environ.get("BENCH_DIR") or os.path.join(harness.BUILD, "bench-bus")
HERTZ = os.sysconf("SC_CLK_TCK")
FLOOR = 0.5  # of Redis, in every shape (issue 3)


def compile_peers():
    """The drivers and peers are programs of their own, which nothing of the tree links."""
    os.makedirs(BUILD, exist_ok=True)
    flags = "-std=c11 -D_GNU_SOURCE -O2 -g -Wall -Wextra -Wshadow -Werror".split()
    for source, target, more in (("driver_zmq.c", "driver_zmq", ["-lzmq"]),
                                 ("driver_redis.c", "driver_redis", ["-lhiredis"]),
                                 ("bare.c", "bare", ["-lzmq", "-lsqlite3", "-lyajl", "-lpthread"]),
                                 ("count_syncs.c", "count_syncs.so", ["-shared", "-fPIC", "-ldl"])):
        subprocess.run([os.environ.get("CC", "gcc"), *flags, "-I", harness.ROOT, "-o", os.path.join(BUILD, target),
                        os.path.join(HERE, "peers", source), *more], check=True)


class Server:
    """One server with empty files; the counts are of its whole life, the warm-up included."""

    def __init__(self, name):
        self.name = name
        self.sockets = tempfile.mkdtemp(prefix="bb-")  # a short path
        self.data = os.path.join(DIRECTORY, name)
        shutil.rmtree(self.data, ignore_errors=True)
        os.makedirs(self.data)
        self.counts = os.path.join(self.sockets, "counts")
        self.env = dict(os.environ, COUNT_SYNCS=self.counts,
                        LD_PRELOAD=os.path.join(BUILD, "count_syncs.so"))
        self.keys = ""
        getattr(self, "start_" + name)()

    def run(self, command):
        log = open(os.path.join(self.sockets, "log"), "wb")
        self.process = subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=log, stderr=log)
        log.close()

    def wait_for(self, path):
        deadline = time.monotonic() + 10
        while not os.path.exists(path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                with open(os.path.join(self.sockets, "log"), encoding="utf-8") as log:
                    sys.exit("%s does not start:\n%s" % (self.name, log.read()))
            time.sleep(0.01)

    def start_redis(self):
        self.endpoint = os.path.join(self.sockets, "redis.sock")
        self.run(["redis-server", "--port", "0", "--unixsocket", self.endpoint, "--dir", self.data,
                  "--save", "", "--appendonly", "yes", "--appendfsync", "always",
                  "--auto-aof-rewrite-percentage", "0", "--daemonize", "no"])
        self.wait_for(self.endpoint)
        self.driver = "driver_redis"

    def start_bare(self):
        path = os.path.join(self.sockets, "bare.sock")
        self.endpoint = "ipc://" + path
        self.database = os.path.join(self.data, "bare.db")
        self.run([os.path.join(BUILD, "bare"), self.endpoint, self.database])
        self.wait_for(path)
        self.driver = "driver_zmq"

    def start_broker(self, *settings):
        """The broker's own start script, its data on the same file system as the others'."""
        wrap = "env LD_PRELOAD=%s COUNT_SYNCS=%s" % (self.env["LD_PRELOAD"], self.counts)
        plain = {k: v for k, v in self.env.items() if k not in ("LD_PRELOAD", "COUNT_SYNCS")}
        self.env = dict(plain, PULT_WRAP=wrap)
        words = ["--set", "data=" + self.data]
        for setting in settings:
            words += ["--set", setting]
        self.run([os.path.join(harness.ROOT, "tests", "broker"), self.sockets, *words])
        bus = pultbus.Bus("ipc://%s/requests.sock" % self.sockets)
        bus.hello(role="admin")
        bus.import_csv("premises", harness.PREMISES_HEADER + "1,,Тестовск,улица Мерная,1,,person,"
                       "3,,,\n")
        bus.close()
        self.driver = "driver_zmq"

    def start_pult(self):
        self.endpoint = "ipc://%s/requests.sock" % self.sockets
        self.start_broker()

    def start_tcp(self):
        """Over the loopback without keys."""
        self.endpoint = "tcp://127.0.0.1:%d" % keys.free_port()
        path = os.path.join(self.sockets, "own.yaml")
        with open(os.path.join(harness.ROOT, "config", "roles.yaml"), encoding="utf-8") as file:
            table = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(table[:table.index("\nusers:")] + "\nusers: {%s: [admin]}\nloopback: [script]\n"
                       % pwd.getpwuid(os.geteuid()).pw_name)
        self.start_broker("roles=" + path, "requests=" + json.dumps(
            ["ipc://%s/requests.sock" % self.sockets, self.endpoint]))

    def start_curve(self):
        """The same with keys."""
        self.endpoint = "tcp://127.0.0.1:%d" % keys.free_port()
        server, own = keys.keygen(self.sockets, "busd")[0], keys.keygen(self.sockets, "bench")
        path = os.path.join(self.sockets, "keys.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write("keys: {bench: {public: %s, roles: [script]}}\n" % json.dumps(own[0].decode()))
        self.start_broker("keys=" + path, "curve=" + json.dumps({"key": self.sockets + "/busd.key_secret"}),
                          "requests=" + json.dumps(["ipc://%s/requests.sock" % self.sockets, self.endpoint]))
        self.keys = b" ".join((server, *own)).decode()

    def count(self):
        with open(self.counts, "rb") as file:
            return struct.unpack("QQ", file.read(16))

    def measure(self, publishers, window):
        before, ticks = self.count(), ticks_of(self.process.pid)
        load = busy_elsewhere()
        done = subprocess.run(
            [os.path.join(BUILD, self.driver), self.endpoint, str(publishers), str(window),
             str(SECONDS), TYPE], capture_output=True, text=True,
            env=dict(os.environ, BENCH_KEYS=self.keys))
        if done.returncode != 0:
            sys.exit("%s: %s" % (self.name, done.stderr))
        found = json.loads(done.stdout)
        syncs, written = self.count()
        # The counts include the warm-up's second; the rate is about the same in it.
        requests = found["rate"] * (SECONDS + 1)
        found["syncs"] = (syncs - before[0]) / max(1, requests)
        found["bytes"] = (written - before[1]) / max(1, requests)
        found["cpu_us"] = 1e6 * (ticks_of(self.process.pid) - ticks) / HERTZ / max(1, requests)
        found["others"] = load(self.process.pid)
        return found

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        rows = self.rows()
        shutil.rmtree(self.sockets, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        return rows

    def rows(self):
        """Rows in all tables for one event."""
        if self.name == "redis":
            return 1
        files = [os.path.join(base, name) for base, _, names in os.walk(self.data)
                 for name in names]
        for path in files:
            with open(path, "rb") as file:
                if file.read(15) != b"SQLite format 3":
                    continue
            with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as database:
                names = [n for n, in database.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' "
                    "AND name NOT LIKE 'sqlite_%'")]
                counts = [database.execute('SELECT count(*) FROM "%s"' % n).fetchone()[0]
                          for n in names]
            return sum(counts) / max(counts)
        return float("nan")


def ticks_of(pid):
    """Processor time of a process, all its threads."""
    with open("/proc/%d/stat" % pid, encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def busy_elsewhere():
    """Share of the machine that neither the server nor the driver used, from now on."""
    ticks = os.times()

    def all_busy():
        with open("/proc/stat", encoding="ascii") as file:
            values = list(map(int, file.readline().split()[1:9]))
        return sum(values) - values[3] - values[4], sum(values)

    begin, servers = all_busy(), {}

    def until(pid):
        busy, total = all_busy()
        child = os.times()
        own = (child.children_user + child.children_system - ticks.children_user
               - ticks.children_system + child.user + child.system - ticks.user
               - ticks.system) * HERTZ
        own += ticks_of(pid) - servers.get(pid, 0)
        return max(0.0, (busy - begin[0] - own) / max(1, total - begin[1]))
    # The server's own ticks so far must not count.
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                servers[int(entry)] = ticks_of(int(entry))
            except OSError:
                pass
    return until


def main():
    for system in list(SYSTEMS):
        if system == "redis" and not shutil.which("redis-server"):
            print("redis-server is not installed: skipped")
            SYSTEMS.remove("redis")
    compile_peers()
    if TYPE != "log" and "redis" in SYSTEMS:
        SYSTEMS.remove("redis")
    found = {}
    for turn in range(ROUNDS):
        for publishers, window in SHAPES:
            for system in SYSTEMS:
                server = Server(system)
                result = server.measure(publishers, window)
                result["rows"] = server.stop()
                found.setdefault((publishers, window, system), []).append(result)
                print("round %d  %dx%d  %-6s %8.0f/s  p99 %6.2f ms  others used %2.0f %%" % (
                    turn + 1, publishers, window, system, result["rate"],
                    result["p99_us"] / 1000, 100 * result["others"]), flush=True)
    report(found)


def report(found):
    def median(key, name):
        return statistics.median(result[name] for result in found[key])

    print("\n%d-byte %s event, acknowledged after fsync; medians of %d rounds of %g s; %d CPUs" % (
        500, "log.entry" if TYPE == "log" else "outage report", ROUNDS, SECONDS, os.cpu_count()))
    print("%-8s %-6s %10s %9s %9s %9s %9s %8s %8s" % (
        "shape", "system", "acked/s", "p50 ms", "p99 ms", "x redis", "x bare", "fsyncs", "bytes")
        + "%7s %7s" % ("rows", "cpu us"))
    figures = {}
    for publishers, window in SHAPES:
        for system in SYSTEMS:
            key = (publishers, window, system)
            rate = median(key, "rate")
            ratios = {}
            for other in ("redis", "bare"):
                if (publishers, window, other) in found:
                    ratios[other] = rate / median((publishers, window, other), "rate")
            print("%-8s %-6s %10.0f %9.2f %9.2f %9s %9s %8.3f %8.0f %6.1f %7.1f" % (
                "%dx%d" % (publishers, window), system, rate, median(key, "p50_us") / 1000,
                median(key, "p99_us") / 1000,
                "%.2f" % ratios["redis"] if "redis" in ratios else "-",
                "%.2f" % ratios["bare"] if "bare" in ratios else "-",
                median(key, "syncs"), median(key, "bytes"), median(key, "rows"),
                median(key, "cpu_us")))
            name = "%s_%dx%d" % (system, publishers, window)
            figures[name + "_per_s"] = round(rate)
            figures[name + "_p99_ms"] = round(median(key, "p99_us") / 1000, 3)
            figures[name + "_fsyncs_per_request"] = round(median(key, "syncs"), 4)
            figures[name + "_bytes_per_request"] = round(median(key, "bytes"))
            figures[name + "_rows_per_request"] = round(median(key, "rows"), 2)
            figures[name + "_cpu_us_per_request"] = round(median(key, "cpu_us"), 2)
            if system == "pult":
                for other, ratio in ratios.items():
                    figures["pult_%dx%d_of_%s" % (publishers, window, other)] = round(ratio, 3)
        if {"tcp", "curve"} <= set(SYSTEMS):
            cost = 1 - figures["curve_%dx%d_per_s" % (publishers, window)] / figures["tcp_%dx%d_per_s" % (
                publishers, window)]
            figures["curve_costs_%dx%d_percent" % (publishers, window)] = round(100 * cost, 1)
            print("%-8s CURVE costs %.1f %% of the rate over TCP" % ("%dx%d" % (publishers, window), 100 * cost))
    done = subprocess.run([os.path.join(BUILD, "access")], capture_output=True, text=True)
    figures.update(json.loads(done.stdout.splitlines()[-1]))
    print(done.stdout.splitlines()[0])
    others = [result["others"] for results in found.values() for result in results]
    figures["others_used_percent"] = round(100 * statistics.mean(others), 1)
    print("floor: %.1f x Redis in each shape; other programs used %.1f %% of the machine" % (
        FLOOR, figures["others_used_percent"]))
    print(json.dumps(figures))
    weak = [name for name, value in figures.items() if name.endswith("_of_redis")
            and value < FLOOR]
    sys.exit("below the floor: " + ", ".join(weak) if weak else 0)


if __name__ == "__main__":
    main()
