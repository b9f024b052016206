"""CSV of unknown habit, and cells that no spreadsheet runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtualschool.kernel import csvfiles
from virtualschool.kernel.csvfiles import BadRow, Row


def rows(content: bytes) -> list[Row | BadRow]:
    return list(csvfiles.read(content, name="x.csv").rows())


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("name;place\r\nZoë;Été\r\n".encode(), "utf-8-sig"),
        ("\ufeffname;place\r\nZoë;Été\r\n".encode(), "utf-8-sig"),
        ("name;place\nZoë;Été\n".encode("utf-16"), "utf-16"),
        ("name;place\rZoë;Été\r".encode("cp1252"), "cp1252"),
        ("name\tplace\nZoë\tÉté".encode(), "utf-8-sig"),
        ("name,place\nZoe\u0308,E\u0301te\u0301\n".encode(), "utf-8-sig"),
    ],
)
def test_reads_every_habit_of_encoding_delimiter_and_line_end(content, encoding):
    file = csvfiles.read(content, name="x.csv")

    assert (file.columns, file.encoding) == (("name", "place"), encoding)
    assert list(file.rows()) == [Row(2, {"name": "Zoë", "place": "Été"})]


def test_says_when_it_fell_back_on_windows_1252():
    assert csvfiles.read("a\né".encode("cp1252"), name="x.csv").note == (
        "x.csv is not UTF-8; it was read as Windows-1252. Check names with accents."
    )
    assert csvfiles.read(b"a\ne", name="x.csv").note == ""


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty, or its first line is."),
        (b"\r\n\r\n", "The file is empty, or its first line is."),
        (b",,\na,b,c", "The file is empty, or its first line is."),
        (b"a,b,A\n1,2,3", "The first line names a column twice: A."),
        (b"PK\x03\x04rest", "This is a ZIP archive or an Excel workbook, not a CSV file."),
        (b"\xd0\xcf\x11\xe0rest", "This is an old Excel workbook, not a CSV file."),
        (b"%PDF-1.7", "This is a PDF, not a CSV file."),
        (b"\xff\xfea\x00,\x00\x00", "The file says that it is UTF-16 and is not, or it was cut short."),
        ("a,b\n1,2".encode("utf-16-le"), "The first line is not a row of column names."),
        (b'"a,b\n1,2', "The first line is not a row of column names."),
        (b",".join([b"a"] * 600), "The first line is not a row of column names."),
    ],
)
def test_refuses_what_is_no_csv_file(content, reason):
    with pytest.raises(csvfiles.Unreadable) as refused:
        csvfiles.read(content, name="x.csv", fold=str.upper)

    assert str(refused.value) == reason


def test_a_file_with_a_header_only_has_no_rows():
    assert rows(b"a,b\r\n") == []


def test_counts_physical_lines_through_blank_lines_and_quoted_line_breaks():
    found = rows(b'a,b\n"1\n1",2\n\n,\n3,4\n')

    assert found == [Row(2, {"a": "1\n1", "b": "2"}), Row(6, {"a": "3", "b": "4"})]


def test_a_short_row_ends_in_empty_cells_and_a_long_one_is_refused():
    found = rows(b"a,b\n1\n1,2,,\n1,2,3\n")

    assert [found[0]["b"], found[1]["b"]] == ["", "2"]
    assert found[2] == BadRow(4, "The row has 3 cells and the header 2.", value="3")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (b"1\x00", "A cell holds a control character or a byte that is no character."),
        (b"\x1b[31m", "A cell holds a control character or a byte that is no character."),
        (b"\x81\xe9", "A cell holds a control character or a byte that is no character."),
        (b"x" * 4001, "A cell is longer than 4000 characters."),
        (b"x" * 200_000, "A cell is far too long."),
        (b'"1"1', "A quotation mark is opened or closed in the wrong place."),
    ],
)
def test_a_row_that_cannot_be_trusted_is_refused_and_the_next_is_read(cell, reason):
    found = rows(b"a,b\n1," + cell + b"\n3,4\n")

    assert (found[0].line, found[0].reason) == (2, reason)
    assert found[1] == Row(3, {"a": "3", "b": "4"})


def test_says_which_lines_a_stray_quotation_mark_swallowed():
    assert rows(b'a,b\n1,"2\n3,4\n5,6\n') == [
        BadRow(2, "A quotation mark is opened or closed in the wrong place. Lines 2 to 4 were not read.")
    ]


def test_columns_are_folded_and_unnamed_ones_get_a_number():
    file = csvfiles.read(b" a ,,b,,\n1,2,3,,\n", name="x.csv", fold=str.upper)

    assert file.columns == ("A", "(column 2)", "B")
    assert next(file.rows())["B"] == "3"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+44 20", "'+44 20"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("＋1", "'＋1"),
        ("－1", "'－1"),
        ("＠x", "'＠x"),
        ("'=1", "''=1"),
        ("-12.50", "-12.50"),
        ("0012", "0012"),
        ("H801200001001", "H801200001001"),
        ("O'Neil", "O'Neil"),
        (-3, "-3"),
        (None, ""),
    ],
)
def test_a_written_cell_is_no_formula_and_identifiers_stay_as_they_are(value, written):
    assert csvfiles.safe(value) == written


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_whatever_is_guarded_is_restored(text):
    guarded = csvfiles.safe(text)

    assert csvfiles.restored(guarded) == text
    assert guarded.lstrip(" ")[:1] not in set("=+@＝＋－＠")


def test_what_is_written_is_read_back():
    told = [["=1", "O'Neil, Ann"], ['say "no"', "two\nlines"], ["", "x"]]
    lines = "".join(csvfiles.write(["a", "b"], told))

    assert lines.startswith("a,b\r\n")
    assert [[row["a"], row["b"]] for row in csvfiles.read(lines.encode(), name="x").rows()] == told
    assert next(csv.reader(io.StringIO(lines.splitlines()[1])))[0] == "'=1"
