"""What others see of a process from outside: traces at a collector, metrics on their own port."""

import importlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from deploy.runtime import VERSION, NotConfigured
from deploy.server import listen
from deploy.settings import DeploySettings
from libs.common import tracing


@contextmanager
def observed(settings: DeploySettings) -> Iterator[socket.socket | None]:
    """Send traces as long as this lasts, and give the socket of `METRICS_PORT`, where it is set.

    Apps that are made before this are not traced.

    Raises:
        NotConfigured: traces are wanted, and what they need is not installed.
    """
    port = settings.metrics_port
    with traced(settings):
        if port is None:
            yield None
            return
        with listen(settings.host, port) as listener:
            yield listener


@contextmanager
def traced(settings: DeploySettings) -> Iterator[None]:
    """Send traces to `OTEL_EXPORTER_OTLP_ENDPOINT`, where it is set."""
    endpoint = settings.otel_exporter_otlp_endpoint
    if endpoint is None:
        yield
        return
    tracer = opentelemetry().OpenTelemetryTracer(
        endpoint, settings.otel_traces_sampler_arg, VERSION
    )
    tracing.tracer = tracer
    try:
        yield
    finally:
        tracing.tracer = None
        tracer.close()


def opentelemetry() -> Any:
    """Return the module that speaks OpenTelemetry; a process without traces never loads it.

    Raises:
        NotConfigured: it is not installed.
    """
    try:
        return importlib.import_module("deploy.traces")
    except ImportError as error:
        raise NotConfigured(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: install"
            " waymark[telemetry], or unset it"
        ) from error
