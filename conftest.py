"""Fixtures for the tests of the whole repository."""

from importlib.util import find_spec

pytest_plugins = ["deploy.testing"]
if find_spec("libs.common.testing"):
    pytest_plugins.append("libs.common.testing")
