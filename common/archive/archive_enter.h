/* SPDX-License-Identifier: Apache-2.0
 *
 * archive_enter: a crash between a file's last rename and its manifest line leaves a published file
 * that the manifest does not name. It gets its entry at the next start. */
#pragma once

#include "archive/archive_list.h"

/* Files are published one by one, so only the last one can lack its entry; clocks of file systems
 * are coarse, so those published within a second before it are looked up too (256 at most). One
 * that is not wholly good was not published by us and stays without.
 * ERR_IO with errno, ERR_NOMEM. */
MUST_CHECK err_t archive_enter_unnamed(const struct archive_config *config,
                                       const struct archive_list *list);
