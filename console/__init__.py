"""The console: what the archive knows, as web pages and as a JSON API. It reads and never writes."""
