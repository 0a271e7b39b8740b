"""What is done to PostgreSQL over a superuser's connection."""

import asyncio
from contextlib import asynccontextmanager

import psycopg

from Harness.settings import seconds
from history import now

COMMIT_SECONDS, READ_ONLY_SECONDS = 5, 8
ROUNDS = 8
RESET_SECONDS = 60

END_OTHERS = (
    "select count(pg_terminate_backend(pid)) from pg_stat_activity "
    "where pid <> pg_backend_pid() and backend_type = 'client backend'"
)
COMMITTING = (
    "select count(*) from pg_stat_activity where pid <> pg_backend_pid() and state = 'active' and query ilike 'commit%'"
)


async def end_sessions(system):
    return [f"{await asyncio.to_thread(_end_others, system)} sessions"]


async def end_sessions_during_commit(system):
    """Each commit waits long for others to join it, so that some are between record and answer when they are ended."""
    ended = committing = 0
    async with _settings(system, commit_delay=100_000, commit_siblings=0):
        for _ in range(ROUNDS):
            await asyncio.sleep(COMMIT_SECONDS / ROUNDS)
            found = await asyncio.to_thread(_end_committing, system)
            ended, committing = ended + found[0], committing + found[1]
    return [f"{ended} sessions, {committing} of them in COMMIT"]


async def be_read_only(system):
    async with _settings(system, default_transaction_read_only="on"):
        await asyncio.sleep(READ_ONLY_SECONDS)
    return []


def or_failed(fault):
    """The fault, which says so where the server is not there at this moment: another fault may have struck it."""

    async def tried(system):
        try:
            return await fault(system)
        except psycopg.Error as error:
            return [f"failed: {error}"]

    return tried


def _end_others(system):
    with system.connect("postgres") as connection:
        return connection.execute(END_OTHERS).fetchone()[0]


def _end_committing(system):
    """Ends all sessions as soon as one commits, or soon in any case: how many there were, and how many committed."""
    with system.connect("postgres") as connection:
        for _ in range(100):
            if committing := connection.execute(COMMITTING).fetchone()[0]:
                break
        return connection.execute(END_OTHERS).fetchone()[0], committing


@asynccontextmanager
async def _settings(system, **settings):
    """The server's settings for the time of the block; they hold for sessions that are open, too."""

    def alter(*statements):
        with system.connect("postgres") as connection:
            for statement in (*statements, "select pg_reload_conf()"):
                connection.execute(statement)

    try:
        await asyncio.to_thread(alter, *(f"alter system set {name} = {value}" for name, value in settings.items()))
        yield
    finally:
        # Another fault may have struck the server meanwhile; what was set must not stay.
        until = now() + seconds(RESET_SECONDS)
        while True:
            try:
                await asyncio.to_thread(alter, *(f"alter system reset {name}" for name in settings))
                break
            except psycopg.Error:
                if now() > until:
                    raise
                await asyncio.sleep(0.5)
