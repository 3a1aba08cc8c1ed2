/* SPDX-License-Identifier: Apache-2.0
 *
 * The ingestor's settings: the checks of the whole, precedence with a real file, the round trip of
 * --print-config, reloading. */
#include "ingestor/ingestor_cfg.h"

#include "base/limits.h"
#include "base/option_show.h"
#include "ingestor/ingestor_cfg_table.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WORDS_MAX 12u

/* Loads with arguments and variables, each ended by NULL; NULL is none. */
static err_t load(const char *const *words, const char *const *variables, struct ingestor_cfg *ret,
                  struct option_report *report)
{
    char *argv[WORDS_MAX + 2] = {strdup("cordwood-ingestor")};
    char *env[WORDS_MAX + 1] = {NULL};
    int argc = 1;

    for (; words != NULL && words[argc - 1] != NULL; argc++) {
        argv[argc] = strdup(words[argc - 1]);
    }
    for (size_t i = 0; variables != NULL && variables[i] != NULL; i++) {
        env[i] = strdup(variables[i]);
    }
    struct ingestor_cfg_input input = {argc, argv, env};
    err_t err = ingestor_cfg_load(&input, ret, report);
    for (size_t i = 0; i < WORDS_MAX + 1; i++) {
        free(argv[i]);
        free(env[i]);
    }
    return err;
}

/* A file with that content; the caller removes it. */
static void write_file(char path[32], struct span text)
{
    strncpy(path, "/tmp/test_cfg_XXXXXX", 32);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.at, text.len), (ssize_t)text.len);
    close(fd);
}

static void refuses_settings_that_do_not_fit_together(void **state)
{
    static const struct {
        const char *words[WORDS_MAX];
        const char *why;
    } bad[] = {
        {{"--cert", "c.pem"},
         "--cert: \"c.pem\" has no private key; allowed: cert and key together"},
        {{"--key", "k.pem"}, "--key: \"k.pem\" has no certificate; allowed: cert and key together"},
        {{"--client-names", "a,b"},
         "--client-names: \"a\" can be certified by nobody; allowed: with client-ca"},
        {{"--http-bind", "0.0.0.0"},
         "--http-bind: \"0.0.0.0\" can be reached from other machines; allowed: a loopback "
         "address, "
         "or any with http-token-file or http-open"},
        {{"--http-bind", "::"},
         "--http-bind: \"::\" can be reached from other machines; allowed: a loopback address, or "
         "any with http-token-file or http-open"},
        {{"--http-bind", "localhost"},
         "--http-bind: \"localhost\" is no address; allowed: an IPv4 or IPv6 address"},
        {{"--bind", "[::1]"}, "--bind: \"[::1]\" is no address; allowed: an IPv4 or IPv6 address"},
        {{"--http-open", "--http-token-file", "t"},
         "--http-open: contradicts http-token-file; allowed: one of them"},
        {{"--tls-port", "off,3001"},
         "--tls-port: \"off\" stands beside other ports; allowed: off alone, or ports"},
        {{"--tls-port="}, "--tls-port: no port is given; allowed: off, or at least one port"},
        {{"--max-message-bytes", "512KiB"},
         "--max-message-bytes: 524288 is more than max-record-bytes; allowed: at most 262144"},
        {{"--max-record-bytes", "16MiB", "--shards=4", "--max-inflight-bytes=64MiB"},
         "--max-inflight-bytes: 67108864 has no room for one record a shard; allowed: at least "
         "67108868"},
        {{"--instance", "a_b"},
         "--instance: \"a_b\" is no name; allowed: at most 64 of A-Z a-z 0-9 . -"},
        {{"--instance", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
         "--instance: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is no "
         "name; allowed: at most 64 of A-Z a-z 0-9 . -"},
        {{"--data-dir", ""},
         "--data-dir: \"\" is out of bounds; allowed: 1 to 4095 bytes without NUL"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(bad); i++) {
        struct ingestor_cfg cfg;
        struct option_report report = {0};
        err_t err = load(bad[i].words, NULL, &cfg, &report);
        assert_true(err == ERR_SYNTAX || err == ERR_LIMIT);
        assert_string_equal(report.why, bad[i].why);
    }
}

static void accepts_settings_that_do(void **state)
{
    static const char *const good[][WORDS_MAX] = {
        {NULL},
        {"--cert", "c", "--key", "k", "--client-ca", "ca", "--client-names", "a"},
        {"--http-bind", "0.0.0.0", "--http-open"},
        {"--http-bind", "0.0.0.0", "--http-token-file", "t"},
        {"--http-bind", "0.0.0.0", "--http-port", "off"},
        {"--http-bind", "::1"},
        {"--http-bind", "127.9.9.9"},
        {"--http-bind", "::ffff:127.0.0.1"},
        {"--bind", "10.1.2.3"},
        {"--tls-port", "off"},
        {"--instance", "web-1.example"},
        {"--max-record-bytes", "64KiB"},
        {"--stats-interval", "0"},
    };

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(good); i++) {
        struct ingestor_cfg cfg;
        struct option_report report = {0};
        assert_ok(load(good[i], NULL, &cfg, &report));
        ingestor_cfg_done(&cfg);
    }
}

/* The documented defaults. */
static void begins_with_the_defaults(void **state)
{
    struct ingestor_cfg cfg;
    struct option_report report = {0};

    (void)state;
    assert_ok(load(NULL, NULL, &cfg, &report));
    assert_string_equal(cfg.bind, "::");
    assert_string_equal(cfg.http_bind, "127.0.0.1");
    assert_int_equal(cfg.tls_port.count, 1);
    assert_int_equal(cfg.tls_port.at[0], 3001);
    assert_int_equal(cfg.udp_port, 3002);
    assert_int_equal(cfg.http_port, 3000);
    assert_string_equal(cfg.data_dir, "./data");
    assert_string_equal(cfg.state_dir, "./data/.state");
    assert_string_equal(cfg.instance, "");
    assert_int_equal(cfg.layout, ARCHIVE_LAYOUT_FLAT);
    assert_string_equal(ingestor_cfg_out_name(cfg.out), "jsonl");
    assert_int_equal(cfg.ndjson, INGESTOR_NDJSON_ALIASES);
    assert_int_equal(cfg.shards, 0);
    assert_int_equal(cfg.zstd_level, 1);
    assert_int_equal(cfg.fsync, ARCHIVE_FSYNC_FLUSH);
    assert_int_equal(cfg.max_connections, 10000);
    assert_int_equal(cfg.max_connections_per_peer, 0);
    assert_int_equal(cfg.handshake_timeout_ns, 10 * NS_PER_S);
    assert_int_equal(cfg.idle_timeout_ns, 0);
    assert_int_equal(cfg.max_record_bytes, 256 * KIB);
    assert_int_equal(cfg.max_message_bytes, 64 * KIB);
    assert_int_equal(cfg.max_inflight_bytes, 256 * MIB);
    assert_int_equal(cfg.stats_interval_ns, OPTION_AUTO);
    assert_int_equal(cfg.log_level, LOG_INFO);
    ingestor_cfg_done(&cfg);
}

static void the_archive_gets_its_policy(void **state)
{
    static const char *const words[] = {"--min-free", "2GiB", "--on-full", "shed", NULL};
    struct ingestor_cfg cfg;
    struct option_report report = {0};

    (void)state;
    assert_ok(load(words, NULL, &cfg, &report));
    struct archive_policy policy = ingestor_cfg_policy(&cfg);
    assert_int_equal(policy.rotate_bytes, 50 * MIB);
    assert_int_equal(policy.rotate_interval_ns, 3600 * NS_PER_S);
    assert_int_equal(policy.flush_interval_ns, 500 * NS_PER_MS);
    assert_int_equal(policy.on_full, ARCHIVE_ON_FULL_SHED);
    assert_int_equal(policy.min_free_percent, 0);
    assert_int_equal(policy.min_free_bytes, 2 * GIB);
    assert_int_equal(policy.retain_bytes, 0);
    assert_int_equal(policy.retain_age_ns, 0);
    assert_int_equal(policy.rejected_bytes, GIB);
    ingestor_cfg_done(&cfg);
}

static void flag_beats_environment_beats_file_beats_default(void **state)
{
    char path[32];
    struct ingestor_cfg cfg;
    struct option_report report = {0};

    (void)state;
    write_file(path, SPAN_LIT("udp-port: 1\nhttp-port: 1\nzstd-level: 3\ntls-port: [1, 2]\n"
                              "data-dir: /from/file\n"));
    const char *const words[] = {"--udp-port", "3", "--tls-port", "7", NULL};
    const char *const variables[] = {"CORDWOOD_UDP_PORT=2",
                                     "CORDWOOD_HTTP_PORT=2",
                                     "HOME=/",
                                     "CORDWOOD_TLS_PORT=5,6",
                                     NULL,
                                     NULL};
    char variable[64];
    snprintf(variable, sizeof(variable), "CORDWOOD_CONFIG=%s", path);
    const char *with_config[WORDS_MAX] = {variable};
    memcpy(with_config + 1, variables, sizeof(variables));
    assert_ok(load(words, with_config, &cfg, &report));
    assert_int_equal(cfg.udp_port, 3);
    assert_int_equal(cfg.http_port, 2);
    assert_int_equal(cfg.zstd_level, 3);
    assert_int_equal(cfg.tls_port.count, 1);
    assert_int_equal(cfg.tls_port.at[0], 7);
    assert_string_equal(cfg.data_dir, "/from/file");
    assert_string_equal(cfg.state_dir, "/from/file/.state");
    ingestor_cfg_done(&cfg);
    unlink(path);
}

static void names_the_file_and_line_of_a_cross_check(void **state)
{
    char path[32];
    char want[128];
    struct ingestor_cfg cfg;
    struct option_report report = {0};

    (void)state;
    write_file(path, SPAN_LIT("udp-port: 1\ncert: a.pem\n"));
    assert_err(load((const char *const[]){"--config", path, NULL}, NULL, &cfg, &report),
               ERR_SYNTAX);
    snprintf(want, sizeof(want),
             "%s:2: cert: \"a.pem\" has no private key; allowed: cert and key together", path);
    assert_string_equal(report.why, want);
    unlink(path);
}

static void refuses_a_file_that_is_not_there(void **state)
{
    struct ingestor_cfg cfg;
    struct option_report report = {0};

    (void)state;
    assert_err(load((const char *const[]){"--config=/no/such.yaml", NULL}, NULL, &cfg, &report),
               ERR_IO);
    assert_string_equal(report.why, "/no/such.yaml: cannot be read: No such file or directory");
}

static void help_and_version_need_nothing_else(void **state)
{
    static const char *const flags[] = {"--help", "--version", "-h"};

    (void)state;
    for (size_t i = 0; i < TEST_COUNT(flags); i++) {
        struct ingestor_cfg cfg;
        struct option_report report = {0};
        const char *const words[] = {flags[i], "--config", "/no/such.yaml", NULL};
        assert_ok(load(words, (const char *const[]){"CORDWOOD_NONSENSE=1", NULL}, &cfg, &report));
        assert_true(cfg.help[0] != '\0' || cfg.version);
        ingestor_cfg_done(&cfg);
    }
}

static void every_name_fits_and_is_unique(void **state)
{
    (void)state;
    for (size_t i = 0; i < ingestor_cfg_table.count; i++) {
        const char *name = ingestor_cfg_table.rows[i].name;
        assert_true(strlen(name) <= OPTION_NAME_MAX);
        assert_ptr_equal(option_find(&ingestor_cfg_table, span_of_str(name)),
                         &ingestor_cfg_table.rows[i]);
    }
}

/* The values without the comments that say where they came from. */
static void strip_origins(struct buf *config)
{
    size_t kept = 0;

    for (size_t i = 0; i < config->len; i++) {
        if (config->at[i] == '#') {
            i += span_find(span_skip(buf_span(config), i), '\n');
        }
        config->at[kept++] = config->at[i];
    }
    config->len = kept;
}

static void show(struct ingestor_cfg *cfg, struct buf *out)
{
    struct option_set set = ingestor_cfg_set(cfg);

    assert_ok(option_show_config(&set, out));
}

static void a_printed_config_read_again_is_the_same(void **state)
{
    static const char *const words[] = {"--data-dir",           "a \"b\" \\c",
                                        "--tls-port=1,2",       "--http-port=off",
                                        "--min-free=1GiB",      "--client-ca=ca.pem",
                                        "--client-names",       "x, y,z",
                                        "--stats-interval=90s", NULL};
    char path[32];
    struct ingestor_cfg first;
    struct ingestor_cfg second;
    struct option_report report = {0};
    struct buf text = {0};
    struct buf again = {0};

    (void)state;
    assert_ok(load(words, NULL, &first, &report));
    show(&first, &text);
    write_file(path, buf_span(&text));
    assert_ok(load((const char *const[]){"--config", path, NULL}, NULL, &second, &report));
    show(&second, &again);
    strip_origins(&text);
    strip_origins(&again);
    assert_true(text.len > 0);
    assert_true(span_equal(buf_span(&text), buf_span(&again)));
    assert_string_equal(second.client_names.at[1], " y");
    ingestor_cfg_done(&first);
    ingestor_cfg_done(&second);
    buf_done(&text);
    buf_done(&again);
    unlink(path);
}

static void a_reload_applies_what_it_may_and_lists_the_rest(void **state)
{
    char path[32];
    struct ingestor_cfg cfg;
    struct option_report report = {0};
    struct buf applied = {0};
    struct buf refused = {0};

    (void)state;
    write_file(path, SPAN_LIT("log-level: warn\nrotate-bytes: 1MiB\n"));
    char program[] = "cordwood-ingestor";
    char option[] = "--config";
    char *argv[] = {program, option, path, NULL};
    char *env[] = {NULL};
    struct ingestor_cfg_input input = {3, argv, env};
    assert_ok(ingestor_cfg_load(&input, &cfg, &report));

    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("log-level: debug\nrotate-bytes: 1MiB\ncert: c\nkey: k\ndata-dir: /elsewhere\n", file);
    fclose(file);
    struct ingestor_cfg fresh;
    assert_ok(ingestor_cfg_load(&input, &fresh, &report));
    assert_ok(ingestor_cfg_adopt(&cfg, &fresh, &applied, &refused));
    ingestor_cfg_done(&fresh);
    test_assert_span(buf_span(&applied), "cert key log-level ");
    test_assert_span(buf_span(&refused), "data-dir state-dir ");
    assert_int_equal(cfg.log_level, LOG_DEBUG);
    assert_string_equal(cfg.cert, "c");
    assert_string_equal(cfg.data_dir, "./data");

    file = fopen(path, "w");
    assert_non_null(file);
    fputs("log-level: loud\n", file);
    fclose(file);
    assert_err(ingestor_cfg_load(&input, &fresh, &report), ERR_SYNTAX);
    assert_non_null(strstr(report.why, ":1: log-level: \"loud\" is no choice; allowed: error, "));
    assert_int_equal(cfg.log_level, LOG_DEBUG);
    ingestor_cfg_done(&cfg);
    buf_done(&applied);
    buf_done(&refused);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_settings_that_do_not_fit_together),
        cmocka_unit_test(accepts_settings_that_do),
        cmocka_unit_test(begins_with_the_defaults),
        cmocka_unit_test(the_archive_gets_its_policy),
        cmocka_unit_test(flag_beats_environment_beats_file_beats_default),
        cmocka_unit_test(names_the_file_and_line_of_a_cross_check),
        cmocka_unit_test(refuses_a_file_that_is_not_there),
        cmocka_unit_test(help_and_version_need_nothing_else),
        cmocka_unit_test(every_name_fits_and_is_unique),
        cmocka_unit_test(a_printed_config_read_again_is_the_same),
        cmocka_unit_test(a_reload_applies_what_it_may_and_lists_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
