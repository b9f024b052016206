"""Requests that make no sense are refused with a 4xx before any view, and never with a 500."""

import io
import unicodedata

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_out
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from virtualschool.kernel import hardening
from virtualschool.kernel.hardening import GuardedApplication, HardFloorMiddleware, HeadersMiddleware, has_controls

pytestmark = pytest.mark.urls("tests.kernel.urls_faults")
FORM = "application/x-www-form-urlencoded"
CONTROLS = ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x80", "\x85", "\x9f"]

UNMAKEABLE = ["idna", "rot13", "base64", "punycode"]


def serve(method: str, query: str, content_type: str) -> str:
    """The status line that the application gives to a web server."""
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": "/echo/",
        "QUERY_STRING": query,
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": "3",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(b"q=a"),
    }
    lines: list[str] = []
    list(GuardedApplication(WSGIHandler())(environ, lambda status, headers: lines.append(status)))
    return lines[0]


@pytest.fixture
def visitor() -> Client:
    """A client that gets the 500 page where the service would have shown one."""
    return Client(raise_request_exception=False)


def multipart(name: bytes, value: bytes, disposition: bytes = b"") -> bytes:
    return (
        b'--b\r\nContent-Disposition: form-data; name="'
        + name
        + b'"'
        + disposition
        + b"\r\n\r\n"
        + value
        + b"\r\n--b--\r\n"
    )


class TestMethods:
    @pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "\u00e9"])
    def test_unknown_methods_are_405(self, visitor: Client, method: str) -> None:
        response = visitor.generic(method, "/echo/")
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, POST, OPTIONS")

    @pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
    def test_known_methods_pass(self, visitor: Client, method: str) -> None:
        assert visitor.generic(method, "/echo/").status_code == 200


class TestHost:
    @pytest.mark.parametrize("host", ["evil.example", "a b", "\u00e9", "x" * 300, "testserver:abc", ""])
    def test_a_strange_host_is_400(self, visitor: Client, host: str) -> None:
        assert visitor.get("/echo/", HTTP_HOST=host).status_code == 400


@pytest.mark.django_db  # a request that starts asks after the state of the connection
class TestCharset:
    @pytest.mark.parametrize("charset", ["utf-16", "utf-7", "latin-1", "utf8", "x-nothing", "\u00e9", "us-ascii"])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_odd_charsets_are_415(self, visitor: Client, method: str, charset: str) -> None:
        response = visitor.generic(method, "/echo/?q=%41", b"q=a", content_type=f"{FORM}; charset={charset}")
        assert response.status_code == 415

    @pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
    def test_utf8_passes(self, visitor: Client, charset: str) -> None:
        response = visitor.post("/echo/", "q=Zo%C3%AB", content_type=f"{FORM}; charset={charset}")
        assert response.content.decode() == "|Zoë|"

    def test_a_part_in_an_unknown_charset_is_no_fault_of_ours(self, visitor: Client) -> None:
        body = multipart(b"q", b"a", b"; filename*=x-nothing''%41")
        assert visitor.generic("POST", "/echo/", body, content_type="multipart/form-data; boundary=b").status_code < 500

    @pytest.mark.parametrize(
        "kind", [f"{FORM}; charset={name}" for name in UNMAKEABLE] + ["multipart/form-data; boundary*=x-nothing''%41"]
    )
    @pytest.mark.parametrize("method", ["GET", "POST"])
    def test_what_breaks_djangos_request_is_400(self, method: str, kind: str) -> None:
        assert serve(method, "q=%41", kind) == "400 Bad Request"

    def test_a_thousand_parameters_beside_a_charset_are_400(self) -> None:
        query = "&".join(f"f{n}=" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
        assert serve("GET", query, f"{FORM}; charset=utf-8") == "400 Bad Request"

    def test_the_server_answers_what_is_sound(self) -> None:
        assert serve("GET", "q=%41", f"{FORM}; charset=utf-8") == "200 OK"


class TestContentType:
    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "application/xml", "x", ""])
    def test_other_bodies_are_415(self, visitor: Client, kind: str) -> None:
        assert visitor.generic("POST", "/echo/", b"q=a", content_type=kind).status_code == 415

    @pytest.mark.parametrize(
        "kind", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "x" * 300]
    )
    def test_malformed_multipart_is_400(self, visitor: Client, kind: str) -> None:
        assert visitor.generic("POST", "/echo/", b"--b\r\nq", content_type=kind).status_code == 400

    @pytest.mark.parametrize("length", ["-1", "abc", "1e3", "\u0661"])
    def test_a_strange_length_is_400(self, visitor: Client, length: str) -> None:
        assert visitor.generic("POST", "/echo/", b"q=a", content_type=FORM, CONTENT_LENGTH=length).status_code == 400


class TestControls:
    @pytest.mark.parametrize("control", CONTROLS)
    def test_in_a_query_a_field_a_name_and_a_cookie(self, visitor: Client, control: str) -> None:
        assert visitor.get("/echo/", {"q": f"a{control}b"}).status_code == 400
        assert visitor.get("/echo/", {f"a{control}b": "q"}).status_code == 400
        assert visitor.post("/echo/", f"q=a{_percent(control)}b", content_type=FORM).status_code == 400
        assert visitor.post("/echo/", f"a{_percent(control)}b=q", content_type=FORM).status_code == 400
        assert visitor.post("/echo/", {"q": f"a{control}b"}).status_code == 400

    @pytest.mark.parametrize("control", ["\x00", "\x1b", "\x7f", "\x85"])
    def test_in_the_path(self, visitor: Client, control: str) -> None:
        assert visitor.get(f"/echo/{_percent(control)}").status_code == 400

    def test_in_the_session_cookie(self, visitor: Client) -> None:
        visitor.cookies[settings.SESSION_COOKIE_NAME] = "a\x00b" * 10
        assert visitor.get("/echo/").status_code == 400

    def test_in_the_name_of_a_file(self, visitor: Client) -> None:
        body = multipart(b"f", b"x", b'; filename="a\x0bb.csv"')
        response = visitor.generic("POST", "/echo/", body, content_type="multipart/form-data; boundary=b")
        assert response.content == b"||ab.csv"  # Django takes out of a file's name what cannot be printed

    def test_tabs_and_line_ends_pass(self, visitor: Client) -> None:
        assert visitor.post("/echo/", {"q": "a\tb\r\nc\n"}).content == b"|a\tb\r\nc\n|"

    def test_letters_of_every_script_pass(self, visitor: Client) -> None:
        words = "Zoë O’Neil 王小明 محمد 🎒 é"
        assert visitor.post("/echo/", {"q": words}).content.decode() == f"|{words}|"
        assert visitor.get("/echo/", {"q": words}).content.decode() == f"{words}||"

    def test_every_control_character_is_known(self) -> None:
        expected = {chr(n) for n in range(0x110000) if unicodedata.category(chr(n)) == "Cc"} - set("\t\n\r")
        assert {chr(n) for n in range(0x110000) if has_controls(chr(n))} == expected


class TestBytes:
    @pytest.mark.parametrize("raw", ["%FF", "%C3%28", "%E2%82", "%ED%A0%80", "%F8%88%80%80%80"])
    def test_what_is_not_utf8_is_400(self, visitor: Client, raw: str) -> None:
        assert visitor.generic("GET", "/echo/", QUERY_STRING=f"q={raw}").status_code == 400
        assert visitor.post("/echo/", f"q={raw}", content_type=FORM).status_code == 400
        assert visitor.get(f"/echo/{raw}").status_code == 400

    def test_raw_bytes_in_the_query_and_the_body(self, visitor: Client) -> None:
        assert visitor.generic("GET", "/echo/", QUERY_STRING="q=\xff").status_code == 400
        assert visitor.generic("POST", "/echo/", b"q=\xff", content_type=FORM).status_code == 400

    def test_in_multipart_fields(self, visitor: Client) -> None:
        body = multipart(b"q", b"\xff\xfe")
        assert (
            visitor.generic("POST", "/echo/", body, content_type="multipart/form-data; boundary=b").status_code == 400
        )

    def test_a_file_with_such_a_name_is_not_taken(self, visitor: Client) -> None:
        named = multipart(b"f", b"x", b'; filename="a\xff.csv"')
        response = visitor.generic("POST", "/echo/", named, content_type="multipart/form-data; boundary=b")
        assert response.content == b"||"

    def test_a_file_may_hold_any_bytes(self, visitor: Client) -> None:
        upload = SimpleUploadedFile("roll.csv", b"\x00\xff\xfe")
        assert visitor.post("/echo/", {"f": upload}).content == b"||roll.csv"


class TestSizes:
    def test_a_field_over_the_limit_is_413(self, visitor: Client) -> None:
        assert visitor.post("/echo/", {"q": "a" * hardening.MAX_FIELD}).status_code == 200
        assert visitor.post("/echo/", {"q": "a" * (hardening.MAX_FIELD + 1)}).status_code == 413

    def test_a_body_over_djangos_limit_is_413(self, visitor: Client) -> None:
        size = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1
        assert visitor.post("/echo/", "q=" + "a" * size, content_type=FORM).status_code == 413

    def test_a_declared_length_over_ours_is_413(self, visitor: Client) -> None:
        response = visitor.generic(
            "POST", "/echo/", b"q=a", content_type=FORM, CONTENT_LENGTH=str(hardening.MAX_BODY + 1)
        )
        assert response.status_code == 413

    def test_a_long_query_is_414(self, visitor: Client) -> None:
        assert visitor.get("/echo/", {"q": "a" * hardening.MAX_QUERY}).status_code == 414

    def test_too_many_fields_are_400(self, visitor: Client) -> None:
        names = "&".join(f"f{n}=" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
        assert visitor.post("/echo/", names, content_type=FORM).status_code == 400


class TestHeaders:
    def test_every_answer_says_keep_nothing(self, visitor: Client) -> None:
        for response in (visitor.get("/echo/"), visitor.get("/nowhere/"), visitor.generic("PUT", "/echo/")):
            assert response["Cache-Control"] == "no-store"
            assert response["Referrer-Policy"] == "same-origin"
            assert response["Cross-Origin-Opener-Policy"] == "same-origin"
            assert response["X-Content-Type-Options"] == "nosniff"
            assert "camera=()" in response["Permissions-Policy"]
            assert "default-src 'none'" in response["Content-Security-Policy"]
            assert not response.has_header("Clear-Site-Data")

    def test_signing_out_clears_what_the_browser_holds(self, rf: RequestFactory) -> None:
        def sign_out(request: HttpRequest) -> HttpResponse:
            user_logged_out.send(sender=None, request=request, user=None)
            return HttpResponse()

        response = HeadersMiddleware(sign_out)(rf.post("/"))
        assert response["Clear-Site-Data"] == '"cache", "storage"'


def test_refusals_need_no_database(rf: RequestFactory) -> None:
    """No database mark on this module: any query would fail the test."""
    response = HardFloorMiddleware(lambda request: HttpResponse())(rf.get("/", {"q": "\x00"}))
    assert (response.status_code, b"could not be understood" in response.content) == (400, True)


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())
