"""The one row that says a database is made up."""

from django.db import models


class DemoAuthority(models.Model):
    """This database holds made-up children only, of this seed and as at this date. Without the row, `demo` refuses where children are."""

    seed = models.IntegerField()
    children = models.IntegerField()
    as_at = models.DateField()
    made_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Without it the making was broken off.")

    class Meta:
        verbose_name_plural = "demo authorities"

    def __str__(self) -> str:
        return f"demo authority of {self.children} children as at {self.as_at}"
