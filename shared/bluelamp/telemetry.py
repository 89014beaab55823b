"""Logs and figures of every function: Powertools, set up once. No text of a post, no name and no token goes in."""

from __future__ import annotations

from aws_lambda_powertools import Logger, Metrics

# Service name, level and namespace come from the POWERTOOLS_* variables of the template.
logger = Logger(use_rfc3339=True, utc=True)
metrics = Metrics()
