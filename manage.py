#!/usr/bin/env python3
"""Django's commands.

Without ``DATABASE_URL`` the command uses the checkout's private servers: started when nobody runs them, the
database made and migrated when new, and stopped when nobody uses them any more. Commands that change tables work
as the owner of the tables, all others as the service's own role.
"""

import os
import subprocess
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from scripts.services import ServiceError, Services, exclusive

OWNER_COMMANDS = {"makemigrations", "migrate", "optimizemigration", "pgtrigger", "showmigrations", "sqlmigrate"}
PRODUCTION = "virtualschool.settings.production"
NO_DATABASE = {
    "--help",
    "--version",
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "startapp",
    "version",
}


def migrate_when_new(var: Path) -> None:
    """Make the tables of a database that has none yet; two commands at once do it once."""
    mark = var / "migrated"
    with exclusive(var / "migrate.lock"):
        if mark.exists():
            return
        command = [sys.executable, __file__, "migrate", "--verbosity=0"]
        subprocess.run(command, check=True, stdout=sys.stderr)
        mark.touch()


def execute(argv: list[str], command: str) -> None:
    if command in OWNER_COMMANDS:
        os.environ["VS_DB_ROLE"] = "owner"
    execute_from_command_line(argv)


def main(argv: list[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "virtualschool.settings.dev")
    command = argv[1] if len(argv) > 1 else "help"
    if os.environ.get("DATABASE_URL") or command in NO_DATABASE or {"--help", "-h"} & set(argv):
        execute(argv, command)
        return 0
    if os.environ["DJANGO_SETTINGS_MODULE"] == PRODUCTION:
        print("DATABASE_URL must be set in production: the private servers are for trying out.", file=sys.stderr)
        return 1
    services = Services()
    try:
        found = services.join()
        os.environ.update({name: os.environ.get(name) or value for name, value in found.items()})
        if command not in OWNER_COMMANDS:
            migrate_when_new(services.places.var)
        execute(argv, command)
    except ServiceError as failed:
        print(failed, file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as failed:
        return failed.returncode
    finally:
        services.leave()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
