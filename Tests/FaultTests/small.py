"""A system of one test file's own, small enough to be started for it, and looks into its databases."""

import json
import os
import signal
import urllib.request
from contextlib import contextmanager

import psycopg

import evidence
from localstack import Stack, free_ports
from orderline import Api, eventually
from system import ADMIN_EMAIL, ADMIN_PASSWORD, SLACK

# How long people ask again while a part is coming back.
PATIENCE = 30 * SLACK


class Patient(Api):
    """Asks again while a part is still coming back."""

    def request(self, *arguments, **options):
        return eventually(
            lambda: (answer := super(Patient, self).request(*arguments, **options)).status_code != 503 and answer,
            PATIENCE,
            every=0.1,
        )


class SmallSystem(Stack):
    """One of each service, and some gateways."""

    def begin(self, gateways):
        self.started("--port", free_ports(gateways), "--gateways", gateways)

    @property
    def gateways(self):
        return [url.rstrip("/") for url in self.run["gateways"]]

    def registered(self, gateway=None):
        person = Patient(gateway or self.gateways[0])
        person.register()
        return person

    def admin(self):
        person = Patient(self.gateways[0], email=ADMIN_EMAIL, password=ADMIN_PASSWORD)
        person.login()
        return person

    def until_ready(self):
        for name in self.run["ops"]:
            eventually(lambda name=name: self.ready(name), 60 * SLACK)

    @contextmanager
    def still(self, name):
        """The process stands still for the time of the block."""
        pid = self.pids[name]
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            # It is another's id once the process has been killed and started again.
            if self.pids[name] == pid:
                os.kill(pid, signal.SIGCONT)

    def log(self, name):
        with open(self.run["logs"][name], encoding="utf-8") as file:
            return file.read()

    def ops(self, name, path):
        """What the process's operator port answers."""
        with urllib.request.urlopen(self.run["ops"][name].rstrip("/") + path, timeout=5) as answer:
            return answer.read().decode()

    def consumers(self):
        """What NATS says of the stream's durable consumers, by name; nothing while the stream is missing."""
        with urllib.request.urlopen(self.run["nats"]["monitor"] + "/jsz?streams=1&consumers=1", timeout=5) as answer:
            accounts = json.load(answer).get("account_details", [])
        return {
            consumer["name"]: consumer
            for account in accounts
            for stream in account.get("stream_detail", [])
            for consumer in stream.get("consumer_detail") or []
            if "-from-" in consumer["name"]
        }

    # Databases

    def connect(self):
        return psycopg.connect(self.run["postgres"]["url"], autocommit=True)

    def collect(self):
        with self.connect() as connection:
            return evidence.collect(connection)

    def outbox(self, schema):
        """How many events the schema has not got rid of yet."""
        return self.collect().leftovers[f"{schema}.outbox"]


@contextmanager
def small_system(data, gateways=2, **environment):
    """Runs for the time of the block; its data go."""
    system = SmallSystem(
        data, RATE_LIMIT_ENABLED="false", ADMIN_EMAIL=ADMIN_EMAIL, ADMIN_PASSWORD=ADMIN_PASSWORD, **environment
    )
    try:
        system.begin(gateways)
        yield system
    finally:
        system.discard()
