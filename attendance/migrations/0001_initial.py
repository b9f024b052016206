import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import attendance.fields
import virtualschool.audit.triggers
from attendance.migrations import _tables


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("children", "0002_reference_codes"),
    ]

    operations = [
        migrations.CreateModel(
            name="MarkDispute",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("date", models.DateField()),
                ("session", models.CharField(choices=[("AM", "morning"), ("PM", "afternoon")], max_length=2)),
                ("code", attendance.fields.LetterField(help_text="The stored letter of what this source says.")),
                ("open", models.BooleanField(default=True)),
            ],
            options={
                "db_table": "attendance_dispute",
            },
        ),
        migrations.CreateModel(
            name="MarkSource",
            fields=[
                ("id", models.SmallAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40, unique=True)),
            ],
            options={
                "db_table": "attendance_source",
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_tables.DAY_TABLE, _tables.DROP_DAY_TABLE)],
            state_operations=[
                migrations.CreateModel(
                    name="AttendanceDay",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "child_id", "date", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("date", models.DateField()),
                        ("am", attendance.fields.LetterField(null=True, verbose_name="morning")),
                        ("pm", attendance.fields.LetterField(null=True, verbose_name="afternoon")),
                        ("am_source", models.SmallIntegerField(null=True, verbose_name="source of the morning's mark")),
                        (
                            "pm_source",
                            models.SmallIntegerField(null=True, verbose_name="source of the afternoon's mark"),
                        ),
                        (
                            "child",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="attendance_days",
                                to="children.child",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "attendance_day",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("am__isnull", False), ("pm__isnull", False), _connector="OR"),
                                name="attendance_day_has_a_mark",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("am__isnull", True), ("am_source__isnull", True)),
                                    models.Q(("am__isnull", False), ("am_source__isnull", False)),
                                    _connector="OR",
                                ),
                                name="morning_mark_has_a_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("pm__isnull", True), ("pm_source__isnull", True)),
                                    models.Q(("pm__isnull", False), ("pm_source__isnull", False)),
                                    _connector="OR",
                                ),
                                name="afternoon_mark_has_a_source",
                            ),
                        ],
                    },
                ),
            ],
        ),
        migrations.CreateModel(
            name="AttendanceYear",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "year", "child_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("year", models.SmallIntegerField(help_text="The calendar year it begins in.")),
                ("marked", attendance.fields.BitsField(help_text="Sessions with any mark.", length=732)),
                (
                    "possible",
                    attendance.fields.BitsField(help_text="Sessions the child could have attended.", length=732),
                ),
                ("absent", attendance.fields.BitsField(help_text="Possible sessions missed.", length=732)),
                (
                    "unauthorised",
                    attendance.fields.BitsField(help_text="Sessions missed without authority.", length=732),
                ),
                (
                    "unexplained",
                    attendance.fields.BitsField(help_text="Sessions missed for a reason nobody knows yet.", length=732),
                ),
                (
                    "child",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attendance_years",
                        to="children.child",
                    ),
                ),
            ],
            options={
                "db_table": "attendance_year",
            },
        ),
        migrations.CreateModel(
            name="MarkChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("child_id", models.BigIntegerField()),
                ("date", models.DateField()),
                ("session", models.CharField(choices=[("AM", "morning"), ("PM", "afternoon")], max_length=2)),
                ("was", attendance.fields.LetterField()),
                ("became", attendance.fields.LetterField(null=True)),
                ("source_was", models.SmallIntegerField()),
                ("source_became", models.SmallIntegerField(null=True)),
                ("user_id", models.CharField(blank=True, max_length=64)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("why", models.TextField(blank=True)),
                ("db_user", models.CharField(max_length=63)),
            ],
            options={
                "db_table": "attendance_markchange",
                "indexes": [models.Index(fields=["child_id", "date"], name="mark_change_of_day")],
            },
        ),
        migrations.RunSQL(_tables.MONTHS, _tables.DROP_MONTHS),
        migrations.RunSQL(_tables.PLACES, _tables.DROP_PLACES),
        migrations.RunSQL(_tables.CHANGES, _tables.DROP_CHANGES),
        migrations.RunSQL(_tables.YEAR_ROOM, _tables.YEAR_NO_ROOM),
        pgtrigger.migrations.AddTrigger(
            model_name="markchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_refuse_change()",
                    func="",
                    hash="b40bc790fbc0d5a1f6e04a232029f6ba41cd8d14",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_6272d",
                    table="attendance_markchange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddField(
            model_name="markdispute",
            name="child",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="mark_disputes", to="children.child"
            ),
        ),
        migrations.AddField(
            model_name="markdispute",
            name="source",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="attendance.marksource"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="marksource",
            trigger=pgtrigger.compiler.Trigger(
                name="history",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_record_change('id', '', '', '')",
                    func="",
                    hash="f362119ec9c70fd6bb58818393c0f584627fd6d5",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_history_c88d7",
                    table="attendance_source",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="markdispute",
            index=models.Index(condition=models.Q(("open", True)), fields=["date"], name="mark_dispute_open"),
        ),
        migrations.AddConstraint(
            model_name="markdispute",
            constraint=models.UniqueConstraint(
                fields=("child", "date", "session", "source"), name="mark_dispute_once_a_source"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="markdispute",
            trigger=pgtrigger.compiler.Trigger(
                name="history",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_record_change('id', 'child_id', '', '')",
                    func="",
                    hash="80b85f88087bec26cb65fcd21c9cdff33398a473",
                    operation="INSERT OR UPDATE OR DELETE",
                    pgid="pgtrigger_history_a8796",
                    table="attendance_dispute",
                    when="AFTER",
                ),
            ),
        ),
    ]
