"""Fixtures for the tests of the whole repository."""

pytest_plugins = ["deploy.testing", "libs.common.testing"]
