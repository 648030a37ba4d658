#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/path.h"

static char scratch[64];

static void make_scratch(const char *below)
{
    char command[PATH_BYTES];
    snprintf(command, sizeof command, "mkdir -p %s/%s", scratch, below);
    assert_int_equal(system(command), 0);
}

static const char *in_scratch(const char *below)
{
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", scratch, below);
    return path;
}

static int set_up(void **state)
{
    (void)state;
    strcpy(scratch, "/tmp/path_test.XXXXXX");
    return mkdtemp(scratch) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"PULT_SHARE",      "PULT_CONFIG",    "RUNTIME_DIRECTORY",
                                        "STATE_DIRECTORY", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    char command[PATH_BYTES];
    snprintf(command, sizeof command, "rm -rf %s", scratch);
    return system(command);
}

static void the_home_of_an_installed_program_is_its_prefix(void **state)
{
    (void)state;
    char home[PATH_BYTES];
    make_scratch("usr/share/pult");
    make_scratch("usr/libexec/pult");
    make_scratch("usr/bin");
    assert_true(path_home(home, in_scratch("usr/libexec/pult")));
    assert_string_equal(home, in_scratch("usr"));
    assert_true(path_home(home, in_scratch("usr/bin")));
    assert_string_equal(home, in_scratch("usr"));
}

static void the_nearest_home_wins(void **state)
{
    (void)state;
    char home[PATH_BYTES];
    make_scratch("build/share/pult");
    make_scratch("build/asan/share/pult");
    make_scratch("build/asan/tests");
    assert_true(path_home(home, in_scratch("build/asan/tests")));
    assert_string_equal(home, in_scratch("build/asan"));
}

static void a_program_without_share_above_it_has_no_home(void **state)
{
    (void)state;
    char home[PATH_BYTES];
    make_scratch("a/b/c/d/e/f");
    assert_false(path_home(home, in_scratch("a/b/c/d/e/f")));
    assert_false(path_home(home, "/"));
}

static void the_build_tree_finds_its_schemas_and_its_programs(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES], own[PATH_BYTES];
    assert_int_equal(path_share(path, &err), ERR_OK);
    strcat(path, "/lib/path.h");
    assert_int_equal(access(path, R_OK), 0);
    assert_int_equal(path_program(own, "tests/path_test", &err), ERR_OK);
    char exe[PATH_BYTES] = "";
    assert_true(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0);
    assert_string_equal(own, exe);
}

static void a_missing_program_is_named(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    assert_int_equal(path_program(path, "no-such-program", &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.message[LANGUAGE_EN], "no-such-program"));
    assert_non_null(strstr(err.message[LANGUAGE_RU], "no-such-program"));
}

static void the_environment_overrides_share_and_config(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    setenv("PULT_SHARE", scratch, 1);
    assert_int_equal(path_share(path, &err), ERR_OK);
    assert_string_equal(path, scratch);
    setenv("PULT_SHARE", in_scratch("absent"), 1);
    assert_int_equal(path_share(path, &err), ERR_NOT_FOUND);
    setenv("PULT_CONFIG", scratch, 1);
    assert_int_equal(path_config(path, &err), ERR_OK);
    assert_string_equal(path, scratch);
}

static void a_private_runtime_is_made_for_this_account_alone(void **state)
{
    (void)state;
    struct err err;
    struct stat info;
    char path[PATH_BYTES];
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    umask(0);
    assert_int_equal(path_runtime(path, &err), ERR_OK);
    assert_string_equal(path, in_scratch("pult"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(path_runtime(path, &err), ERR_OK);
}

static void a_runtime_open_to_others_is_refused(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    assert_int_equal(mkdir(in_scratch("pult"), 0700), 0);
    assert_int_equal(chmod(in_scratch("pult"), 0770), 0);
    assert_int_equal(path_runtime(path, &err), ERR_DENIED);
    assert_non_null(strstr(err.message[LANGUAGE_EN], "mode 770"));
}

static void a_link_in_place_of_the_runtime_is_refused(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    assert_int_equal(symlink("/tmp", in_scratch("pult")), 0);
    assert_int_equal(path_runtime(path, &err), ERR_DENIED);
}

static void the_service_takes_the_directories_that_systemd_gives(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    setenv("RUNTIME_DIRECTORY", "/run/pult", 1);
    assert_int_equal(path_runtime(path, &err), ERR_OK);
    assert_string_equal(path, "/run/pult");
    setenv("STATE_DIRECTORY", "/var/lib/pult", 1);
    assert_int_equal(path_state(path, &err), ERR_OK);
    assert_string_equal(path, "/var/lib/pult");
}

static void a_client_finds_the_runtime_that_exists(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    if (access("/run/pult", F_OK) == 0)
        skip();
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    make_scratch("pult");
    assert_int_equal(path_runtime_find(path, &err), ERR_OK);
    assert_string_equal(path, in_scratch("pult"));
}

static void the_state_directory_is_made_with_its_parents(void **state)
{
    (void)state;
    struct err err;
    struct stat info;
    char path[PATH_BYTES];
    setenv("XDG_STATE_HOME", in_scratch("a/b"), 1);
    assert_int_equal(path_state(path, &err), ERR_OK);
    assert_string_equal(path, in_scratch("a/b/pult"));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void a_relative_directory_of_the_environment_is_ignored(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES];
    setenv("PULT_SHARE", "relative", 1);
    assert_int_equal(path_share(path, &err), ERR_OK);
    assert_int_equal(path[0], '/');
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct err err;
    char path[PATH_BYTES], longest[PATH_BYTES + 2];
    memset(longest, 'x', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    setenv("PULT_CONFIG", longest, 1);
    assert_int_equal(path_config(path, &err), ERR_LIMIT);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_home_of_an_installed_program_is_its_prefix),
        CASE(the_nearest_home_wins),
        CASE(a_program_without_share_above_it_has_no_home),
        CASE(the_build_tree_finds_its_schemas_and_its_programs),
        CASE(a_missing_program_is_named),
        CASE(the_environment_overrides_share_and_config),
        CASE(a_private_runtime_is_made_for_this_account_alone),
        CASE(a_runtime_open_to_others_is_refused),
        CASE(a_link_in_place_of_the_runtime_is_refused),
        CASE(the_service_takes_the_directories_that_systemd_gives),
        CASE(a_client_finds_the_runtime_that_exists),
        CASE(the_state_directory_is_made_with_its_parents),
        CASE(a_relative_directory_of_the_environment_is_ignored),
        CASE(a_path_that_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
