"""Static files with the hash of their content in their names."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """Compressed, hashed, and with imports between ES modules rewritten to the hashed names.

    An ``import`` line must end in a semicolon, or it is left as it is.
    """

    support_js_module_import_aggregation = True
