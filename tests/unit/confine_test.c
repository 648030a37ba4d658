// What a taken-over busd could still do. Each act is tried in a process of its own, once free and once
// confined: free it must succeed, or the test would see nothing.
#include "busd/confine.h"
#include "lib/mem.h"
#include "tests/lib/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

struct places {
    char *data, *other;
};

static bool touch(const char *directory, const char *name)
{
    char path[4200];

    snprintf(path, sizeof path, "%s/%s", directory, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return false;
    bool done = write(file, "x", 1) == 1;
    close(file);
    return done;
}

static bool write_elsewhere(const struct places *places)
{
    return touch(places->other, "x");
}

static bool read_elsewhere(const struct places *places)
{
    char path[4200];

    snprintf(path, sizeof path, "%s/secret", places->other);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0)
        close(file);
    return file >= 0;
}

static bool run_program(const struct places *places)
{
    (void)places;
    execl("/bin/true", "true", (char *)NULL);
    return false; // the free one leaves with 0, as `true` does
}

static bool fork_process(const struct places *places)
{
    (void)places;
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child > 0 && waitpid(child, NULL, 0) == child;
}

static bool look_into_process(const struct places *places)
{
    (void)places;
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
}

static bool open_unusual_socket(const struct places *places)
{
    (void)places;
    int file = socket(AF_ALG, SOCK_SEQPACKET, 0);
    if (file >= 0)
        close(file);
    return file >= 0 || errno == EAFNOSUPPORT;
}

static bool change_root(const struct places *places)
{
    return chroot(places->other) == 0 || errno == EPERM; // not root: the kernel says so itself
}

struct act {
    const char *name;
    bool (*try)(const struct places *places);
    bool landlock; // else seccomp's
};
static const struct act acts[] = {
    {"write elsewhere", write_elsewhere, true},
    {"read elsewhere", read_elsewhere, true},
    {"run a program", run_program, false},
    {"make a process", fork_process, false},
    {"look into a process", look_into_process, false},
    {"open an unusual socket", open_unusual_socket, false},
    {"change the root", change_root, false},
};

static struct config configure(const struct places *places, bool on)
{
    struct config config;
    struct err err;

    assert_int_equal(config_read(&config, NULL, &err), ERR_OK);
    free(config.data);
    config.data = mem_string(places->data);
    config.confine = on;
    return config;
}

// 0 done, 1 not done, 2 this kernel cannot confine it.
static int attempt(const struct places *places, const struct act *act, bool on)
{
    struct config config = configure(places, on);
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        struct confined confined = confine(&config);
        if (on && !(act->landlock ? confined.landlock > 0 : confined.seccomp))
            _exit(2);
        errno = 0;
        _exit(act->try(places) ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    config_fini(&config);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int set_up(void **state)
{
    struct places *places = mem_alloc(sizeof *places);

    places->data = scratch_new();
    places->other = scratch_new();
    assert_true(touch(places->other, "secret"));
    *state = places;
    return 0;
}

static int tear_down(void **state)
{
    struct places *places = *state;

    scratch_remove(places->data);
    scratch_remove(places->other);
    free(places);
    return 0;
}

static void each_act_is_possible_when_free_and_impossible_when_confined(void **state)
{
    const struct places *places = *state;
    int held = 0;

    if (__sanitizer_set_death_callback)
        skip();
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) {
        if (attempt(places, &acts[i], false) != 0)
            fail_msg("free: %s", acts[i].name);
        int outcome = attempt(places, &acts[i], true);
        if (outcome == 0)
            fail_msg("confined: %s", acts[i].name);
        held += outcome == 1;
    }
    if (held == 0)
        skip(); // this kernel has neither
}

static void *nothing(void *argument)
{
    return argument;
}

static bool own_work(const struct places *places)
{
    pthread_t thread;
    int pair[2];

    if (!touch(places->data, "journal") || pthread_create(&thread, NULL, nothing, NULL) != 0)
        return false;
    pthread_join(thread, NULL);
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0 &&
           access("/etc/passwd", R_OK) == 0;
}

static void its_own_work_goes_on(void **state)
{
    const struct places *places = *state;
    const struct act act = {"own work", own_work, false};

    assert_int_not_equal(attempt(places, &act, true), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_act_is_possible_when_free_and_impossible_when_confined,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(its_own_work_goes_on, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
