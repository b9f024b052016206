"""The PEP's field list as data: sections and fields, who fills and who reads them, in dated versions."""

from peps.layouts.lines import Line, Lines
from peps.layouts.loader import current, of_version, versions
from peps.layouts.spec import (
    ROW,
    Circumstance,
    ColumnSpec,
    FactSpec,
    FieldSpec,
    FieldType,
    Occasion,
    PepLayout,
    SectionSpec,
    When,
    as_kept,
    empty,
    gaps,
)

__all__ = [
    "ROW",
    "Circumstance",
    "ColumnSpec",
    "FactSpec",
    "FieldSpec",
    "FieldType",
    "Line",
    "Lines",
    "Occasion",
    "PepLayout",
    "SectionSpec",
    "When",
    "as_kept",
    "current",
    "empty",
    "gaps",
    "of_version",
    "versions",
]
