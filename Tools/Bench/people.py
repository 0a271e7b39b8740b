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
        self._users = []
        self._admin = None

    @property
    def admin(self):
        self._admin = self._admin or self.stack.admin()
        return self._admin

    def users(self, count):
        while len(self._users) < count:
            number = len(self._users) + 1
            person = Person(self.stack.gateways[0])
            person.register(f"Bench {number:03}", f"bench-{number}@bench.test", PASSWORD)
            self._users.append(person)
        return self._users[:count]


def place_order(base, person):
    return person.at(base).create_order(**ORDER)
