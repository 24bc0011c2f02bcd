"""The console: what the archive knows, as web pages and as a JSON API.

It writes nothing but people's verdicts on what waits for one, onto the topic they belong to.
"""
