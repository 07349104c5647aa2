"""Scripts and styles under names that change with their content, so that browsers may keep them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStorage(CompressedManifestStaticFilesStorage):
    """whitenoise's storage, which also writes hashed names into the `import` statements of our modules."""

    support_js_module_import_aggregation = True
