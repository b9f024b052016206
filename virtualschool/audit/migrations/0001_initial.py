import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import virtualschool.audit.triggers
import virtualschool.kernel.dates
from virtualschool.audit.migrations import _functions


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    # Every app's tables come after accounts' and may keep history, which needs the functions made here.
    run_before = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(_functions.TRIGGER_FUNCTIONS, _functions.DROP_TRIGGER_FUNCTIONS),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=virtualschool.kernel.dates.now)),
                ("verb", models.CharField(max_length=60)),
                (
                    "by",
                    models.CharField(
                        blank=True, help_text="The user's id; empty for the service itself.", max_length=64
                    ),
                ),
                ("by_name", models.CharField(blank=True, max_length=120)),
                ("subject_type", models.CharField(max_length=100)),
                ("subject_id", models.CharField(max_length=64)),
                ("child_id", models.CharField(blank=True, max_length=64)),
                ("why", models.TextField(blank=True)),
                ("data", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("request_id", models.CharField(blank=True, max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("table_name", models.CharField(max_length=63)),
                ("row_id", models.CharField(max_length=64)),
                ("child_id", models.CharField(max_length=64, null=True)),
                ("verb", models.CharField(choices=[("I", "added"), ("U", "changed"), ("D", "deleted")], max_length=1)),
                ("old", models.JSONField(help_text="What was; of a change, only the columns that changed.", null=True)),
                (
                    "new",
                    models.JSONField(help_text="What came; of a change, only the columns that changed.", null=True),
                ),
                ("user_id", models.CharField(blank=True, max_length=64)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("why", models.TextField(blank=True)),
                ("db_user", models.CharField(max_length=63)),
            ],
            options={
                "db_table": "audit_change",
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                (
                    "stream",
                    models.CharField(
                        choices=[
                            ("audit_change", "change history"),
                            ("audit_auditevent", "events"),
                            ("audit_accesslog", "access log"),
                        ],
                        max_length=63,
                    ),
                ),
                ("from_id", models.BigIntegerField()),
                ("to_id", models.BigIntegerField()),
                ("rows", models.IntegerField()),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=63),
                        help_text="The columns covered; one added later is not.",
                        size=None,
                    ),
                ),
                ("row_ids", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "row_digests",
                    models.BinaryField(help_text="SHA-256 of each row, 32 bytes each, in the order of row_ids."),
                ),
                ("previous", models.BinaryField()),
                ("digest", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=virtualschool.kernel.dates.now)),
                ("user_id", models.CharField(max_length=64)),
                ("role", models.CharField(blank=True, max_length=20)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("method", models.CharField(max_length=10)),
                ("route", models.CharField(help_text="The name of the address, never the address.", max_length=100)),
                (
                    "objects_named",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=36),
                        default=list,
                        help_text="The random ids in the address.",
                        size=None,
                    ),
                ),
                ("status", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("view", "opened a record"),
                            ("list", "saw a page or list"),
                            ("act", "did something"),
                            ("search", "searched"),
                            ("print", "printed"),
                            ("export", "exported"),
                            ("denied", "was refused"),
                            ("break_glass", "broke glass"),
                            ("audit", "read the audit"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "child_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "fields",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=30),
                        default=list,
                        help_text="The field groups shown.",
                        size=None,
                    ),
                ),
                ("reason", models.TextField(blank=True)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["child_ids"], name="access_to_child"),
                    models.Index(fields=["user_id", "-id"], name="access_by_user"),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="accesslog",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_refuse_change()",
                    func="",
                    hash="995a9eff0645951c1cb5cd91524722d6df1eae57",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_d991f",
                    table="audit_accesslog",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["subject_type", "subject_id", "-id"], name="event_of_subject"),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(
                condition=models.Q(("child_id", ""), _negated=True), fields=["child_id", "-id"], name="event_of_child"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="auditevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_refuse_change()",
                    func="",
                    hash="f07ee5eb01b54ae9cd3764d940841ff774ed44a2",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_00dfa",
                    table="audit_auditevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(fields=["table_name", "row_id", "-id"], name="change_of_row"),
        ),
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("child_id__isnull", False)), fields=["child_id", "-id"], name="change_of_child"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="change",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_refuse_change()",
                    func="",
                    hash="2a608ca00531c05d32683bb8e71ca8d5ce011b06",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_f2037",
                    table="audit_change",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.UniqueConstraint(fields=("stream", "from_id"), name="seal_starts_once"),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_id__gte", models.F("from_id"))), name="seal_runs_forward"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="seal",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=virtualschool.audit.triggers.SharedFunctionSql(
                    execute="audit_refuse_change()",
                    func="",
                    hash="85a5aeabfdd6d41e748df8d1a4a2e806f9bbe094",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_append_only_4de12",
                    table="audit_seal",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(_functions.SEAL_FUNCTIONS, _functions.DROP_SEAL_FUNCTIONS),
    ]
