/* SPDX-License-Identifier: Apache-2.0
 *
 * registry_seed: what a new store holds: LogEntry in its three forms, and the files of a
 * directory: NAME.schema.json, NAME.avsc, NAME.proto become the subjects NAME-json, NAME-avro,
 * NAME-proto. */
#pragma once

#include "registry/registry_rules.h"

/* All or nothing, whatever fails and whenever the process ends. `dir` "": only LogEntry. Files come
 * in order of their names; the fault, one of registering, names the file. */
MUST_CHECK err_t registry_seed(struct registry_rules *r, const char *dir, struct api_fault *fault);
