/* SPDX-License-Identifier: Apache-2.0
 *
 * schema_registry: before and after each question. */
#include "ingestor/schema_registry.h"

#include "base/clock.h"
#include "base/log.h"

bool schema_registry_is_away(err_t err)
{
    return err == ERR_IO || err == ERR_AGAIN;
}

static void begin(struct schema_registry *r)
{
    uint64_t until = clock_mono_ns() + SCHEMA_REGISTRY_SCHEMA_NS;

    r->api.until_mono_ns =
        r->until_mono_ns != 0 && r->until_mono_ns < until ? r->until_mono_ns : until;
}

/* Logs when the registry goes away and when it is back. */
static void note(struct schema_registry *r, err_t err, const struct schema_why *why)
{
    char text[SCHEMA_WHY_BYTES];

    if (schema_registry_is_away(err) && !r->down) {
        r->down = true;
        r->outages++;
        schema_board_set_why(r->board, why->text);
        LOG(LOG_WARN, "schema", "event=registry_away why=%s action=keep_schemas",
            log_escape(span_of_str(why->text), text, sizeof(text)));
    } else if (!schema_registry_is_away(err) && err != ERR_NOMEM && r->down) {
        r->down = false;
        schema_board_set_why(r->board, "");
        LOG(LOG_INFO, "schema", "event=registry_back");
    }
}

static err_t end(struct schema_registry *r, err_t err, const struct schema_why *why)
{
    if (atomic_load(r->over)) {
        return err;
    }
    schema_board_count_fetch(r->board,
                             err == ERR_OK || err == ERR_UNKNOWN ? BOARD_USABLE : BOARD_USELESS);
    note(r, err, why);
    return err;
}

err_t schema_registry_look_up(struct schema_registry *r, const char *subject, uint32_t version,
                              struct schema_why *ret_why, struct regapi_schema *ret)
{
    begin(r);
    return end(r, regapi_look_up_subject(&r->api, subject, version, ret_why, ret), ret_why);
}

err_t schema_registry_get_subject(struct schema_registry *r, const char *subject, uint32_t version,
                                  struct schema_why *ret_why, struct regapi_schema *ret)
{
    begin(r);
    return end(r, regapi_get_subject(&r->api, subject, version, ret_why, ret), ret_why);
}

err_t schema_registry_get_id(struct schema_registry *r, uint32_t id, struct schema_why *ret_why,
                             struct regapi_schema *ret)
{
    begin(r);
    return end(r, regapi_get_id(&r->api, id, ret_why, ret), ret_why);
}
