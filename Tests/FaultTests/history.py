"""What happened in a run: operations with their attempts, what sockets were given, and when the system was disturbed.

Times are seconds since 1970 by this machine's clock, which is also the servers'.
"""

import time
from dataclasses import asdict, dataclass, field

now = time.time


@dataclass
class Attempt:
    """One try of an operation: `outcome` is `ok`, a problem's `<status> <code>`, or what broke on the way."""

    start: float
    via: str
    end: float | None = None
    outcome: str = "unanswered"


@dataclass
class Operation:
    """Something a person wanted once, however often it was asked for.

    outcome: `ok` it was acknowledged; `refused` it was certainly not done; `unknown` nobody can say.
    """

    number: int
    who: str
    kind: str
    order: str | None
    input: dict
    start: float
    attempts: list[Attempt] = field(default_factory=list)
    end: float | None = None
    outcome: str = "unknown"
    output: dict | None = None
    refusal: str | None = None

    def begin(self, via):
        self.attempts.append(Attempt(now(), via))
        return self.attempts[-1]

    def settle(self, outcome, output=None, refusal=None):
        self.outcome, self.output, self.refusal, self.end = outcome, output, refusal, now()


@dataclass
class Delivery:
    """A message as it was given to somebody. `at` is when it came."""

    seq: int
    id: str
    kind: str
    at: float


@dataclass
class RoomSession:
    """One socket in one room from its join's acknowledgement to its end; `ended` is None while it goes on."""

    socket: str
    who: str
    order: str
    after: int | None
    limit: int
    joined: float
    room_last: int
    has_more: bool
    page: list[Delivery]
    live: list[Delivery] = field(default_factory=list)
    closings: list[tuple[int, float]] = field(default_factory=list)
    ended: float | None = None

    @property
    def stream(self):
        return self.page + self.live


@dataclass
class SocketLife:
    """A connected socket, and the status changes it was told: (order, to, version, at)."""

    name: str
    who: str
    user: str
    is_admin: bool
    opened: float
    ended: float | None = None
    end_reason: str = ""
    statuses: list[tuple[str, str, int, float]] = field(default_factory=list)


@dataclass
class Disturbance:
    """A fault, from its beginning until every part said it was ready again (`end`)."""

    what: str
    targets: list[str]
    start: float
    end: float | None = None


@dataclass
class ClockJump:
    """From when to when the wall clock of one process may have been so many seconds ahead."""

    start: float
    end: float
    seconds: float


class History:
    """Everything recorded in one run."""

    def __init__(self):
        self.operations: list[Operation] = []
        self.sessions: list[RoomSession] = []
        self.sockets: list[SocketLife] = []
        self.disturbances: list[Disturbance] = []
        self.clock_jumps: list[ClockJump] = []
        self.started = now()

    def invoke(self, who, kind, order=None, **data):
        operation = Operation(len(self.operations) + 1, who, kind, order, data, now())
        self.operations.append(operation)
        return operation

    def of(self, *kinds):
        return [each for each in self.operations if each.kind in kinds]

    def earliest(self, at):
        """When that happened at the earliest which a service says was `at`."""
        return min(
            [at, *(at - jump.seconds for jump in self.clock_jumps if jump.start <= at - jump.seconds <= jump.end)]
        )

    def to_json(self):
        return {
            name: [asdict(each) for each in getattr(self, name)]
            for name in ("operations", "sessions", "sockets", "disturbances", "clock_jumps")
        }
