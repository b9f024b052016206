"""Pages of lists, tables and charts, from whatever is asked of them."""

import pytest
from django.test import RequestFactory

from virtualschool.kernel.charts import bar_chart
from virtualschool.kernel.pagination import Pages, paginate
from virtualschool.kernel.tables import STATUS_COLOURS, TAG_CLASSES, Cell, Column, table, tag_class


def asked(rf: RequestFactory, query: str, count: int = 60, per_page: int = 25) -> Pages:
    return paginate(rf.get(f"/?{query}"), range(count), per_page=per_page)


class TestPagination:
    @pytest.mark.parametrize(
        ("query", "number"),
        [
            ("", 1),
            ("page=2", 2),
            ("page=3", 3),
            ("page=4", 3),
            ("page=0", 1),
            ("page=-1", 1),
            ("page=last", 1),
            ("page=%C2%B2", 1),
            ("page=%D9%A2", 1),
            ("page=" + "9" * 5000, 3),
            ("page=1.5", 1),
            ("page=2&page=3", 3),
        ],
    )
    def test_any_number_is_a_page(self, rf: RequestFactory, query: str, number: int) -> None:
        assert asked(rf, query).number == number

    def test_rows_are_counted_from_one(self, rf: RequestFactory) -> None:
        pages = asked(rf, "page=3")
        assert (list(pages.rows), pages.first, pages.last, pages.total, pages.of) == (
            list(range(50, 60)),
            51,
            60,
            60,
            3,
        )

    def test_an_empty_list_is_one_empty_page(self, rf: RequestFactory) -> None:
        pages = asked(rf, "page=2", count=0)
        assert (list(pages.rows), pages.first, pages.last, pages.of, pages.previous, pages.next) == (
            [],
            0,
            0,
            1,
            "",
            "",
        )

    def test_links_keep_the_filter(self, rf: RequestFactory) -> None:
        pages = asked(rf, "year=6&year=11&q=O%27Neil&page=2")
        assert pages.next == "?year=6&year=11&q=O%27Neil&page=3"
        assert pages.previous == "?year=6&year=11&q=O%27Neil&page=1"

    def test_far_pages_are_left_out(self, rf: RequestFactory) -> None:
        pages = asked(rf, "page=5", count=250)
        assert ["gap" if link.gap else link.number for link in pages.links] == [1, "gap", 4, 5, 6, "gap", 10]
        assert [link.number for link in pages.links if link.current] == [5]


class TestTables:
    def test_the_first_cell_heads_its_row_unless_a_column_says_so(self) -> None:
        assert [cell.header for cell in table("T", ["A", "B"], [["a", "b"]]).rows[0]] == [True, False]
        assert [cell.header for cell in table("T", ["A", Column("B", header=True)], [["a", "b"]]).rows[0]] == [
            False,
            True,
        ]

    def test_plain_values_become_cells(self) -> None:
        row = table("T", ["A", "B", "C"], [["a", 0, None]]).rows[0]
        assert [cell.cell for cell in row] == [Cell("a"), Cell("0"), Cell("")]

    def test_a_row_must_fit_its_columns(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            table("T", ["A", "B"], [["a"]])

    def test_every_status_has_a_colour_that_there_is(self) -> None:
        assert {colour for colour in STATUS_COLOURS.values() if colour != "blue"} <= set(TAG_CLASSES)

    @pytest.mark.parametrize(
        ("colour", "status", "expected"),
        [
            ("red", "", "govuk-tag--red"),
            ("", "overdue", "govuk-tag--red"),
            ("blue", "", ""),
            ("", "unheard", ""),
            ("grey", "overdue", "govuk-tag--grey"),
        ],
    )
    def test_colour_goes_before_status(self, colour: str, status: str, expected: str) -> None:
        assert tag_class(colour, status) == expected


class TestCharts:
    def test_bars_share_one_scale(self) -> None:
        chart = bar_chart("Rate", [("A", 50), ("B", 100, "/b/"), ("C", 0)], unit="%")
        assert [(bar.width, bar.words, bar.href) for bar in chart.bars] == [
            (168, "50%", ""),
            (336, "100%", "/b/"),
            (0, "0%", ""),
        ]
        assert chart.summary == "Rate: A 50%; B 100%; C 0%"

    @pytest.mark.parametrize("rows", [[], [("A", 0)], [("A", -3)]])
    def test_nothing_to_draw_is_no_fault(self, rows: list[tuple[str, float]]) -> None:
        assert [bar.width for bar in bar_chart("Rate", rows).bars] == [0] * len(rows)
