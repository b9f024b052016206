"""Mail that came back: read by the standard, marked once, and nothing but a true notification marks anybody."""

import smtplib
from email.message import EmailMessage
from email.message import Message as Part
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command

from tests.factories.accounts import UserFactory
from tests.factories.jobs import MessageFactory
from virtualschool.audit.models import AuditEvent
from virtualschool.jobs import bounces, outbox
from virtualschool.jobs.enums import MailState
from virtualschool.jobs.models import Message

pytestmark = pytest.mark.django_db
ADDRESS = "ann@council.example"


@pytest.fixture
def ann():
    return UserFactory(email=ADDRESS, name="Ann Example")


@pytest.fixture
def sent(ann):
    """A message to Ann that has left, and the mail it left in."""
    message = MessageFactory(to=ann)
    outbox.send_due()
    message.refresh_from_db()
    return message


def status(**fields) -> MIMEBase:
    part = MIMEBase("message", "delivery-status")
    server, person = Part(), Part()
    server["Reporting-MTA"] = "dns; mail.council.example"
    for name, value in fields.items():
        person[name.replace("_", "-")] = value
    part.set_payload([server, person])
    return part


def returned(mail_id: str, to: str = ADDRESS, *, headers_only: bool = False):
    inner = EmailMessage()
    inner["Message-ID"], inner["To"], inner["Subject"] = mail_id, to, "Something waits"
    inner.set_content("x")
    if headers_only:
        return MIMEText(inner.as_string().split("\n\n")[0], "rfc822-headers")
    part = MIMEBase("message", "rfc822")
    part.set_payload([inner])
    return part


def notification(*parts, kind="delivery-status") -> bytes:
    whole = MIMEMultipart("report")
    whole.set_param("report-type", kind)
    whole["From"], whole["Subject"] = "MAILER-DAEMON@council.example", "Undelivered"
    whole.attach(MIMEText("Your mail was not delivered."))
    for part in parts:
        whole.attach(part)
    return whole.as_bytes()


FAILED = {
    "Final_Recipient": f"rfc822; {ADDRESS}",
    "Action": "failed",
    "Status": "5.1.1",
    "Diagnostic_Code": "smtp; 550 5.1.1 No such user here",
}


class TestSentMail:
    def test_a_message_keeps_which_mail_it_left_in(self, sent):
        assert (sent.state, sent.mail_id) == (MailState.SENT, mail.outbox[0].extra_headers["Message-ID"])


class TestRead:
    @pytest.mark.parametrize("headers_only", [False, True])
    def test_a_failure(self, headers_only):
        found = bounces.read(notification(status(**FAILED), returned("<1@vs.example>", headers_only=headers_only)))
        assert (found.mail_id, found.for_good) == ("<1@vs.example>", True)
        assert found.because == "5.1.1 550 5.1.1 No such user here"
        assert ADDRESS in found.addresses

    def test_a_delay_is_no_failure(self):
        late = FAILED | {"Action": "delayed", "Status": "4.4.1"}
        assert bounces.read(notification(status(**late), returned("<1@vs.example>"))).for_good is False

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (b"   \n", "empty"),
            (b"\x00\xff\xfe odd bytes", "not a delivery status"),
            (b"Subject: Out of office\n\nI am away", "not a delivery status"),
            (notification(returned("<1@vs.example>"), kind="disposition-notification"), "not a delivery status"),
            (notification(status(**FAILED)), "does not return the mail"),
            (notification(returned("<1@vs.example>")), "no recipients"),
            (notification(status(Action="failed"), returned("<1@vs.example>")), "no recipients"),
            (b"x" * (bounces.LARGEST + 1), "larger than 10 MB"),
        ],
        ids=["empty", "blank", "bytes", "answer", "receipt", "no mail", "no status", "no recipient", "large"],
    )
    def test_anything_else_is_refused_with_words(self, content, words):
        with pytest.raises(bounces.NotABounce, match=words):
            bounces.read(content)

    def test_a_reason_cannot_draw_on_a_screen(self):
        odd = FAILED | {"Diagnostic_Code": "smtp; 550 \x1b[31mred " + "x" * 600}
        found = bounces.read(notification(status(**odd), returned("<1@vs.example>")))
        assert found.because.isprintable()
        assert len(found.because) == 300


class TestRecord:
    def bounce(self, message, to=ADDRESS, **changes):
        fields = FAILED | {"Final_Recipient": f"rfc822; {to}"} | changes
        return bounces.read(notification(status(**fields), returned(message.mail_id, to)))

    def test_it_marks_the_person_and_the_message_once(self, ann, sent):
        bounces.record(self.bounce(sent))
        bounces.record(self.bounce(sent))
        ann.refresh_from_db()
        sent.refresh_from_db()
        assert ann.email_bounced_at == sent.bounced_at is not None
        assert sent.bounced_because.endswith("No such user here")
        assert AuditEvent.objects.filter(verb="person.mail_came_back").count() == 1

    def test_every_message_of_the_mail(self, ann):
        MessageFactory.create_batch(3, to=ann)
        outbox.send_due()
        bounces.record(self.bounce(Message.objects.first()))
        assert Message.objects.filter(bounced_at__isnull=False).count() == 3

    def test_a_person_with_another_address_since_is_not_marked(self, ann, sent):
        bounce = self.bounce(sent)
        ann.email = "ann.new@council.example"
        ann.save()
        bounces.record(bounce)
        ann.refresh_from_db()
        sent.refresh_from_db()
        assert (ann.email_bounced_at, sent.bounced_at is not None) == (None, True)

    def test_a_mail_of_somebody_else_marks_nobody(self, ann, sent):
        sent.mail_id = "<another@elsewhere.example>"
        with pytest.raises(bounces.NotABounce, match="No mail of this service"):
            bounces.record(self.bounce(sent))
        sent.mail_id = ""
        with pytest.raises(bounces.NotABounce, match="No mail of this service"):
            bounces.record(self.bounce(sent))
        ann.refresh_from_db()
        assert ann.email_bounced_at is None


class TestRefusedAtOnce:
    def refuse(self, monkeypatch, code):
        def send(self, messages):
            raise smtplib.SMTPRecipientsRefused({ADDRESS: (code, b"5.1.1 <ann@council.example>: no such user")})

        monkeypatch.setattr(EmailBackend, "send_messages", send)

    def test_for_good_it_is_not_tried_again_and_the_person_is_marked(self, ann, monkeypatch):
        self.refuse(monkeypatch, 550)
        message = MessageFactory(to=ann)
        assert outbox.send_due() == 0
        message.refresh_from_db()
        ann.refresh_from_db()
        assert (message.state, message.bounced_at is not None) == (MailState.DROPPED, True)
        assert message.bounced_because.startswith("550 5.1.1")
        assert ann.email_bounced_at is not None

    def test_for_now_it_is_tried_again(self, ann, monkeypatch):
        self.refuse(monkeypatch, 451)
        message = MessageFactory(to=ann)
        outbox.send_due()
        message.refresh_from_db()
        ann.refresh_from_db()
        assert (message.state, ann.email_bounced_at) == (MailState.FAILED, None)


class TestCommand:
    def test_a_file_is_read_and_said(self, ann, sent, tmp_path, capsys):
        file = tmp_path / "bounce.eml"
        file.write_bytes(notification(status(**FAILED), returned(sent.mail_id)))
        call_command("read_bounce", str(file))
        assert "the mail to Ann Example came back (5.1.1 550 5.1.1 No such user here)" in capsys.readouterr().out

    def test_a_delay_marks_nobody(self, ann, sent, tmp_path, capsys):
        file = tmp_path / "delay.eml"
        late = FAILED | {"Action": "delayed", "Status": "4.4.1"}
        file.write_bytes(notification(status(**late), returned(sent.mail_id)))
        call_command("read_bounce", str(file))
        ann.refresh_from_db()
        assert ("Nothing is marked" in capsys.readouterr().out, ann.email_bounced_at) == (True, None)

    def test_one_that_cannot_be_read_does_not_hinder_the_others(self, ann, sent, tmp_path, capsys):
        good, bad = tmp_path / "good.eml", tmp_path / "bad.eml"
        good.write_bytes(notification(status(**FAILED), returned(sent.mail_id)))
        bad.write_bytes(b"nothing")
        with pytest.raises(CommandError, match="2 of 3 could not be read"):
            call_command("read_bounce", str(bad), str(tmp_path / "gone.eml"), str(good))
        told = capsys.readouterr()
        assert "bad.eml: This is not a delivery status notification (RFC 3464)." in told.err
        assert "gone.eml: No such file or directory" in told.err
        ann.refresh_from_db()
        assert ann.email_bounced_at is not None
