"""The PEP's field list as data: sections and fields, who fills and who reads them, in dated versions."""

from peps.layouts.loader import current, of_version, versions
from peps.layouts.spec import Circumstance, FieldSpec, FieldType, Occasion, PepLayout, SectionSpec, When, empty

__all__ = [
    "Circumstance",
    "FieldSpec",
    "FieldType",
    "Occasion",
    "PepLayout",
    "SectionSpec",
    "When",
    "current",
    "empty",
    "of_version",
    "versions",
]
