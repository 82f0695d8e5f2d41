"""Traces by OpenTelemetry, sent to a collector over OTLP; imported only where one is named."""

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from libs.common.tracing import Attributes, Kind

_EXPORT_SECONDS = 3.0  # a process ends within ten, whether or not there is a collector
_W3C = TraceContextTextMapPropagator()


class OpenTelemetrySpan:
    """See `Span`."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        its = span.get_span_context()
        self.traceparent = f"00-{its.trace_id:032x}-{its.span_id:016x}-{its.trace_flags:02x}"

    def tell(self, name: str, attributes: Attributes) -> None:
        """See `Span`."""
        self._span.update_name(name)
        self._span.set_attributes(attributes)
        if "error.type" in attributes:
            self._span.set_status(trace.StatusCode.ERROR)

    def end(self, error: BaseException | None = None) -> None:
        """See `Span`."""
        if error is not None:
            # Its kind, and not its words: those may tell of a person.
            self._span.set_attribute("error.type", type(error).__name__)
            self._span.set_status(trace.StatusCode.ERROR)
        self._span.end()


class OpenTelemetryTracer:
    """See `Tracer`. Keeps `share` of the traces of which no caller says whether they are kept."""

    def __init__(self, endpoint: str, share: float, version: str) -> None:
        exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
        self._processor = BatchSpanProcessor(exporter)
        self._sampler = ParentBased(TraceIdRatioBased(share))
        self._version = version
        self._of: dict[str, trace.Tracer] = {}

    def begin(
        self, service: str, kind: Kind, name: str, parent: str | None, attributes: Attributes
    ) -> OpenTelemetrySpan:
        """See `Tracer`."""
        above = _W3C.extract({"traceparent": parent} if parent else {})
        tracer = self._of.get(service) or self._open(service)
        span = tracer.start_span(name, above, trace.SpanKind[kind], attributes)
        return OpenTelemetrySpan(span)

    def _open(self, service: str) -> trace.Tracer:
        about = {"service.name": service, "service.namespace": "waymark"}
        resource = Resource.create(about | {"service.version": self._version})
        provider = TracerProvider(self._sampler, resource, shutdown_on_exit=False)
        provider.add_span_processor(self._processor)
        tracer = self._of[service] = provider.get_tracer("waymark")
        return tracer

    def close(self) -> None:
        """Send what has ended; then none is sent any more."""
        self._processor.shutdown()  # type: ignore[no-untyped-call]
