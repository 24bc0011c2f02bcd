"""Orders into an ERP, and its answers back. ``port`` is what every ERP must be able to do."""
