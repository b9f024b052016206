"""The roll of a size in a few set-based statements: children of school age in care, with what the night and the pages ask about.

Every row is drawn from a hash of its child, its part and the seed, so a seed always makes the same roll.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Model

from attendance.models import Exclusion
from children.models import (
    CareEpisode,
    CarePlacement,
    CareReview,
    Child,
    Clock,
    Enrolment,
    HealthReturn,
    MissingEpisode,
    PeriodOfCare,
    Relationship,
    School,
)
from peps.models import Pep
from virtualschool.accounts.models import Membership, Organisation, User
from virtualschool.overview.demo.words import FIRST_NAMES, LAST_NAMES, SCHOOL_FIRST

CHILDREN_A_SCHOOL, CHILDREN_A_WORKER, CHILDREN_AN_IRO = 4, 19, 76
MODELS = (Child, PeriodOfCare, CarePlacement, CareEpisode, Enrolment, Relationship, Pep, Clock, CareReview)
MODELS = (*MODELS, MissingEpisode, HealthReturn, Exclusion, School, Organisation, User, Membership)
TABLES = tuple(model._meta.db_table for model in MODELS)
HEAD = "vsh@bench.example"
# A number from 0 to 1 for a row and a part, and a key.
HELPERS = """
CREATE FUNCTION pg_temp.draw(n bigint, part text) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN (hashtextextended(n || part, {seed}) & 1048575) / 1048576.0;
CREATE FUNCTION pg_temp.key(n bigint, part text) RETURNS uuid LANGUAGE sql IMMUTABLE
RETURN md5('{seed}' || part || n)::uuid;
"""


def build(cursor: Any, children: int, on: date, seed: int) -> None:
    """Make so many children in care as they stand on the day, with their schools and workers."""
    cursor.execute(HELPERS.format(seed=seed))
    known: dict[str, Any] = {"children": children, "on": on, "schools": max(20, children // CHILDREN_A_SCHOOL)}
    known |= {"first": list(FIRST_NAMES), "last": list(LAST_NAMES), "town": list(SCHOOL_FIRST)}
    _people(cursor, known)
    _children(cursor, known)
    _care(cursor, known)
    _schooling(cursor, known)
    _records(cursor, known)
    for table in TABLES:
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table} HAVING max(id) > 0"
        )


def fill(cursor: Any, model: type[Model], rows: str, known: Mapping[str, Any], **columns: str) -> None:
    """INSERT … SELECT: each given column is an expression over ``rows``, every other one its field's default or blank."""
    given = dict(columns)
    values: dict[str, Any] = dict(known)
    for field in model._meta.concrete_fields:
        if field.column in given or field.null or field.primary_key:
            continue
        if field.column == "uuid":
            given["uuid"] = f"pg_temp.key(id_, '{model._meta.db_table}')"
            continue
        default = field.get_default() if field.has_default() else ""
        given[field.column] = f"%(default_{field.column})s"
        values[f"default_{field.column}"] = field.get_db_prep_save(default, _connection())
    names = ", ".join(f'"{name}"' for name in given)
    cursor.execute(
        f"INSERT INTO {model._meta.db_table} ({names}) SELECT {', '.join(given.values())} FROM ({rows}) made",
        values,
    )


def _connection() -> Any:
    from django.db import connection

    return connection


def _people(cursor: Any, known: dict[str, Any]) -> None:
    """A head, social workers and reviewing officers for the children, and a designated teacher for each school."""
    children, schools = known["children"], known["schools"]
    counts = {"vsh": 1, "socialworker": children // CHILDREN_A_WORKER + 1, "iro": children // CHILDREN_AN_IRO + 1}
    first = 1
    for role, number in (*counts.items(), ("teacher", schools)):
        known[role], known[f"{role}s"] = first, number
        email = f"'{HEAD}'" if role == "vsh" else f"'{role}' || id_ || '@bench.example'"
        rows = f"SELECT generate_series({first}::bigint, {first + number - 1}) id_"
        fill(
            cursor, User, rows, known, id="id_", email=email, role=f"'{role}'", is_demo="true", password="'!'",
            name="(%(first)s::text[])[1 + id_ %% array_length(%(first)s::text[], 1)] || ' ' || "
            "(%(last)s::text[])[1 + id_ %% array_length(%(last)s::text[], 1)]",
            created_at="now()",
        )  # fmt: skip
        first += number
    rows = f"SELECT generate_series(1::bigint, {schools}) id_"
    name = "(%(town)s::text[])[1 + id_ %% array_length(%(town)s::text[], 1)] || ' School ' || id_"
    fill(cursor, Organisation, rows, known, id="id_", kind="'school'", name=name, code="(900000 + id_)::text")
    fill(
        cursor, School, rows, known, id="id_", urn="(900000 + id_)::text", organisation_id="id_", name=name,
        phase_name="'All-through'", la_code="'999'",
    )  # fmt: skip
    teaches = {"user_id": f"{known['teacher']} + id_ - 1", "organisation_id": "id_", "start": "'2020-09-01'::date"}
    fill(cursor, Membership, rows, known, position="'designated_teacher'", **teaches)


def _children(cursor: Any, known: dict[str, Any]) -> None:
    """All of an age for Reception to Year 11."""
    oldest, youngest = known["on"] - timedelta(days=365 * 15 + 300), known["on"] - timedelta(days=365 * 5 + 200)
    fill(
        cursor, Child, "SELECT generate_series(1::bigint, %(children)s) id_", known, id="id_",
        child_id="'B' || id_", upn="'A' || lpad(id_::text, 12, '0')", known_from="'2022-09-01'::date", sex="'1'",
        first_names="(%(first)s::text[])[1 + (pg_temp.draw(id_, 'f') * array_length(%(first)s::text[], 1))::int"
        " %% array_length(%(first)s::text[], 1)]",
        last_name="(%(last)s::text[])[1 + (pg_temp.draw(id_, 'l') * array_length(%(last)s::text[], 1))::int"
        " %% array_length(%(last)s::text[], 1)]",
        date_of_birth=f"'{oldest}'::date + (pg_temp.draw(id_, 'b') * {(youngest - oldest).days})::int",
        created_at="now()",
    )  # fmt: skip


def _care(cursor: Any, known: dict[str, Any]) -> None:
    """In care for a month to six years; two children of five have moved since, some lately."""
    child = "SELECT id id_, %(on)s::date - 30 - (pg_temp.draw(id, 'care') * 2100)::int since FROM children_child"
    fill(cursor, PeriodOfCare, child, known, id="id_", child_id="id_", start="since")
    moved = (
        "SELECT 2 * id - n id_, id child, n, start + ((%(on)s::date - start) * pg_temp.draw(id, 'when'))::int moved, start"
        " FROM children_periodofcare CROSS JOIN generate_series(0, 1) n WHERE n = 0 OR pg_temp.draw(id, 'moved') < 0.4"
    )
    start = "CASE WHEN n = 1 THEN start WHEN pg_temp.draw(child, 'moved') < 0.4 THEN moved ELSE start END"
    placed = f"SELECT * FROM ({moved}) p WHERE n = 0 OR moved > start"
    held = {"id": "id_", "child_id": "child", "start": start, "end": "CASE WHEN n = 1 THEN moved END"}
    fill(
        cursor, CarePlacement, placed, known, **held, placement_type="'U1'", provider="'PR1'", carer_name="'A Carer'",
        out_of_area="pg_temp.draw(child, 'out') < 0.3",
    )  # fmt: skip
    fill(
        cursor, CareEpisode, placed, known, **held, period_id="child", placement_id="id_", legal_status="'C2'",
        reason_new="CASE WHEN n = 0 AND moved > start AND pg_temp.draw(child, 'moved') < 0.4 THEN 'P' ELSE 'S' END",
    )  # fmt: skip
    work = "SELECT 3 * p.id - kind id_, p.id child, p.start, kind FROM children_periodofcare p CROSS JOIN generate_series(0, 1) kind"
    user = (
        f"CASE kind WHEN 0 THEN {known['socialworker']} + (child %% {known['socialworkers']})"
        f" ELSE {known['iro']} + (child %% {known['iros']}) END"
    )
    kind = "CASE kind WHEN 0 THEN 'social_worker' ELSE 'iro' END"
    fill(cursor, Relationship, work, known, id="id_", child_id="child", kind=kind, user_id=user, start="start")


def _schooling(cursor: Any, known: dict[str, Any]) -> None:
    """A school; one child of fifty has left theirs and waits for another."""
    child = "SELECT p.id id_, p.start FROM children_periodofcare p"
    fill(
        cursor, Enrolment, child, known, id="id_", child_id="id_", start="start", hours_offered="25",
        school_id="1 + (hashtextextended(id_::text, 7) & 1073741823) %% %(schools)s",
        end="CASE WHEN pg_temp.draw(id_, 'left') < 0.02 THEN %(on)s::date - (pg_temp.draw(id_, 'gap') * 25)::int END",
    )  # fmt: skip


def _records(cursor: Any, known: dict[str, Any]) -> None:
    """PEPs of two years, reviews, times missing, health returns and suspensions."""
    terms = "(VALUES (0, 2024, 'autumn', '2024-10-15'::date), (1, 2024, 'spring', '2025-02-05'), (2, 2024, 'summer', '2025-06-05'),"
    terms += " (3, 2025, 'autumn', '2025-10-15'), (4, 2025, 'spring', '2026-02-05'), (5, 2025, 'summer', '2026-06-05')) t (n, year, term, held)"
    peps = (
        f"SELECT 6 * p.id - t.n id_, p.id child, t.*, held + (pg_temp.draw(p.id, 'held') * 25)::int done,"
        " t.n = 5 AND pg_temp.draw(p.id, 'missing') < 0.08 late"
        f" FROM children_periodofcare p JOIN {terms} ON p.start < t.held - 40"
    )
    fill(
        cursor, Pep, peps, known, id="id_", child_id="child", kind="'review'", occasion="'term:' || year || ':' || term",
        phase="'P'", academic_year="year", term="term", state="CASE WHEN late THEN 'planned' ELSE 'complete' END",
        period_id="child", enrolment_id="child", layout="'2026_09'", opened_on="held - 30", due_on="done",
        opened_why="'A new term'", completed_on="CASE WHEN NOT late THEN done + 14 END",
        school_id="(SELECT school_id FROM children_enrolment e WHERE e.id = child)",
    )  # fmt: skip
    reviews = "SELECT 2 * id - n id_, id child, n FROM children_periodofcare CROSS JOIN generate_series(0, 1) n"
    day = "%(on)s::date - 120 + n * 180 - (pg_temp.draw(child, 'review') * 60)::int"
    fill(cursor, CareReview, reviews, known, id="id_", child_id="child", on=day)
    went = "SELECT id id_ FROM children_child WHERE pg_temp.draw(id, 'missing') < 0.03"
    since = "%(on)s::date - 2 - (pg_temp.draw(id_, 'went') * 80)::int"
    fill(cursor, MissingEpisode, went, known, child_id="id_", kind="'M'", start=since, end=f"{since} + 1")
    scored = "SELECT id id_, y FROM children_child CROSS JOIN generate_series(2025, 2026) y"
    score = "least(40, (6 + 12 * pg_temp.draw(id_, 'sdq') + 5 * pg_temp.draw(id_ + y, 'rise'))::int)"
    fill(cursor, HealthReturn, scored, known, child_id="id_", year="y", sdq_score=score)
    sent = "SELECT id id_, %(on)s::date - (pg_temp.draw(id, 'susp') * 280)::int began FROM children_child WHERE pg_temp.draw(id, 'excl') < 0.13"
    fill(
        cursor, Exclusion, sent, known, id="id_", child_id="id_", kind="'SUSP'", given_on="began", start="began",
        end="began + 2", sessions="4", reasons="ARRAY['PP']", recorded_on="began",
        school_id="(SELECT school_id FROM children_enrolment e WHERE e.id = id_)",
    )  # fmt: skip
