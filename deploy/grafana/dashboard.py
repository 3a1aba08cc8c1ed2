# SPDX-License-Identifier: Apache-2.0
"""Makes dashboards/cordwood.json, the Grafana dashboard: one line of this file a panel.

    python3 deploy/grafana/dashboard.py            # writes it
    python3 deploy/grafana/dashboard.py --check    # exit status 1 if it is not what is written here

Panels are laid out in rows of 24 columns. $instance and $job are chosen at the top of the page.
"""
from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "dashboards" / "cordwood.json"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
PICK = 'job=~"$job",instance=~"$instance"'
COLUMNS = 24


@dataclass
class Query:
    expr: str  # @ stands for the chosen jobs and instances, # for the rate's window
    legend: str = "{{instance}}"


@dataclass
class Panel:
    title: str
    queries: list[Query]
    unit: str
    width: int = 12
    height: int = 8
    kind: str = "timeseries"
    help: str = ""
    stacked: bool = False
    maximum: float | None = None
    # stat panels: (from value, colour), the first from minus infinity
    steps: list[tuple[float | None, str]] = field(default_factory=lambda: [(None, "green")])
    words: dict[str, str] = field(default_factory=dict)  # value -> text


def rate(metric: str, by: str, more: str = "") -> Query:
    legend = "{{%s}}" % by
    return Query(f"sum by ({by}) (rate({metric}{{@{more}}}[#]))", legend)


def quantile(share: float) -> Query:
    buckets = "sum by (le) (rate(cordwood_record_latency_seconds_bucket{@}[#]))"
    return Query(f"histogram_quantile({share}, {buckets})", f"p{round(share * 100)}")


ALARM = [(None, "green"), (1, "red")]

ROWS: list[tuple[str, list[Panel]]] = [
    ("Now", [
        Panel("Archive", [Query("max(cordwood_archive_stalled{@})", "")], "none", 4, 4, "stat",
              steps=ALARM, words={"0": "archiving", "1": "stalled"}),
        Panel("Records", [Query("sum(rate(cordwood_records_received_total{@}[#]))", "")], "ops",
              4, 4, "stat"),
        Panel("Received", [Query("sum(rate(cordwood_received_bytes_total{@}[#]))", "")], "Bps",
              4, 4, "stat"),
        Panel("Rejected", [Query(
            "sum(rate(cordwood_records_rejected_total{@}[#]))"
            " / (sum(rate(cordwood_records_received_total{@}[#])) > 0)", "")], "percentunit",
              4, 4, "stat", steps=[(None, "green"), (0.001, "yellow"), (0.01, "red")]),
        Panel("Dropped", [Query("sum(increase(cordwood_records_dropped_total{@}[$__range]))", "")],
              "short", 4, 4, "stat", steps=ALARM, help="In the time shown."),
        Panel("Connections", [Query("sum(cordwood_connections_open{@})", "")], "short", 4, 4,
              "stat"),
    ]),
    ("Records", [
        Panel("Received by format", [rate("cordwood_records_received_total", "format")], "ops",
              stacked=True),
        Panel("Archived by severity", [rate("cordwood_records_by_severity_total", "severity")],
              "ops", stacked=True),
        Panel("Rejected by reason", [rate("cordwood_records_rejected_total", "reason")], "ops",
              stacked=True, help="Kept in rejected_* files with the reason and the bytes."),
        Panel("Dropped by reason; datagrams the kernel dropped",
              [rate("cordwood_records_dropped_total", "reason"),
               Query("sum(rate(cordwood_udp_datagrams_dropped_total{@}[#]))", "datagrams")], "ops"),
        Panel("Latency", [quantile(0.5), quantile(0.99)], "s",
              help="From a readable socket to the line in the compressor's hands."),
        Panel("Values filled in", [rate("cordwood_records_defaulted_total", "field")], "ops",
              help="What senders left out of normalised records."),
    ]),
    ("Work", [
        Panel("Load of each shard", [Query("rate(cordwood_shard_busy_seconds_total{@}[#])",
                                           "{{instance}} shard {{shard}}")], "percentunit",
              maximum=1),
        Panel("Queue", [Query("sum by (instance) (cordwood_queue_records{@})"),
                        Query("sum by (instance) (cordwood_records_in_flight{@})",
                              "{{instance}} in flight")], "short"),
        Panel("Backpressure", [rate("cordwood_backpressure_pauses_total", "instance")], "ops",
              help="Times a shard stopped reading because its output had no room."),
        Panel("Accounting", [Query(
            "sum by (instance) (cordwood_records_received_total{@})"
            " - sum by (instance) (cordwood_records_archived_total{@})"
            " - sum by (instance) (cordwood_records_rejected_total{@})"
            " - sum by (instance) (cordwood_records_dropped_total{@})"
            " - sum by (instance) (cordwood_records_in_flight{@})")], "short",
              help="Received less archived, rejected, dropped and in flight: 0 at every moment."),
    ]),
    ("Archive", [
        Panel("Bytes of lines in, compressed out",
              [Query("sum(rate(cordwood_archive_input_bytes_total{@}[#]))", "in"),
               Query("sum(rate(cordwood_archive_output_bytes_total{@}[#]))", "out")], "Bps"),
        Panel("Disk free", [Query("cordwood_archive_disk_free_bytes{@}")], "bytes"),
        Panel("Sync lag", [Query("cordwood_sync_lag_seconds{@}")], "s",
              help="Age of the oldest frame that is written but not durable."),
        Panel("Files published; failed file operations",
              [Query("sum(increase(cordwood_archive_files_published_total{@}[#]))", "published"),
               Query("sum(increase(cordwood_archive_io_errors_total{@}[#]))", "errors")], "short"),
    ]),
    ("Senders", [
        Panel("Connections", [Query("sum by (instance) (cordwood_connections_open{@})")], "short"),
        Panel("Connections ended, by how", [rate("cordwood_connections_ended_total", "result")],
              "ops"),
        Panel("TLS handshakes that failed, by reason",
              [rate("cordwood_tls_handshake_failures_total", "reason")], "ops"),
        Panel("Connections refused", [rate("cordwood_connections_refused_total", "reason")],
              "ops"),
    ]),
    ("Schemas and certificate", [
        Panel("Records that a schema does not allow",
              [rate("cordwood_schema_failures_total", "type")], "ops"),
        Panel("Registry not heard from for", [Query("cordwood_schema_age_seconds{@}")], "s"),
        Panel("Certificate ends in",
              [Query("cordwood_certificate_expiry_timestamp_seconds{@} - time()")], "s", 24, 5),
    ]),
]


def target(query: Query, letter: str) -> dict[str, Any]:
    expr = query.expr.replace("@,", PICK + ",").replace("@", PICK).replace("#", "$__rate_interval")
    return {"datasource": SOURCE, "expr": expr, "legendFormat": query.legend, "refId": letter}


def options_of(panel: Panel) -> dict[str, Any]:
    if panel.kind == "stat":
        return {"colorMode": "value", "graphMode": "area", "textMode": "auto",
                "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}}
    return {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
            "tooltip": {"mode": "multi", "sort": "desc"}}


def fields_of(panel: Panel) -> dict[str, Any]:
    steps = [{"value": value, "color": colour} for value, colour in panel.steps]
    defaults: dict[str, Any] = {
        "unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}}
    if panel.title in ("Accounting", "Certificate ends in"):
        del defaults["min"]
    if panel.maximum is not None:
        defaults["max"] = panel.maximum
    if panel.words:
        texts = {value: {"text": text, "index": i}
                 for i, (value, text) in enumerate(panel.words.items())}
        defaults["mappings"] = [{"type": "value", "options": texts}]
    if panel.kind == "timeseries":
        defaults["custom"] = {
            "lineWidth": 1, "fillOpacity": 20 if panel.stacked else 0, "showPoints": "never",
            "stacking": {"mode": "normal" if panel.stacked else "none", "group": "A"}}
    return {"defaults": defaults, "overrides": []}


def panel_of(panel: Panel, number: int, x: int, y: int) -> dict[str, Any]:
    letters = "ABCDEFGH"
    return {
        "id": number, "type": panel.kind, "title": panel.title, "description": panel.help,
        "datasource": SOURCE,
        "gridPos": {"x": x, "y": y, "w": panel.width, "h": panel.height},
        "targets": [target(query, letters[i]) for i, query in enumerate(panel.queries)],
        "options": options_of(panel), "fieldConfig": fields_of(panel),
    }


def row_of(title: str, number: int, y: int) -> dict[str, Any]:
    return {"id": number, "type": "row", "title": title, "collapsed": False, "panels": [],
            "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": 1}}


def lay_out() -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    y = 0
    for title, panels in ROWS:
        made.append(row_of(title, len(made) + 1, y))
        y, x, tallest = y + 1, 0, 0
        for panel in panels:
            if x + panel.width > COLUMNS:
                y, x, tallest = y + tallest, 0, 0
            made.append(panel_of(panel, len(made) + 1, x, y))
            x, tallest = x + panel.width, max(tallest, panel.height)
        y += tallest
    return made


def variable(name: str, label: str, query: str) -> dict[str, Any]:
    return {"name": name, "label": label, "type": "query", "datasource": SOURCE,
            "query": {"query": query, "refId": name}, "definition": query, "refresh": 2,
            "includeAll": True, "multi": True, "sort": 1,
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]}}


def dashboard() -> dict[str, Any]:
    up = "cordwood_build_info"
    return {
        "uid": "cordwood", "title": "cordwood", "tags": ["cordwood", "logs"],
        "description": "Records in, files out, and everything counted.",
        "schemaVersion": 38, "version": 1, "editable": True, "graphTooltip": 1,
        "refresh": "15s", "time": {"from": "now-1h", "to": "now"}, "timezone": "browser",
        "templating": {"list": [
            variable("job", "Job", f"label_values({up}, job)"),
            variable("instance", "Instance", f'label_values({up}{{job=~"$job"}}, instance)'),
        ]},
        "annotations": {"list": []}, "links": [], "panels": lay_out(),
    }


def main() -> int:
    text = json.dumps(dashboard(), indent=1) + "\n"
    if sys.argv[1:] == ["--check"]:
        if TARGET.read_text() != text:
            print(f"{TARGET} is not what {Path(__file__).name} makes: run it", file=sys.stderr)
            return 1
        return 0
    TARGET.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
