/* SPDX-License-Identifier: Apache-2.0
 *
 * shard_loop: what a shard's thread does from start to end. */
#pragma once

#include "ingestor/shard_state.h"

/* Runs until the shard was asked to drain and has done so. Shard thread only. */
void shard_loop_run(struct shard *s);

/* Makes the counters visible to others. Shard thread, or whoever owns the shard after its end. */
void shard_loop_publish(struct shard *s, uint64_t mono_ns);
