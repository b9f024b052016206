"""Load the code lists of ``children/data``."""

from django.db import migrations

from children import codelists


def load(apps, schema_editor):
    codelists.load(apps.get_model("children", "ReferenceCode"), apps.get_model("children", "LocalAuthority"))


class Migration(migrations.Migration):
    dependencies = [("children", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop, elidable=False)]
