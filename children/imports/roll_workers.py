"""Who works with each child, as the roll has it: a tie ends, and the next begins, on the day of the import."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from children import policies
from children.enums import RelationKind
from children.imports.batch import Batch
from children.imports.cells import Cells
from children.imports.report import Report
from children.models import Child, Relationship
from virtualschool.accounts.models import Organisation, User
from virtualschool.jobs.events import emit_many
from virtualschool.kernel import periods
from virtualschool.kernel.dates import today

KINDS = tuple(RelationKind)


class Workers:
    """Reads the worker columns of one roll. People and teams, and the ties that the children have, come with three queries."""

    def __init__(self, children: Iterable[Child], report: Report) -> None:
        self.today: date = today()
        self.batch = Batch(Relationship, report, "relationships")
        self._report = report
        self._people = {user.email.casefold(): user for user in User.objects.all()}
        self._teams = _teams()
        self._ties: dict[tuple[int, str], list[Relationship]] = defaultdict(list)
        self._changed: list[Relationship] = []
        for tie in Relationship.objects.filter(child__in=list(children)).order_by("start"):
            self._ties[tie.child_id, tie.kind].append(tie)

    def read(self, cells: Cells, columns: dict[str, str], child: Child) -> None:
        """Allocate whom the row names. A cell that is empty says nothing; one that is in doubt is flagged."""
        for kind in KINDS:
            column = columns.get(kind, "")
            if not cells[column]:
                continue
            who = self._team(cells, column) if kind == RelationKind.TEAM else self._person(cells, column, kind)
            if who is not None:
                self._allocate(child, kind, who)

    def write(self) -> None:
        """Write the ties, and tell those who follow ``relationship.changed``."""
        self.batch.write()
        emit_many("relationship.changed", ((_key(tie), _facts(tie)) for tie in self._changed))

    # ------------------------------------------------------------ who

    def _person(self, cells: Cells, column: str, kind: RelationKind) -> User | None:
        user = self._people.get(cells[column].casefold())
        if user is None:
            cells.flag(column, "Nobody has an account with this email address.")
        elif not user.is_active:
            cells.flag(column, "The account is closed.")
        elif user.role not in policies.ROLES_FOR[kind]:
            cells.flag(column, f"The role of this account is {user.role_class.title}, which does not do this work.")
        else:
            return user
        return None

    def _team(self, cells: Cells, column: str) -> Organisation | None:
        """The team of this code or name. One that is not known yet is made: the council's roll is where its teams are named."""
        found = self._teams.get(cells[column].casefold(), [])
        if len(found) > 1:
            cells.flag(column, "Several social work teams have this name; give the code.")
            return None
        if found:
            return found[0]
        team = Organisation.objects.create(kind=Organisation.Kind.TEAM, name=cells[column])
        self._teams[team.name.casefold()] = [team]
        self._report.count("created", "teams")
        return team

    # ------------------------------------------------------------ since when

    def _allocate(self, child: Child, kind: RelationKind, who: User | Organisation) -> None:
        ties = self._ties[child.pk, kind]
        with_whom: dict[str, Any] = {"team": who} if isinstance(who, Organisation) else {"user": who}
        held = next((tie for tie in ties if periods.holds(tie.start, tie.end, self.today)), None)
        if held is not None and who.pk in (held.user_id, held.team_id):
            self.batch.put(held, {})
            return
        if held is not None:
            self.batch.put(held, {"end": self.today})
            self._changed.append(held)
        planned = min((tie.start for tie in ties if tie.start > self.today), default=None)
        tie = self.batch.put(None, {"end": planned}, child=child, kind=kind, start=self.today, **with_whom)
        ties.append(tie)
        self._changed.append(tie)


def _teams() -> dict[str, list[Organisation]]:
    """Social work teams by code and by name; a code goes before another team's name."""
    teams = list(Organisation.objects.teams())
    found: dict[str, list[Organisation]] = defaultdict(list)
    for team in teams:
        found[team.name.casefold()].append(team)
    return found | {team.code.casefold(): [team] for team in teams if team.code}


def _key(tie: Relationship) -> str:
    return f"relationship.changed:import:{tie.pk}:{'end' if tie.end else 'start'}"


def _facts(tie: Relationship) -> dict[str, Any]:
    facts = {"child": tie.child_id, "relationship": tie.pk, "kind": str(tie.kind), "start": tie.start.isoformat()}
    return facts | ({"end": tie.end.isoformat()} if tie.end else {})
