/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_retain: deletes what the policy does not want to keep any more, oldest name first, until
 * the published files hold at most retain_bytes and none was last written more than retain_age ago.
 * Log, rejected and recovered files count together, torn tails kept by recovery with them. Never
 * deleted: a file that is not published, and the newest published file of a shard. Each deletion is
 * appended to the manifest and reported; a day's folder that is left empty goes too. */
#pragma once

#include "archive/archive.h"

struct archive_retain_result {
    uint64_t files_deleted;
    uint64_t errors;
    uint64_t rejected_bytes; /* what rejected files hold on disk now, unpublished ones included */
};

/* One pass. ERR_IO with errno (the directory cannot be read), ERR_NOMEM; a file that cannot be
 * deleted is reported and counted in `errors`. */
MUST_CHECK err_t archive_retain_run(const struct archive_config *config,
                                    const struct archive_policy *policy, uint64_t wall_ns,
                                    struct archive_retain_result *ret);
