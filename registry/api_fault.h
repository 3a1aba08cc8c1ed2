/* SPDX-License-Identifier: Apache-2.0
 *
 * api_fault: why a request is not done: HTTP status, the Confluent API's error code, and a sentence
 * for the sender. What can go wrong inside the registry returns err_t with a fault filled in. */
#pragma once

#include "base/err.h"

#include <stdint.h>

#define API_FAULT_BYTES 1024u

/* Error codes: Confluent Platform 7.6. */
enum api_code {
    API_BAD_REQUEST = 400,
    API_FORBIDDEN = 403,
    API_NOT_FOUND = 404,
    API_BAD_METHOD = 405,
    API_INCOMPATIBLE = 409,
    API_NO_SUBJECT = 40401,
    API_NO_VERSION = 40402,
    API_NO_SCHEMA = 40403,
    API_SUBJECT_SOFT_DELETED = 40404,
    API_SUBJECT_NOT_DELETED = 40405,
    API_VERSION_SOFT_DELETED = 40406,
    API_VERSION_NOT_DELETED = 40407,
    API_NO_SUBJECT_CONFIG = 40408,
    API_NO_SUBJECT_MODE = 40409,
    API_BAD_SCHEMA = 42201,
    API_BAD_VERSION = 42202,
    API_BAD_LEVEL = 42203,
    API_BAD_MODE = 42204,
    API_NOT_PERMITTED = 42205,
    API_REFERENCE_EXISTS = 42206,
    API_ID_MISMATCH = 42207,
    API_STORE = 50001
};

struct store;

struct api_fault {
    enum api_code code;
    char message[API_FAULT_BYTES];
};

/* Fills in, cut at a character; bytes that are no UTF-8 are left out. Returns ERR_SYNTAX, for
 * `return api_fault_set(…)`. */
err_t api_fault_set(struct api_fault *f, enum api_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The HTTP status of a code: its first three digits. */
unsigned api_fault_status(enum api_code code);

/* For the result of a store call: ERR_OK stays, else it is API_STORE with what the store says;
 * without a store (NULL) only the error is named. Comes before any further call of the store. */
MUST_CHECK err_t api_fault_store(struct api_fault *f, err_t err, const struct store *store);
