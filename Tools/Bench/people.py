"""People and orders of the benchmark, which prepare a measure; the load itself comes from wrk and load."""

from Harness.person import Person

PASSWORD = "a password of the benchmark"
ORDER = {
    "description": "Forty steel brackets for the shelves of the northern store",
    "specifications": "galvanised, 4 mm, holes of 8 mm at both ends, packed by tens",
    "quantity": 3,
}


class People:
    """Accounts of the benchmark, made once: a sign-in costs a password hash."""

    def __init__(self, stack):
        self.stack = stack
        self._users, self._signers = [], []
        self._admin = None

    @property
    def admin(self):
        self._admin = self._admin or self.stack.admin()
        return self._admin

    def users(self, count):
        while len(self._users) < count:
            self._users.append(self._register(f"bench-{len(self._users) + 1}"))
        return self._users[:count]

    def signers(self, count):
        """Accounts for signing in alone: beyond 50 sessions of one each new one ends the oldest."""
        while len(self._signers) < count:
            self._signers.append(self._register(f"signer-{len(self._signers) + 1}"))
        return self._signers[:count]

    def _register(self, name):
        person = Person(self.stack.gateways[0])
        person.register(f"Bench {name}", f"{name}@bench.test", PASSWORD)
        return person


def place_order(base, person):
    return person.at(base).create_order(**ORDER)
