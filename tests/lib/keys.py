#!/usr/bin/python3
"""A broker that serves TCP with keys, and clients that have one.

    with KeyedBroker({"gate": {"roles": ["script"]}}) as broker:
        bus = broker.keyed("gate")

Keys are made by `pult keygen` and read by pyzmq, as an outsider would.
"""
import json
import os
import socket
import subprocess

import harness
import pultbus
import zmq
import zmq.auth


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def keygen(directory, name):
    """(public, secret) as bytes; the files stay in the directory."""
    subprocess.run([os.path.join(harness.BUILD, "pult"), "keygen", name, "--dir", directory],
                   check=True, stdout=subprocess.DEVNULL)
    return zmq.auth.load_certificate(os.path.join(directory, name + ".key_secret"))


class KeyedBus(pultbus.Bus):
    """A connection over TCP; `keys` = (own public, own secret, server's public)."""

    def __init__(self, endpoint, keys, context=None, **more):
        class Sockets:
            """Hands out sockets that have the keys before they connect."""

            def __init__(self):
                self.inner = context or zmq.Context.instance()

            def socket(self, kind):
                made = self.inner.socket(kind)
                made.sndtimeo = 1000  # a peer that was put out takes nothing
                if keys:
                    made.curve_publickey, made.curve_secretkey, made.curve_serverkey = keys
                return made

        super().__init__(endpoint, context=Sockets(), **more)
        self.sockets = self.context
        self.keys = keys

    def reader(self, topics=("",)):
        """The feed that hello names, with the same keys."""
        return pultbus.Feed(self.said_feed, topics, context=self.sockets)


class KeyedBroker(harness.Broker):
    """tests/broker with a TCP endpoint, a key of its own and keys.yaml."""

    def __init__(self, clients, settings=(), **more):
        super().__init__(**more)
        self.ports = free_port(), free_port()
        self.tcp = "tcp://127.0.0.1:%d" % self.ports[0]
        self.server = keygen(self.directory, "busd")[0]
        self.clients = {}
        for name, entry in clients.items():
            self.add(name, **entry)
        self.write_keys()
        self.settings += [
            "requests=" + json.dumps([self.requests, self.tcp]),
            "feed=" + json.dumps([self.feed, "tcp://127.0.0.1:%d" % self.ports[1]]),
            "keys=" + json.dumps(os.path.join(self.directory, "keys.yaml")), *settings]
        if not any(s.startswith("curve=") for s in settings):
            self.settings.append("curve=" + json.dumps(
                {"key": os.path.join(self.directory, "busd.key_secret")}))

    def add(self, name, roles=("script",), types=None, pair=None):
        pair = pair or keygen(self.directory, name)
        self.clients[name] = {"pair": pair, "roles": list(roles), "types": types}

    def write_keys(self):
        entries = {name: {"public": c["pair"][0].decode(), "roles": c["roles"],
                          **({"types": c["types"]} if c["types"] is not None else {})}
                   for name, c in self.clients.items()}
        with open(os.path.join(self.directory, "keys.yaml"), "w", encoding="utf-8") as file:
            file.write("keys: %s\n" % json.dumps(entries))

    def keys_of(self, name, server=None):
        return (*self.clients[name]["pair"], server or self.server)

    def keyed(self, name, role=None, endpoint=None, server=None, language="en", **more):
        bus = KeyedBus(endpoint or self.tcp, self.keys_of(name, server), **more)
        self.connections.append(bus)
        bus.greeting = bus.hello(client="scenario", language=language,
                                 **({"role": role} if role else {}))
        bus.said_feed = bus.greeting["feed"]
        return bus

    def pult(self, *words, key=None, **more):
        """`pult` over TCP with a key."""
        env = dict(self.env, PULT_BUS=self.tcp, LC_ALL="C.UTF-8",
                   PULT_SERVER_KEY=self.server.decode(),
                   PULT_KEY=os.path.join(self.directory, (key or "nobody") + ".key_secret"))
        return subprocess.run([os.path.join(harness.BUILD, "pult"), *words], env=env,
                              capture_output=True, text=True, timeout=60, **more)
