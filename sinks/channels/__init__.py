"""Alerts to people: Alertmanager, signed webhooks, Slack. ``port`` is what every channel must be able to do."""
