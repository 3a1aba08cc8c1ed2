/* SPDX-License-Identifier: Apache-2.0
 *
 * avro_theirs: schema and class are made once and never freed: the library keeps them anyway. */
#include "tests/support/avro_theirs.h"

#include <avro.h>
#include <stdlib.h>

const char avro_theirs_schema[] =
    "{\"type\":\"record\",\"name\":\"R\",\"fields\":["
    "{\"name\":\"n\",\"type\":\"null\"},{\"name\":\"b\",\"type\":\"boolean\"},"
    "{\"name\":\"i\",\"type\":\"int\"},{\"name\":\"l\",\"type\":\"long\"},"
    "{\"name\":\"f\",\"type\":\"float\"},{\"name\":\"d\",\"type\":\"double\"},"
    "{\"name\":\"y\",\"type\":\"bytes\"},{\"name\":\"s\",\"type\":\"string\"},"
    "{\"name\":\"x\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":4}},"
    "{\"name\":\"e\",\"type\":{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\",\"B\",\"C\"]}},"
    "{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\"long\"}},"
    "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"string\"}},"
    "{\"name\":\"u\",\"type\":[\"null\",\"string\",\"long\"]},"
    "{\"name\":\"r\",\"type\":{\"type\":\"record\",\"name\":\"S\",\"fields\":["
    "{\"name\":\"q\",\"type\":\"int\"}]}}]}";

static avro_value_iface_t *their_class;
static avro_schema_t their_schema;

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static avro_value_t field_of(const avro_value_t *record, const char *name)
{
    avro_value_t field = {0};

    require(avro_value_get_by_name(record, name, &field, NULL) == 0);
    return field;
}

static void set_collections(const avro_value_t *record, const struct avro_theirs_values *v)
{
    avro_value_t array = field_of(record, "a");
    avro_value_t map = field_of(record, "m");
    avro_value_t either = field_of(record, "u");
    avro_value_t item = {0};

    for (size_t i = 0; i < v->a_len; i++) {
        require(avro_value_append(&array, &item, NULL) == 0);
        require(avro_value_set_long(&item, v->a[i]) == 0);
    }
    for (size_t i = 0; i < v->m_len; i++) {
        char key[3] = {'k', (char)('0' + i), '\0'};
        require(avro_value_add(&map, key, &item, NULL, NULL) == 0);
        require(avro_value_set_string(&item, v->s) == 0);
    }
    require(avro_value_set_branch(&either, v->u, &item) == 0);
    if (v->u == 0) {
        require(avro_value_set_null(&item) == 0);
    } else if (v->u == 1) {
        require(avro_value_set_string(&item, v->s) == 0);
    } else {
        require(avro_value_set_long(&item, v->l) == 0);
    }
}

static void set_values(const avro_value_t *record, struct avro_theirs_values *v)
{
    avro_value_t field = field_of(record, "n");
    require(avro_value_set_null(&field) == 0);
    field = field_of(record, "b");
    require(avro_value_set_boolean(&field, v->b) == 0);
    field = field_of(record, "i");
    require(avro_value_set_int(&field, v->i) == 0);
    field = field_of(record, "l");
    require(avro_value_set_long(&field, v->l) == 0);
    field = field_of(record, "f");
    require(avro_value_set_float(&field, v->f) == 0);
    field = field_of(record, "d");
    require(avro_value_set_double(&field, v->d) == 0);
    field = field_of(record, "y");
    require(avro_value_set_bytes(&field, v->y, v->y_len) == 0);
    field = field_of(record, "s");
    require(avro_value_set_string(&field, v->s) == 0);
    field = field_of(record, "x");
    require(avro_value_set_fixed(&field, v->x, sizeof(v->x)) == 0);
    field = field_of(record, "e");
    require(avro_value_set_enum(&field, v->e) == 0);
    avro_value_t inner = field_of(record, "r");
    field = field_of(&inner, "q");
    require(avro_value_set_int(&field, v->q) == 0);
    set_collections(record, v);
}

static avro_value_t record_of(const struct avro_theirs_values *v)
{
    struct avro_theirs_values copy = *v;
    avro_value_t record = {0};

    if (their_class == NULL) {
        require(avro_schema_from_json_length(avro_theirs_schema, sizeof(avro_theirs_schema) - 1,
                                             &their_schema) == 0);
        their_class = avro_generic_class_from_schema(their_schema);
        require(their_class != NULL);
    }
    require(avro_generic_value_new(their_class, &record) == 0);
    set_values(&record, &copy);
    return record;
}

struct span avro_theirs_write(const struct avro_theirs_values *v, char out[AVRO_THEIRS_DATUM_BYTES])
{
    avro_value_t record = record_of(v);
    avro_writer_t writer = avro_writer_memory(out, AVRO_THEIRS_DATUM_BYTES);

    require(avro_value_write(writer, &record) == 0);
    struct span datum = span_of(out, (size_t)avro_writer_tell(writer));
    avro_writer_free(writer);
    avro_value_decref(&record);
    return datum;
}

bool avro_theirs_reads(struct span datum, const struct avro_theirs_values *v)
{
    avro_value_t record = record_of(v);
    avro_reader_t reader = avro_reader_memory(datum.at, (int64_t)datum.len);
    avro_value_t read = {0};

    require(avro_generic_value_new(their_class, &read) == 0);
    bool equal = avro_value_read(reader, &read) == 0 && avro_value_equal(&record, &read) != 0;
    avro_reader_free(reader);
    avro_value_decref(&read);
    avro_value_decref(&record);
    return equal;
}
