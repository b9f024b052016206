"""What pages above the roll share with its own."""

from virtualschool.kernel.formpages import done, form_page

__all__ = ["done", "form_page"]
