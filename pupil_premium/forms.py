from django import forms

from pupil_premium.money import financial_year, year_words
from virtualschool.kernel.dates import today
from virtualschool.kernel.forms import PageForm


class GrantForm(PageForm):
    """A year's grant in pounds."""

    submit_label = "Enter the grant"
    year = forms.TypedChoiceField(label="Financial year", coerce=int, widget=forms.RadioSelect)
    amount = forms.DecimalField(
        label="Grant in pounds",
        min_value=1,
        max_digits=11,
        decimal_places=2,
        help_text="From the Department for Education’s payment for children looked after.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-10"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        this = financial_year(today())
        self.fields["year"].choices = [(year, year_words(year)) for year in (this - 1, this, this + 1)]

    @property
    def pence(self) -> int:
        return int(self.cleaned_data["amount"] * 100)


class ReverseForm(PageForm):
    submit_label = "Reverse this entry"
    submit_kind = "warning"
    reason = forms.CharField(
        label="Why is it reversed?",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=500,
        help_text="The entry stays, with its opposite beside it.",
    )
