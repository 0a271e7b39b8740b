"""Prints what a run found: each violation with the shortest history that shows it."""

from collections import Counter


def _operation_lines(operation, start):
    for attempt in operation.attempts or []:
        yield (
            attempt.start,
            f"{operation.who} asks {operation.kind} {operation.number} via {attempt.via}"
            f" → {attempt.outcome}" + (f" at {attempt.end - start:.3f}" if attempt.end else ""),
        )
    shown = {key: operation.output[key] for key in ("id", "seq", "lastSeq", "items") if key in (operation.output or {})}
    yield (
        operation.end or operation.start,
        f"{operation.kind} {operation.number} {operation.input} is {operation.outcome} {shown or ''}",
    )


def _session_lines(session):
    page = [each.seq for each in session.page]
    yield (
        session.joined,
        f"{session.socket} joined after {session.after}, limit {session.limit}: page "
        f"{page[:1]}…{page[-1:]}, room at {session.room_last}, hasMore {session.has_more}",
    )
    # Only what is out of the ordinary, with its neighbours.
    live = session.live
    for index, each in enumerate(live):
        previous = live[index - 1].seq if index else (page[-1] if page else session.after)
        if each.seq != (previous or 0) + 1 or index in (0, len(live) - 1):
            yield (each.at, f"{session.socket} gets seq {each.seq} ({each.kind}) after {previous}")
    if session.ended:
        yield (session.ended, f"{session.socket} is gone")


def shortest_history(violation, history, evidence):
    """The lines, in the order of time, that show one violation and nothing else."""
    lines = []
    for operation in violation.operations:
        lines += _operation_lines(operation, history.started)
    for session in violation.sessions:
        lines += _session_lines(session)
    times = [at for at, _ in lines if at > 0]
    if times:
        begin, end = min(times) - 5, max(times) + 5
        for each in history.disturbances:
            if each.start < end and (each.end or end) > begin:
                lines.append((each.start, f"*** {each.what} {' '.join(each.targets)}"))
                if each.end:
                    lines.append((each.end, f"*** all ready after {each.what}"))
    if violation.order and violation.sessions:
        seen = {each.seq for session in violation.sessions for each in session.stream}
        missed = [row for row in evidence.messages if row["order"] == violation.order and row["seq"] not in seen]
        lines += [(row["at"], f"    stored: seq {row['seq']} {row['kind']} {row['text']}") for row in missed[-8:]]
    return [f"    {at - history.started:9.3f}  {text}" for at, text in sorted(lines)]


def text(violations, history, evidence):
    """Everything found, the same rule's violations together and at most three of each in full."""
    if not violations:
        return "No violation."
    lines, count = [], Counter(each.rule for each in violations)
    shown = Counter()
    for violation in violations:
        shown[violation.rule] += 1
        if shown[violation.rule] <= 3:
            lines += [
                "",
                f"VIOLATED: {violation.rule} ({shown[violation.rule]} of {count[violation.rule]})",
                f"  {violation.text}",
                *shortest_history(violation, history, evidence),
            ]
    return "\n".join(lines)


def summary(history):
    """One line of numbers."""
    outcomes = Counter(each.outcome for each in history.operations)
    kinds = Counter(each.kind for each in history.operations)
    attempts = Counter(attempt.outcome for each in history.operations for attempt in each.attempts)
    troubles = {outcome: number for outcome, number in attempts.most_common() if not outcome.startswith("ok")}
    delivered = sum(len(each.live) for each in history.sessions)
    return (
        f"{len(history.operations)} operations ({dict(kinds)}): {dict(outcomes)}; "
        f"{len(history.sockets)} sockets, {len(history.sessions)} joins, {delivered} live messages; "
        f"{len(history.disturbances)} faults; attempts not ok: {troubles}"
    )
