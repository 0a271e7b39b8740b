"""A system of one test file's own, small enough to be started for it, and looks into its databases."""

import json
import urllib.request
from contextlib import contextmanager

import evidence
from Harness.person import Person
from Harness.ports import free_ports
from Harness.stack import FIRST_ADMIN, Stack, running
from Harness.waiting import until

# For how many seconds people ask again while a part is coming back.
PATIENCE = 30


class Patient(Person):
    """Asks again while a part is still coming back."""

    def request(self, *arguments, **options):
        return until(
            lambda: (answer := super(Patient, self).request(*arguments, **options)).status_code != 503 and answer,
            PATIENCE,
            "somebody answers",
            every=0.1,
        )


class SmallSystem(Stack):
    """One of each service, and some gateways, used by patient people."""

    def registered(self, gateway=None, kind=Patient):
        return super().registered(gateway, kind)

    def admin(self, kind=Patient):
        return super().admin(kind)

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

    def collect(self):
        with self.connect() as connection:
            return evidence.collect(connection)

    def outbox(self, schema):
        """How many events the schema has not got rid of yet."""
        return self.collect().leftovers[f"{schema}.outbox"]


@contextmanager
def small_system(data, gateways=2, **environment):
    """Runs for the time of the block; its data go."""
    system = SmallSystem(data, **FIRST_ADMIN, **environment)
    with running(system, "--port", free_ports(gateways), "--gateways", gateways):
        yield system
