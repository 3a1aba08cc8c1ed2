/* SPDX-License-Identifier: Apache-2.0
 *
 * A registry that answers with any bytes: the first byte says what is asked, then each answer is a
 * status byte and a body up to a 0xff; behind the last one nobody answers. Whatever comes, the
 * client ends, within its bounds. */
#include "regapi/regapi.h"
#include "tests/support/fake_http_client.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ASKED_MAX (4 + 2 * REGAPI_FILES_MAX)

struct script {
    struct span left;
    unsigned asked;
};

static err_t answer(void *arg, const char *url, struct http_client_answer *ret)
{
    static const unsigned statuses[] = {200, 404, 500, 302};
    struct script *s = arg;

    assert(url[0] != '\0');
    s->asked++;
    ENSURE(s->left.len > 0, ERR_IO);
    unsigned char head = (unsigned char)s->left.at[0];
    s->left = span_skip(s->left, 1);
    size_t len = span_find(s->left, '\xff');
    ret->status = head == 0 || head >= '0' ? statuses[0] : statuses[head % 4];
    TRY(buf_append(&ret->body, span_head(s->left, len)));
    s->left = span_skip(s->left, len < s->left.len ? len + 1 : len);
    return ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct script script = {.left = span_of((const char *)data, size)};
    struct http_client http = fake_http_client_of(answer, &script);
    struct regapi registry = {.url = "http://registry", .http = &http};
    struct regapi_schema got = {0};
    struct schema_why why = {0};

    if (size == 0) {
        return 0;
    }
    script.left = span_skip(script.left, 1);
    err_t err = data[0] % 2 == 0 ? regapi_get_subject(&registry, "S", 0, &why, &got)
                                 : regapi_get_id(&registry, 9, &why, &got);
    assert(script.asked <= ASKED_MAX);
    if (err == ERR_OK) {
        assert(got.id != 0 && got.subject[0] != '\0');
        assert(got.text.len <= 2 * REGAPI_BODY_BYTES_MAX);
        assert(regapi_type_name(got.subject).len > 0);
    } else {
        assert(why.text[0] != '\0' && got.text.at == NULL);
    }
    regapi_schema_done(&got);
    return 0;
}
