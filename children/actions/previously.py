"""Children previously in care: advice when it is asked for, with the agreement of a person with parental responsibility.

Nothing is tracked. Until agreement and evidence of status are recorded a question may be written down, and no advice given
("Calderdale: the role of the Virtual School").
"""

from datetime import date
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from children import policies
from children.actions.common import not_to_come
from children.constraints import told
from children.models import Child, Enquiry, PreviouslyInCare
from virtualschool.accounts.models import User
from virtualschool.audit.log import record
from virtualschool.kernel.dates import today
from virtualschool.kernel.verdicts import Conflict, require


@transaction.atomic
def register(
    *,
    name: str,
    basis: str,
    since: date,
    by: User,
    year_of_birth: int | None = None,
    school_name: str = "",
    child: Child | None = None,
    key: UUID | None = None,
) -> PreviouslyInCare:
    """Open a record for a family that has asked.

    Args:
        child: the record in care; never for an adopted child.
        key: sent twice under one key it is one record.

    Raises:
        Refused: when ``by`` does not advise.
        ValidationError: when an adopted child's record would be joined to the record in care, or the child has one.
    """
    require(policies.can_advise(by))
    not_to_come(since, "The order must have been made today or before.")
    fields = {"name": name, "basis": basis, "since": since, "year_of_birth": year_of_birth, "school_name": school_name}
    with told():
        kept, new = PreviouslyInCare.objects.get_or_create(uuid=key or uuid4(), defaults={"child": child, **fields})
    if new:
        record("previously_in_care.registered", by=by, subject=kept, data={"basis": basis})
    return kept


@transaction.atomic
def record_agreement(
    *, about: PreviouslyInCare, agreed_by: str, agreed_on: date, evidence: str, evidence_seen_on: date, by: User
) -> PreviouslyInCare:
    """Who agreed, having parental responsibility, and what was seen as evidence of status. A new agreement ends a withdrawal.

    Raises:
        Refused: when ``by`` does not advise.
        ValidationError: when a date is to come.
    """
    about = _locked(about)
    require(policies.can_keep_previously_in_care(by, about))
    not_to_come(max(agreed_on, evidence_seen_on), "Agreement and evidence must be of today or before.")
    about.agreed_by, about.agreed_on, about.agreement_withdrawn_on = agreed_by, agreed_on, None
    about.evidence, about.evidence_seen_on = evidence, evidence_seen_on
    about.save(update_fields=["agreed_by", "agreed_on", "agreement_withdrawn_on", "evidence", "evidence_seen_on"])
    record("previously_in_care.agreed", by=by, subject=about, data={"on": agreed_on})
    return about


@transaction.atomic
def withdraw_agreement(*, about: PreviouslyInCare, by: User) -> PreviouslyInCare:
    """From today no advice on this child.

    Raises:
        Refused: when ``by`` does not advise.
        Conflict: when there is no agreement to withdraw.
    """
    about = _locked(about)
    require(policies.can_keep_previously_in_care(by, about))
    if about.agreed_on is None or about.agreement_withdrawn_on is not None:
        raise Conflict("There is no agreement that stands.")
    about.agreement_withdrawn_on = today()
    about.save(update_fields=["agreement_withdrawn_on"])
    record("previously_in_care.withdrawn", by=by, subject=about)
    return about


@transaction.atomic
def ask(
    *, about: PreviouslyInCare, asked_by: str, asked_on: date, question: str, by: User, key: UUID | None = None
) -> Enquiry:
    """Write down what a family or a school asked.

    Raises:
        Refused: when ``by`` does not advise.
        ValidationError: when the day is to come.
    """
    require(policies.can_keep_previously_in_care(by, about))
    not_to_come(asked_on, "They must have asked today or before.")
    fields = {"about": about, "asked_by": asked_by, "asked_on": asked_on, "question": question}
    enquiry, new = Enquiry.objects.get_or_create(uuid=key or uuid4(), defaults=fields)
    if new:
        record("enquiry.asked", by=by, subject=enquiry)
    return enquiry


@transaction.atomic
def advise(*, enquiry: Enquiry, advice: str, by: User) -> Enquiry:
    """Answer an enquiry, once.

    Raises:
        Refused: without standing agreement and evidence.
        Conflict: when it was answered already.
        ValidationError: without words.
    """
    enquiry = Enquiry.objects.select_for_update(of=("self",)).select_related("about").get(pk=enquiry.pk)
    require(policies.can_answer_enquiry(by, enquiry))
    if enquiry.advised_on is not None:
        raise Conflict("This enquiry was answered already.")
    if not advice.strip():
        raise ValidationError({"advice": "Enter the advice given."})
    enquiry.advice, enquiry.advised_by, enquiry.advised_on = advice, by, today()
    enquiry.save(update_fields=["advice", "advised_by", "advised_on"])
    record("enquiry.advised", by=by, subject=enquiry)
    return enquiry


def _locked(about: PreviouslyInCare) -> PreviouslyInCare:
    row: PreviouslyInCare = PreviouslyInCare.objects.select_for_update(of=("self",)).get(pk=about.pk)
    return row
