#!/usr/bin/python3
"""TCP with keys: who gets in, as whom, and how a key is changed or withdrawn."""
import json
import os
import subprocess
import sys
import time

import zmq

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import pultbus
from harness import BUILD, ROOT, Broker, main, refused, same, test
from keys import KeyedBroker, KeyedBus, free_port, keygen
from pultbus import Lost, event

CLIENTS = {"gate": {"roles": ["script"]}, "desk": {"roles": ["dispatcher", "observer"]}}
SILENCE_S = 1.0


def is_silent(bus, verb, body, patience=SILENCE_S):
    """No answer comes, or the connection takes nothing any more."""
    try:
        bus.answer(bus.send(verb, body), patience=patience)
        return False
    except (Lost, zmq.Again):
        return True


def gets_in(endpoint, keys, patience=1.0):
    bus = KeyedBus(endpoint, keys)
    try:
        return not is_silent(bus, "hello", {"client": "t", "version": "1"}, patience)
    finally:
        bus.close()


@test(own=True)
def a_key_names_its_client_and_has_its_roles():
    with KeyedBroker(CLIENTS) as broker:
        gate, desk = broker.keyed("gate"), broker.keyed("desk", role="observer")
        same((gate.greeting["identity"], gate.greeting["role"]), ("pult:key:gate", "script"))
        same((desk.greeting["identity"], desk.greeting["role"]), ("pult:key:desk", "observer"))
        refused("denied", gate.refusal("hello", {"client": "t", "version": "1", "role": "dispatcher"}))
        stream = gate.subscribe([""])
        sequence = gate.put("log.entry", {"text": "over tcp"})["sequence"]
        same(json.loads(stream.until(sequence)[-1])["source"], "pult:key:gate")
        desk.hello(role="dispatcher")
        desk.put("incident.opened", {"kind": "outage", "node": "F1"})


@test(own=True)
def hello_names_a_feed_that_the_client_can_reach():
    with KeyedBroker(CLIENTS) as broker:
        gate = broker.keyed("gate")
        same(gate.greeting["feed"], "tcp://127.0.0.1:%d" % broker.ports[1])
        same(broker.bus().greeting["feed"], broker.feed)
        reader = gate.reader()
        assert reader.next()[0] == "bus.heartbeat"
        reader.close()


@test(own=True)
def who_has_no_key_an_unknown_one_or_the_wrong_server_key_stays_outside():
    with KeyedBroker(CLIENTS) as broker:
        mine, stranger, other = broker.keys_of("gate"), zmq.curve_keypair(), zmq.curve_keypair()
        assert gets_in(broker.tcp, mine)
        assert not gets_in(broker.tcp, None)
        assert not gets_in(broker.tcp, (*stranger, broker.server))
        assert not gets_in(broker.tcp, (*mine[:2], other[0]))
        assert not gets_in(broker.tcp, (mine[0], stranger[1], broker.server))


@test(own=True)
def a_key_may_be_narrowed_to_types():
    clients = {"gate": {"roles": ["script", "observer"], "types": ["contact.outage_report", "eta.*"]}}
    with KeyedBroker(clients) as broker:
        gate = broker.keyed("gate")
        gate.put("contact.outage_report", {"applicant": "anonymous", "symptom": "no_power",
                                           "premise": {"settlement": "Нигде"}})
        refused("denied", gate.refusal("publish", event("log.entry", {"text": "t"})))
        same(gate.subscribe([""]).types, ["contact.outage_report", "eta.needed", "eta.set", "eta.withdrawn"])
        gate.query("eta", incident=1)
        reader = gate.reader()
        assert reader.next(patience=1) is None, "the feed is every type"
        reader.close()


@test(own=True)
def a_key_that_is_withdrawn_hears_nothing_and_does_nothing_within_a_second():
    with KeyedBroker(CLIENTS) as broker:
        gate, desk = broker.keyed("gate"), broker.keyed("desk")
        stream, reader = gate.subscribe([""]), gate.reader()
        kept = broker.keyed("desk", role="observer").reader()
        assert reader.next() and kept.next()
        entry = broker.clients.pop("gate")
        broker.write_keys()
        broker.reload()
        ending = time.monotonic() + SILENCE_S
        while time.monotonic() < ending:  # what was under way may still arrive
            gate.pump(0.05)
            reader.next(patience=0.05)
        stream.raws.clear()
        lives = len(stream.lives)
        head = desk.put("log.entry", {"text": "inside"})["sequence"]
        assert is_silent(gate, "publish", event("log.entry", {"text": "from outside"}), 6)
        same((len(stream.raws), len(stream.lives), reader.next(patience=0.1)), (0, lives, None))
        while kept.next()[0] != "log.entry":
            desk.put("log.entry", {"text": "to the feed"})
        same("from outside" in str(desk.query("events", **{"from": head - 2})), False)
        assert not gets_in(broker.tcp, (*entry["pair"], broker.server))


@test(own=True)
def a_key_exchanged_under_the_same_name_ends_the_former_one():
    with KeyedBroker(CLIENTS) as broker:
        gate = broker.keyed("gate")
        former = broker.clients["gate"]["pair"]
        broker.clients["gate"]["pair"] = zmq.curve_keypair()
        broker.write_keys()
        broker.reload()
        assert is_silent(gate, "hello", {"client": "t", "version": "1"})
        assert not gets_in(broker.tcp, (*former, broker.server))
        same(broker.keyed("gate").greeting["identity"], "pult:key:gate")


@test(own=True)
def two_server_keys_are_served_while_one_follows_the_other():
    requests, feed = free_port(), free_port()
    broker = KeyedBroker(CLIENTS, settings=["curve={}"])
    second = keygen(broker.directory, "busd-2")[0]
    broker.settings[-1] = "curve=" + json.dumps({
        "key": broker.directory + "/busd.key_secret", "next_key": broker.directory + "/busd-2.key_secret",
        "next_requests": ["tcp://127.0.0.1:%d" % requests], "next_feed": ["tcp://127.0.0.1:%d" % feed]})
    with broker:
        new = "tcp://127.0.0.1:%d" % requests
        same(broker.keyed("gate").greeting["feed"], "tcp://127.0.0.1:%d" % broker.ports[1])
        later = broker.keyed("gate", endpoint=new, server=second)
        same(later.greeting["feed"], "tcp://127.0.0.1:%d" % feed)
        assert later.reader().next()
        assert not gets_in(new, broker.keys_of("gate"))
        assert not gets_in(broker.tcp, broker.keys_of("gate", second))


def start_says(settings, directory=None, roles=None):
    """What `busd -n` says to a configuration; its exit status."""
    broker = Broker(settings=settings, directory=directory)
    done = subprocess.run([os.path.join(ROOT, "tests", "broker"), broker.directory,
                           *[w for s in settings for w in ("--set", s)]],
                          capture_output=True, text=True, timeout=30,
                          env=dict(broker.env, PULT_WRAP="timeout 5", LC_ALL="en_US.UTF-8"))
    return done.returncode, done.stdout + done.stderr


@test(own=True)
def a_tcp_endpoint_that_others_can_reach_does_not_start_without_a_key():
    for address in ("tcp://0.0.0.0:5570", "tcp://*:5570", "tcp://192.0.2.1:5570", "tcp://[::]:5570"):
        for socket in ("requests", "feed"):
            status, said = start_says(["%s=%s" % (socket, json.dumps([address]))])
            assert status == 3 and "CURVE" in said and socket in said, (status, said)
    for address in ("tcp://eth0:5570", "tcp://127.0.0.1", "tcp://127.0.0.1:0", "tcp://host:1", "udp://1"):
        status, said = start_says(["requests=" + json.dumps([address])])
        assert status == 3 and "no endpoint" in said, (status, said)


@test(own=True)
def loopback_without_keys_is_served_only_where_roles_yaml_has_a_role_for_it():
    endpoint = "tcp://127.0.0.1:%d" % free_port()
    status, said = start_says(["requests=" + json.dumps([endpoint])])
    assert status == 3 and "loopback" in said, (status, said)
    broker = Broker()
    broker.settings = ["requests=" + json.dumps([broker.requests, endpoint]),
                       "roles=" + json.dumps(broker.directory + "/own.yaml")]
    with open(os.path.join(ROOT, "config", "roles.yaml"), encoding="utf-8") as file:
        table = file.read().replace("\nusers: {}\n", "\nusers: {root: [dispatcher]}\n")
    with open(broker.directory + "/own.yaml", "w", encoding="utf-8") as file:
        file.write(table + "\nloopback: [observer]\n")
    with broker:
        bus = pultbus.Bus(endpoint)
        greeting = bus.hello()
        same((greeting["identity"], greeting["role"]), ("pult:loopback", "observer"))
        refused("denied", bus.refusal("publish", event("log.entry", {"text": "t"})))
        bus.close()


@test(own=True)
def a_key_file_that_others_may_read_or_that_is_none_does_not_start():
    broker = KeyedBroker(CLIENTS)
    path = os.path.join(broker.directory, "busd.key_secret")
    settings = broker.settings
    for spoil, status in ((lambda: os.chmod(path, 0o644), 4), (lambda: os.chmod(path, 0o640), 4),
                          (lambda: (os.unlink(path), os.symlink(broker.directory + "/gate.key_secret", path)), 3),
                          (lambda: (os.unlink(path), open(path, "w").write("curve\n"), os.chmod(path, 0o600)), 3),
                          (lambda: os.unlink(path), 5)):
        spoil()
        found, said = start_says(settings, broker.directory)
        assert found == status and "key" in said, (found, status, said)


@test(own=True)
def a_faulty_line_of_keys_yaml_stops_the_start_and_is_no_reload():
    with KeyedBroker(CLIENTS) as broker:
        path, gate = os.path.join(broker.directory, "keys.yaml"), broker.keyed("gate")
        key = broker.clients["gate"]["pair"][0].decode()
        for text in ("", "keys: []\n", "keys: {a: {}}\n", "keys: {a: {public: x, roles: [script]}}\n",
                     "keys: {a: {public: %s}}\n" % json.dumps(key),
                     "keys: {a: {public: %s, roles: [emperor]}}\n" % json.dumps(key),
                     "keys: {a: {public: %s, roles: [script], role: b}}\n" % json.dumps(key),
                     "keys: {a: {public: %s, roles: [script], types: x}}\n" % json.dumps(key),
                     "keys: {a: {public: %s, roles: [script]}, b: {public: %s, roles: [script]}}\n" % (
                         json.dumps(key), json.dumps(key)),
                     "lock: {}\n"):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            broker.reload(says="not reloaded")
            gate.put("log.entry", {"text": "still in"})
            status, said = start_says(broker.settings, broker.directory + "/")
            assert status == 3 and "keys.yaml" in said, (text, status, said)
        broker.write_keys()
        broker.reload()


@test(own=True)
def pult_goes_over_tcp_with_key_files():
    with KeyedBroker(CLIENTS) as broker:
        keygen(broker.directory, "nobody")
        done = broker.pult("query", "stats", "--role", "observer", key="desk")
        assert done.returncode == 0 and "head" in done.stdout, done
        done = broker.pult("tail", "--feed", "--once", "bus.", key="gate")
        same(broker.pult("query", "stats").returncode, 4)
        done = subprocess.run([os.path.join(BUILD, "pult"), "--bus", broker.tcp, "--key",
                               broker.directory + "/gate.key_secret", "--server-key",
                               broker.directory + "/busd.key", "query", "rights"],
                              capture_output=True, text=True)
        assert done.returncode == 0, (done, broker.said())
        os.chmod(broker.directory + "/gate.key_secret", 0o644)
        same(broker.pult("query", "rights", key="gate").returncode, 4)


@test(own=True)
def keygen_writes_a_secret_file_and_never_shows_or_replaces_it():
    broker = Broker()
    run = lambda *words: subprocess.run([os.path.join(BUILD, "pult"), "keygen", *words],
                                        cwd=broker.directory, capture_output=True, text=True)
    done = run("gate")
    public, secret = (part.decode() for part in
                      __import__("zmq.auth").auth.load_certificate(broker.directory + "/gate.key_secret"))
    same(done.returncode, 0)
    assert public in done.stdout and secret not in done.stdout + done.stderr
    same(oct(os.stat(broker.directory + "/gate.key_secret").st_mode & 0o777), "0o600")
    assert secret not in open(broker.directory + "/gate.key", encoding="ascii").read()
    same((run("gate").returncode, run("../x").returncode, run().returncode), (6, 3, 2))
    broker.__exit__(None)


if __name__ == "__main__":
    main()
