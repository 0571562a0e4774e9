"""Prometheus metrics and health over HTTP, on loopback: the only module with that driver."""

import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

from analytics.changes import LATENESS_S
from analytics.changes import Metrics as EngineMetrics
from ingest.health import Health, State
from ingest.pipeline import Settled

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

HOST: Final = "127.0.0.1"


class Metrics:
    """Every number that ingest keeps about itself."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        counter, gauge = self._counter, self._gauge
        self.deliveries = counter("deliveries", "MQTT messages taken from the broker.")
        self.kept = counter("readings_kept", "Readings that were new.")
        self.duplicates = counter("readings_duplicate", "Further copies of kept readings.")
        self.refused = counter("refused", "Readings and payloads set aside.", "reason")
        self.flagged = counter("readings_flagged", "Readings kept with a doubt.", "flag")
        self.findings = counter("findings", "Findings new or changed.", "rule")
        self.transactions = counter("transactions", "Transactions committed.")
        self.store_failures = counter("store_failures", "Transactions that the store refused.")
        self.faults = counter("faults", "Errors of this software that the outermost loop caught.")
        self.ticks = counter("ticks", "Watermarks written because nobody spoke.")
        self.forgotten = counter("observations_forgotten", "Deleted by retention.")
        self.reconnects = counter("connections", "Connections to the broker made.")
        self.queue_depth = gauge("queue_depth", "Deliveries that wait.")
        self.connected = gauge("connected", "1 while the broker is there.")
        self.dead_letters = gauge("dead_letters", "Inputs ever set aside, from the store.")
        self.broker_dropped = gauge("broker_dropped", "Messages thrown away, as the broker says.")
        self.health = gauge("health", "0 ok, 1 degraded, 2 failing.")
        self.lag = gauge("watermark_lag_seconds", "Event time behind now.", "site")
        self.engine = gauge("engine", "Numbers of the rule engine.", "site", "number")
        self.late = gauge("engine_late", "Late readings, up to so many seconds.", "site", "up_to")
        self.commit = Histogram(
            "haechi_ingest_transaction_seconds",
            "From the first step to the acknowledgements.",
            registry=self.registry,
            buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30),
        )

    def count(self, settled: Settled, took_s: float) -> None:
        """Count what a transaction did."""
        given = sum(len(each.observations) for each in settled.inputs)
        self.deliveries.inc(len(settled.inputs))
        self.kept.inc(len(settled.new))
        self.duplicates.inc(given - len(settled.new))
        self.transactions.inc()
        self.commit.observe(took_s)
        for each in settled.inputs:
            for letter in each.letters:
                self.refused.labels(letter.reason.partition(":")[0]).inc()
        for observation in settled.new:
            for flag in observation.flags:
                self.flagged.labels(flag).inc()
        for _, findings in settled.found:
            for finding in findings:
                self.findings.labels(finding.rule).inc()

    def show_engine(self, site: str, metrics: EngineMetrics) -> None:
        """Show how a site's engine is."""
        for name in metrics.__struct_fields__:
            value = getattr(metrics, name)
            if isinstance(value, int):
                self.engine.labels(site, name).set(value)
        ends = [*map(str, LATENESS_S), "+Inf"]
        for end, count in zip(ends, metrics.lateness, strict=True):
            self.late.labels(site, end).set(count)

    def show_health(self, found: Health) -> None:
        """Show the state as a number that can be alerted on."""
        self.health.set(list(State).index(found.state))

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"haechi_ingest_{name}", text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"haechi_ingest_{name}", text, labels, registry=self.registry)


class Page:
    """Serves ``/metrics`` and ``/health`` from threads of its own."""

    def __init__(self, metrics: Metrics, health: Callable[[], Health], port: int) -> None:
        self._metrics, self._health = metrics, health
        self._server = make_server(HOST, port, self._answer, _Server, _QuietHandler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """Where it listens, also if any port was asked for."""
        return int(self._server.server_port)

    def close(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                self._metrics.show_health(self._health())
                start("200 OK", [("Content-Type", CONTENT_TYPE_LATEST)])
                return [generate_latest(self._metrics.registry)]
            case "/health":
                found = self._health()
                status = "503 Service Unavailable" if found.state is State.FAILING else "200 OK"
                start(status, [("Content-Type", "application/json")])
                return [msgspec.json.encode(found)]
            case _:
                start("404 Not Found", [("Content-Type", "text/plain")])
                return [b"/metrics or /health\n"]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: a scrape every few seconds is no news."""
