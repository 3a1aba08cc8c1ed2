/* SPDX-License-Identifier: Apache-2.0
 *
 * Any text as an Accept header: one of the three forms, and JSON or OpenMetrics only where the text
 * names them. */
#include "ingestor/admin_media.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *accept = malloc(size + 1);

    assert(accept != NULL);
    if (size > 0) {
        memcpy(accept, data, size);
    }
    accept[size] = '\0';

    enum admin_media media = admin_media_by_accept(accept);
    assert(media != ADMIN_MEDIA_JSON || strcasestr(accept, "application/json") != NULL);
    assert(media != ADMIN_MEDIA_OPENMETRICS || strcasestr(accept, "openmetrics-text") != NULL);
    assert(admin_media_by_format(accept, media) <= ADMIN_MEDIA_JSON);
    free(accept);
    return 0;
}
