/* SPDX-License-Identifier: Apache-2.0
 *
 * metrics_text: a view as Prometheus reads it. Sources: Prometheus text format 0.0.4; OpenMetrics
 * 1.0.0. Names start cordwood_, units are seconds and bytes, and a name never changes its meaning.
 *
 * Every label value that can occur is there from the start with 0, so that rates and alerts work
 * from the first scrape. The exception is cordwood_records_rejected_total{format,reason}: of its
 * 133 pairs those appear that are not 0, and those a contract sender meets first (metrics_text.c
 * has the list). */
#pragma once

#include "base/buf.h"
#include "ingestor/metrics.h"

enum metrics_text_dialect { METRICS_TEXT_PROMETHEUS, METRICS_TEXT_OPENMETRICS };

/* The Content-Type of a dialect. Never NULL. */
const char *metrics_text_type(enum metrics_text_dialect dialect);

/* Appends the whole exposition. ERR_NOMEM leaves a part of it. */
MUST_CHECK err_t metrics_text_render(const struct metrics_view *view,
                                     enum metrics_text_dialect dialect, struct buf *out);
