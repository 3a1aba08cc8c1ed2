/* SPDX-License-Identifier: Apache-2.0
 *
 * admin_media: in which of its forms a reader wants /metrics. Source: RFC 9110 section 12.5.1. */
#pragma once

enum admin_media { ADMIN_MEDIA_TEXT, ADMIN_MEDIA_OPENMETRICS, ADMIN_MEDIA_JSON };

/* By the Accept header (NULL: none). JSON or OpenMetrics if it is named with at least the weight
 * that plain text has; else the Prometheus text, also when the reader accepts none of the three. */
enum admin_media admin_media_by_accept(const char *accept);

/* By the value of ?format=: "json", "openmetrics", "prometheus"; `otherwise` for any other. */
enum admin_media admin_media_by_format(const char *format, enum admin_media otherwise);
