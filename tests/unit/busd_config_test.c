// busd's configuration: the file in config/ is the table, printed.
#include "busd/config.h"
#include "busd/endpoints.h"
#include "busd/metrics.h"
#include "lib/path.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void read_file(const char *path, struct buf *out)
{
    char bytes[4096];
    size_t count;
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    while ((count = fread(bytes, 1, sizeof bytes, file)) > 0)
        buf_add(out, bytes, count);
    fclose(file);
}

static void the_file_in_config_is_the_printed_table(void **state)
{
    char share[PATH_BYTES], path[PATH_BYTES + 32];
    struct buf file = {0}, printed = {0};
    struct err err;

    (void)state;
    err_clear(&err);
    assert_int_equal(path_share(share, &err), ERR_OK);
    snprintf(path, sizeof path, "%s/config/busd.yaml", share);
    read_file(path, &file);
    config_print(&printed);
    assert_string_equal(buf_text(&file), buf_text(&printed));
    buf_fini(&file);
    buf_fini(&printed);
}

static void write_config(const char *directory, const char *text, char path[PATH_BYTES])
{
    FILE *file;

    snprintf(path, PATH_BYTES, "%s/busd.yaml", directory);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void keys_that_are_given_replace_their_defaults(void **state)
{
    char *directory = scratch_new(), path[PATH_BYTES];
    struct config config;
    struct err err;

    (void)state;
    err_clear(&err);
    write_config(directory,
                 "data: /srv/pult\nrequests: [ipc:///srv/a.sock]\nfeed: [ipc:///srv/b.sock]\n"
                 "clock: replay\nlimits: {clients: 7, query: 250ms}\nroles: /srv/roles.yaml\n"
                 "company: {name: Сеть}\ncompany_schemas: /srv/own\nschemas: /srv/schemas\n",
                 path);
    assert_int_equal(config_read(&config, path, &err), ERR_OK);
    assert_string_equal(config.data, "/srv/pult");
    assert_string_equal(config.requests[0], "ipc:///srv/a.sock");
    assert_string_equal(config.feed[0], "ipc:///srv/b.sock");
    assert_string_equal(config.clock, "replay");
    assert_string_equal(config.company_name, "Сеть");
    assert_int_equal(config.clients, 7);
    assert_int_equal(config.query_ms, 250);
    assert_int_equal(config.event_bytes, 65536);
    assert_int_equal(config_log_level(&config), LOG_LEVEL_INFO);
    config_fini(&config);
    scratch_remove(directory);
}

static void an_unknown_key_is_named(void **state)
{
    char *directory = scratch_new(), path[PATH_BYTES];
    struct config config;
    struct err err;

    (void)state;
    err_clear(&err);
    write_config(directory, "datta: /srv/pult\n", path);
    assert_int_equal(config_read(&config, path, &err), ERR_INVALID);
    assert_non_null(strstr(err.message[LANGUAGE_EN], "datta"));
    config_fini(&config);
    scratch_remove(directory);
}

static void endpoints_that_cannot_be_served_get_a_sentence(void **state)
{
    static const char *const bad[] = {"carrier:pigeon",        "ipc://relative",
                                      "inproc://here",         "",
                                      "tcp://127.0.0.1",       "tcp://127.0.0.1:",
                                      "tcp://127.0.0.1:0",     "tcp://127.0.0.1:65536",
                                      "tcp://127.0.0.1:5570x", "tcp://example.com:5570",
                                      "tcp://eth0:5570",       "tcp://:5570"};
    char path[200];
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&err);
        assert_int_equal(endpoint_check(bad[i], true, &err), ERR_INVALID);
        assert_true(err.message[LANGUAGE_EN][0] && err.message[LANGUAGE_RU][0]);
    }
    memset(path, 'd', sizeof path);
    memcpy(path, "ipc:///", 7);
    path[6 + 108] = '\0';
    assert_int_equal(endpoint_check(path, false, &err), ERR_INVALID);
    path[6 + 107] = '\0';
    assert_int_equal(endpoint_check(path, false, &err), ERR_OK);
}

static void beyond_the_loopback_nothing_is_served_without_a_key(void **state)
{
    static const struct {
        const char *address;
        bool loopback;
    } cases[] = {{"tcp://127.0.0.1:5570", true},  {"tcp://127.9.9.9:5570", true},
                 {"tcp://[::1]:5570", true},      {"tcp://0.0.0.0:5570", false},
                 {"tcp://*:5570", false},         {"tcp://[::]:5570", false},
                 {"tcp://192.0.2.1:5570", false}, {"tcp://[2001:db8::1]:5570", false},
                 {"tcp://128.0.0.1:5570", false}, {"tcp://[::ffff:127.0.0.1]:5570", false}};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum err_code bare = cases[i].loopback ? ERR_OK : ERR_INVALID;

        err_clear(&err);
        assert_int_equal(endpoint_check(cases[i].address, true, &err), ERR_OK);
        assert_int_equal(endpoint_check(cases[i].address, false, &err), bare);
    }
}

static void metrics_stay_on_this_machine(void **state)
{
    struct err err;

    (void)state;
    assert_int_equal(metrics_check("127.0.0.1:5572", &err), ERR_OK);
    assert_int_equal(metrics_check("127.9.9.9:1", &err), ERR_OK);
    assert_int_equal(metrics_check("/run/pult/metrics.sock", &err), ERR_OK);
    assert_int_equal(metrics_check("0.0.0.0:5572", &err), ERR_INVALID);
    assert_int_equal(metrics_check("192.168.1.1:5572", &err), ERR_INVALID);
    assert_int_equal(metrics_check("127.0.0.1:0", &err), ERR_INVALID);
    assert_int_equal(metrics_check("127.0.0.1:70000", &err), ERR_INVALID);
    assert_int_equal(metrics_check("127.0.0.1:", &err), ERR_INVALID);
    assert_int_equal(metrics_check("5572", &err), ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_in_config_is_the_printed_table),
        cmocka_unit_test(keys_that_are_given_replace_their_defaults),
        cmocka_unit_test(an_unknown_key_is_named),
        cmocka_unit_test(endpoints_that_cannot_be_served_get_a_sentence),
        cmocka_unit_test(beyond_the_loopback_nothing_is_served_without_a_key),
        cmocka_unit_test(metrics_stay_on_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
