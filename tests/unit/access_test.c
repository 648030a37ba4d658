// Who may do what: deny by default, and every way to spoil the file refuses it.
#include "busd/access.h"
#include "lib/buf.h"
#include "lib/path.h"
#include "tests/lib/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char table[] = "roles:\n"
                            "  operator:\n"
                            "    publish: [contact.*, log.entry]\n"
                            "    subscribe: [contact.*, incident.opened]\n"
                            "    query: [eta]\n"
                            "    personal: true\n"
                            "  all:\n"
                            "    publish: [\"*\"]\n"
                            "    subscribe: [\"*\"]\n"
                            "    query: [\"*\"]\n"
                            "    feed: true\n"
                            "    admin: false\n"
                            "  none: {}\n";

static struct access *read_text(const char *text, struct err *err)
{
    char *directory = scratch_new(), path[PATH_BYTES];
    struct access *access;
    FILE *file;

    err_clear(err);
    snprintf(path, sizeof path, "%s/roles.yaml", directory);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    access = access_read(&(struct access_files){.roles = path}, err);
    scratch_remove(directory);
    return access;
}

// The table with the tests' own account in these roles, and that account.
static struct access *read_for_me(const char *roles, struct access_account *account)
{
    struct passwd *me = getpwuid(getuid());
    struct access *access;
    struct err err;
    char text[2048];

    assert_non_null(me);
    snprintf(text, sizeof text, "%susers:\n  %s: %s\n", table, me->pw_name, roles);
    access = read_text(text, &err);
    if (!access)
        fail_msg("%s", err.message[LANGUAGE_EN]);
    access_find_account(access, getuid(), account);
    return access;
}

static bool may(const struct access_role *role, enum access_verb verb, const char *name)
{
    return access_may_name(role, verb, slice_of(name));
}

static void what_is_not_named_is_denied(void **state)
{
    struct access_account account;
    struct access *access = read_for_me("[operator, all, none]", &account);

    (void)state;
    assert_int_equal(account.role_count, 3);
    assert_true(may(account.roles[0], ACCESS_PUBLISH, "contact.outage_report"));
    assert_true(may(account.roles[0], ACCESS_PUBLISH, "log.entry"));
    assert_false(may(account.roles[0], ACCESS_PUBLISH, "log.entry2"));
    assert_false(may(account.roles[0], ACCESS_PUBLISH, "contact"));
    assert_false(may(account.roles[0], ACCESS_PUBLISH, "eta.set"));
    assert_false(may(account.roles[0], ACCESS_PUBLISH, ""));
    assert_true(may(account.roles[0], ACCESS_QUERY, "eta"));
    assert_false(may(account.roles[0], ACCESS_QUERY, "contact"));
    assert_false(access_may(account.roles[0], ACCESS_FEED));
    assert_true(access_may(account.roles[0], ACCESS_PERSONAL));
    assert_true(may(account.roles[1], ACCESS_PUBLISH, "x.any.thing"));
    assert_false(access_may(account.roles[1], ACCESS_ADMIN));
    for (int verb = 0; verb < ACCESS_VERB_COUNT; verb++) {
        if (verb < ACCESS_LISTS)
            assert_false(may(account.roles[2], (enum access_verb)verb, "log.entry"));
        else
            assert_false(access_may(account.roles[2], (enum access_verb)verb));
    }
    access_free(access);
}

static void a_prefix_is_inside_outside_or_partly(void **state)
{
    struct access_account account;
    struct access *access = read_for_me("[operator, all, none]", &account);
    static const struct {
        const char *prefix;
        enum access_part operator, all;
    } cases[] = {
        {"", ACCESS_SOME, ACCESS_ALL},
        {"contact.", ACCESS_ALL, ACCESS_ALL},
        {"contact.outage_report", ACCESS_ALL, ACCESS_ALL},
        {"con", ACCESS_SOME, ACCESS_ALL},
        {"incident.", ACCESS_SOME, ACCESS_ALL},
        {"incident.opened", ACCESS_SOME, ACCESS_ALL},
        {"incident.closed", ACCESS_NOTHING, ACCESS_ALL},
        {"eta.", ACCESS_NOTHING, ACCESS_ALL},
        {"contacts", ACCESS_NOTHING, ACCESS_ALL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct slice prefix = slice_of(cases[i].prefix);

        assert_int_equal(access_prefix(account.roles[0], prefix), cases[i].operator);
        assert_int_equal(access_prefix(account.roles[1], prefix), cases[i].all);
        assert_int_equal(access_prefix(account.roles[2], prefix), ACCESS_NOTHING);
    }
    access_free(access);
}

static void an_account_is_the_same_by_number_and_by_identity(void **state)
{
    struct access_account account, again;
    struct access *access = read_for_me("[all]", &account);

    (void)state;
    assert_int_equal(strncmp(account.identity, "pult:user:", 10), 0);
    access_find_identity(access, slice_of(account.identity), (struct slice){0}, &again);
    assert_string_equal(again.identity, account.identity);
    assert_int_equal(again.role_count, 1);
    assert_ptr_equal(again.roles[0], account.roles[0]);
    access_find_identity(access, slice_of("pult:user:nobody-has-this-name"), (struct slice){0},
                         &again);
    assert_int_equal(again.role_count, 0);
    access_find_identity(access, slice_of("pult:user:"), (struct slice){0}, &again);
    assert_int_equal(again.role_count, 0);
    access_find_identity(access, slice_of("root"), (struct slice){0}, &again);
    assert_int_equal(again.role_count, 0);
    access_free(access);
}

static void an_account_that_is_not_named_has_no_role(void **state)
{
    struct access_account account;
    struct err err;
    struct access *access = read_text(table, &err);

    (void)state;
    assert_non_null(access);
    access_find_account(access, getuid(), &account);
    assert_int_equal(account.role_count, 0);
    access_find_account(access, 3999999999u, &account);
    assert_int_equal(account.role_count, 0);
    assert_string_equal(account.identity, "");
    access_free(access);
}

static void a_spoilt_table_is_refused_with_a_sentence(void **state)
{
    static const char *const spoilt[] = {
        "",
        "# nothing\n",
        "[]\n",
        "roles: {}\n",
        "roles: [operator]\n",
        "users: {anna: [operator]}\n",
        "roles: {a: {publish: log.entry}}\n",
        "roles: {a: {publish: [1]}}\n",
        "roles: {a: {publish: [\"con*\"]}}\n",
        "roles: {a: {publish: [\"*.a\"]}}\n",
        "roles: {a: {publish: [\"\"]}}\n",
        "roles: {a: {feed: \"true\"}}\n",
        "roles: {a: {feed: 1}}\n",
        "roles: {a: {write: [log.entry]}}\n",
        "roles: {a: {feed: true}}\nusers: {anna: [b]}\n",
        "roles: {a: {feed: true}}\nusers: {anna: []}\n",
        "roles: {a: {feed: true}}\nusers: {anna: a}\n",
        "roles: {a: {feed: true}}\nusers: [anna]\n",
        "roles: {a: {feed: true}}\ngroup: {staff: [a]}\n",
        "roles: {a: {feed: true}\n",
        "roles: &x {a: {feed: true}}\n",
    };
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        struct access *access = read_text(spoilt[i], &err);

        if (access)
            fail_msg("accepted: %s", spoilt[i]);
        assert_int_equal(err.code, ERR_INVALID);
        assert_true(err.message[LANGUAGE_EN][0] && err.message[LANGUAGE_RU][0]);
    }
    assert_null(access_read(&(struct access_files){.roles = "/nonexistent/roles.yaml"}, &err));
    assert_int_not_equal(err.code, ERR_OK);
}

static void the_delivered_table_gives_admin_no_personal_data(void **state)
{
    char share[PATH_BYTES], path[PATH_BYTES + 32], line[4096];
    struct passwd *me = getpwuid(getuid());
    struct access_account account;
    struct buf text = {0};
    struct access *access;
    struct err err;
    FILE *file;

    (void)state;
    assert_int_equal(path_share(share, &err), ERR_OK);
    snprintf(path, sizeof path, "%s/config/roles.yaml", share);
    file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "users:", 6) == 0)
            snprintf(line, sizeof line, "users: {%s: [admin, observer]}\n", me->pw_name);
        buf_add_text(&text, line);
    }
    fclose(file);
    access = read_text(buf_text(&text), &err);
    if (!access)
        fail_msg("%s", err.message[LANGUAGE_EN]);
    access_find_account(access, getuid(), &account);
    assert_int_equal(account.role_count, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_false(access_may(account.roles[i], ACCESS_PERSONAL));
        assert_false(may(account.roles[i], ACCESS_QUERY, "contact"));
        assert_false(may(account.roles[i], ACCESS_PUBLISH, "contact.outage_report"));
    }
    assert_true(access_may(account.roles[0], ACCESS_IMPORT));
    assert_false(access_may(account.roles[1], ACCESS_IMPORT));
    access_free(access);
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_named_is_denied),
        cmocka_unit_test(a_prefix_is_inside_outside_or_partly),
        cmocka_unit_test(an_account_is_the_same_by_number_and_by_identity),
        cmocka_unit_test(an_account_that_is_not_named_has_no_role),
        cmocka_unit_test(a_spoilt_table_is_refused_with_a_sentence),
        cmocka_unit_test(the_delivered_table_gives_admin_no_personal_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
