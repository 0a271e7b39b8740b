"""The rules about sockets: what each was given, in which order, and how soon."""


def violations(checker, violation):
    yield from _sessions(checker, violation)
    yield from _lateness(checker, violation)
    yield from _endings(checker, violation)
    yield from _told_statuses(checker, violation)


def _sessions(checker, violation):
    """From a join's acknowledgement on: no gap, no repeat, nobody else's order, and what the database has."""
    for session in checker.history.sessions:

        def broken(rule, text):
            return violation(rule, f"{session.socket} in room {session.order}: {text}", session.order, [], [session])

        if session.joined < 0:
            yield broken(
                "nothing comes from a room before its join is answered, nor after a failed join",
                f"got {[each.seq for each in session.live]}",
            )
            continue
        seqs = [each.seq for each in session.stream]
        first = session.after + 1 if session.after is not None else _first(session)
        if seqs != list(range(first, first + len(seqs))):
            where = next(index for index, seq in enumerate(seqs) if seq != first + index)
            yield broken(
                "a socket misses nothing and gets nothing twice",
                f"after {first + where - 1} came {seqs[where : where + 5]} (joined after {session.after}, "
                f"page of {len(session.page)}, room then at {session.room_last})",
            )
            continue
        if session.after is None and len(session.page) < min(session.limit, session.room_last):
            yield broken("a join gives the newest messages", f"page {seqs[: len(session.page)]} of {session.room_last}")
        stored = checker.messages[session.order]
        for each in session.stream:
            row = stored[each.seq - 1] if 0 < each.seq <= len(stored) else None
            if row is None or (row["id"], row["kind"]) != (each.id, each.kind):
                yield broken("what a socket gets is what is stored", f"seq {each.seq} is {each.id}, stored: {row}")
                break
        summaries = [each.seq for each in session.live if each.kind == "summary"]
        told = [seq for seq, _ in session.closings]
        if told not in (summaries, []) or (summaries and not told and session.ended is None):
            yield broken("roomClosed comes once, after the summary", f"summary {summaries}, roomClosed {told}")


def _first(session):
    """Where a stream begins that did not say after what: with its page, or after the room's last message."""
    return session.page[0].seq if session.page else session.room_last + 1


def _lateness(checker, violation):
    """A live message comes within the bound, not counting the time in which something was wrong."""
    bound = 5 * checker.slack
    for session in checker.history.sessions:
        stored = checker.messages[session.order]
        for each in session.live:
            if session.joined < 0 or not 0 < each.seq <= len(stored):
                continue
            # What was missed before the join comes after it, page by page.
            begun = max(stored[each.seq - 1]["at"], session.joined)
            late = each.at - begun - _disturbed(checker, begun, each.at)
            if late > bound:
                yield violation(
                    "a message reaches a live socket within 5 s",
                    f"{session.socket}: seq {each.seq} of room {session.order} came {late:.1f} s late",
                    session.order,
                    [],
                    [session],
                )
                break


def _endings(checker, violation):
    """A socket still open at the end has everything."""
    for session in checker.history.sessions:
        last = len(checker.messages[session.order])
        if session.ended is None and session.joined >= 0 and last:
            has = session.stream[-1].seq if session.stream else session.after
            has = session.room_last if has is None else has
            if has < last:
                yield violation(
                    "a socket misses nothing and gets nothing twice",
                    f"{session.socket} is open and has {has} of {last} messages of room {session.order}",
                    session.order,
                    [],
                    [session],
                )


def _told_statuses(checker, violation):
    """Who is connected when a status changes is told at least once and never backwards."""
    owners = {order["id"]: order["owner"] for order in checker.evidence.orders}
    for socket in checker.history.sockets:
        told = {}
        for order, to, version, at in socket.statuses:
            if version < told.get(order, (0, ""))[0]:
                yield violation(
                    "a status is never told backwards",
                    f"{socket.name} was told {to} (version {version}) of {order} at {at:.3f}",
                    order,
                )
            told[order] = max(told.get(order, (0, "")), (version, to))
        if socket.ended is not None:
            continue
        for entry in checker.evidence.audit:
            concerns = socket.is_admin or owners.get(entry["order"]) == socket.user
            earliest = checker.history.earliest(entry["at"])
            if entry["kind"] != "status-changed" or not concerns or earliest < socket.opened + 1:
                continue
            if not any(order == entry["order"] and to == entry["to"] for order, to, _, _ in socket.statuses):
                yield violation(
                    "who is connected is told of a status",
                    f"{socket.name} (since {socket.opened:.3f}) was not told that {entry['order']} became "
                    f"{entry['to']} at {entry['at']:.3f}",
                    entry["order"],
                )


def _disturbed(checker, begin, end):
    """How much of the time between two moments something was wrong, or was just getting right again."""
    spans = sorted(
        (max(begin, each.start), min(end, (each.end or end) + 2 * checker.slack))
        for each in checker.history.disturbances
    )
    total, reached = 0.0, begin
    for start, stop in spans:
        if stop > reached and stop > start:
            total += stop - max(start, reached)
            reached = stop
    return total
