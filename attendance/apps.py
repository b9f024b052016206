from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = "Attendance"

    def ready(self) -> None:
        from attendance import circumstances, notifications, pepfacts, tasks  # noqa: F401
        from attendance.exclusions import pepfacts as suspensions  # noqa: F401
        from attendance.imports.exclusions import import_exclusions
        from attendance.imports.marks import import_marks
        from children.imports.kinds import MEGABYTE, Kind, register

        register(
            Kind(
                name="attendance",
                title="Attendance marks",
                hint=(
                    "A CSV with a row for each session: upn or child_id, date, session, code. A collector with other columns has a "
                    "page of its own under “How files of marks are read”."
                ),
                read=import_marks,
                most_bytes=50 * MEGABYTE,
            )
        )
        register(
            Kind(
                name="exclusions",
                title="Suspensions and permanent exclusions",
                hint="A CSV with a row for each: child_id or upn, kind (SUSP, LNCH or PERM), start, last, reason, and more when known.",
                read=import_exclusions,
            )
        )
