/* SPDX-License-Identifier: Apache-2.0
 *
 * zone_map: which zone the clocks of which senders show, from --syslog-zone. Made at start, only
 * read after that, by every thread. */
#pragma once

#include "base/option.h"
#include "base/zone.h"
#include "net/addr.h"

struct zone_map;

/* What is wrong with an item of the list. */
struct zone_map_fault {
    const char *item; /* of the list; NULL: nothing is wrong */
    const char *why;  /* "is no time zone"; static */
};

/* Items are ZONE (of all other senders) or BLOCK=ZONE (addr_block.h); zones as in zone_load().
 * ERR_SYNTAX: `ret_fault` says what is wrong; ERR_NOMEM. */
MUST_CHECK err_t zone_map_new(const struct option_strings *list, struct zone_map **ret,
                              struct zone_map_fault *ret_fault);
void zone_map_free(struct zone_map *m);

/* The zone of the longest prefix that holds the address; NULL: UTC. Lives as long as the map. No map
 * (NULL) is one without items. */
const struct zone *zone_map_find(const struct zone_map *m, const struct addr *peer);

/* The same for senders without an address, such as a file. */
const struct zone *zone_map_default(const struct zone_map *m);
