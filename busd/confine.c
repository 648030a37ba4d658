#include "busd/confine.h"

#include "lib/log.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PLACE_BYTES = 4096 };

// A sanitizer's runtime starts processes and programs of its own.
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

// --- Landlock -------------------------------------------------------------------------------------

// Debian 12's header ends at version 2 of Landlock; the kernel may know more.
#define ACCESS_TRUNCATE (1ULL << 14) // from version 3
#define ACCESS_READ     (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                                             \
    (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |                            \
     LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR | \
     LANDLOCK_ACCESS_FS_MAKE_SOCK)
#define ACCESS_NEVER                                                                             \
    (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM)

static const char *const system_places[] = {
    "/etc",
    "/usr",
    "/lib",
    "/lib64",
    "/proc",
    "/run",
    "/sys/devices/system/cpu",
    "/dev/null",
    "/dev/urandom",
    "/dev/random",
    "/dev/log",
    "/var/lib/sss",
    NULL,
};

struct rules {
    int ruleset;
    uint64_t handled;
};

static void allow(const struct rules *rules, const char *path, uint64_t access)
{
    struct landlock_path_beneath_attr beneath = {.allowed_access = access & rules->handled};
    struct stat status;

    beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
    if (beneath.parent_fd < 0)
        return;
    if (fstat(beneath.parent_fd, &status) == 0 && !S_ISDIR(status.st_mode))
        beneath.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                  (rules->handled & ACCESS_TRUNCATE);
    syscall(SYS_landlock_add_rule, rules->ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
    close(beneath.parent_fd);
}

// The directory that a file lies in, for it may be made, replaced or read anew.
static void allow_beside(const struct rules *rules, const char *file, uint64_t access)
{
    char directory[PLACE_BYTES];
    const char *slash = strrchr(file, '/');

    if (!slash)
        return;
    snprintf(directory, sizeof directory, "%.*s", (int)(slash - file), file);
    allow(rules, slash == file ? "/" : directory, access);
}

static void allow_sockets(const struct rules *rules, char *const *endpoints)
{
    for (; endpoints && *endpoints; endpoints++) {
        if (strncmp(*endpoints, "ipc://", 6) == 0)
            allow_beside(rules, *endpoints + 6, ACCESS_READ | ACCESS_WRITE | ACCESS_TRUNCATE);
    }
}

// Files and directories that the configuration names are read again at a reload.
static void allow_configured(const struct rules *rules, const struct config *config)
{
    struct stat status;

    for (size_t i = 0; i < config_key_count; i++) {
        const char *at = (const char *)config + config_keys[i].offset;
        const char *value;

        if (config_keys[i].type != CONF_STRING)
            continue;
        value = *(char *const *)(const void *)at;
        if (!strchr(value, '/'))
            continue;
        if (stat(value, &status) == 0 && S_ISDIR(status.st_mode))
            allow(rules, value, ACCESS_READ);
        else
            allow_beside(rules, value, ACCESS_READ);
    }
}

static void allow_all(const struct rules *rules, const struct config *config)
{
    const uint64_t all = ACCESS_READ | ACCESS_WRITE | ACCESS_TRUNCATE;

    for (const char *const *place = system_places; *place; place++)
        allow(rules, *place, ACCESS_READ);
    allow(rules, "/dev/null", ACCESS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE);
    allow_configured(rules, config);
    allow(rules, config->data, all);
    allow_beside(rules, config->personal_key, all);
    allow_beside(rules, config->anchor, all);
    allow_beside(rules, config->metrics, all);
    allow_sockets(rules, config->requests);
    allow_sockets(rules, config->feed);
    allow_sockets(rules, config->next_requests);
    allow_sockets(rules, config->next_feed);
}

static int confine_files(const struct config *config)
{
    int version =
        (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    struct rules rules = {.handled = ACCESS_READ | ACCESS_WRITE | ACCESS_NEVER};
    struct landlock_ruleset_attr attributes = {0};
    int held = -1;

    if (version < 1)
        return 0;
    if (version >= 2)
        rules.handled |=
            LANDLOCK_ACCESS_FS_REFER; // never allowed: no file moves between directories
    if (version >= 3)
        rules.handled |= ACCESS_TRUNCATE;
    attributes.handled_access_fs = rules.handled;
    rules.ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (rules.ruleset < 0)
        return 0;
    allow_all(&rules, config);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)
        held = (int)syscall(SYS_landlock_restrict_self, rules.ruleset, 0);
    close(rules.ruleset);
    return held == 0 ? version : 0;
}

// --- seccomp --------------------------------------------------------------------------------------

static const char *const allowed_calls[] = {
    // files
    "read",
    "write",
    "readv",
    "writev",
    "pread64",
    "pwrite64",
    "preadv",
    "pwritev",
    "open",
    "openat",
    "close",
    "close_range",
    "stat",
    "fstat",
    "lstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "lseek",
    "fsync",
    "fdatasync",
    "ftruncate",
    "truncate",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "readlink",
    "readlinkat",
    "getdents64",
    "chmod",
    "fchmod",
    "fchmodat",
    "fchown",
    "umask",
    "fallocate",
    "flock",
    "fcntl",
    "dup",
    "dup2",
    "dup3",
    "pipe2",
    "statfs",
    "fstatfs",
    "fadvise64",
    "utimensat",
    "getcwd",
    "ioctl",
    "copy_file_range",
    "sendfile",
    // memory
    "mmap",
    "mprotect",
    "munmap",
    "mremap",
    "madvise",
    "brk",
    "msync",
    "mincore",
    "membarrier",
    "mlock",
    "munlock",
    // threads, time and signals
    "futex",
    "sched_yield",
    "exit",
    "exit_group",
    "set_robust_list",
    "get_robust_list",
    "rseq",
    "set_tid_address",
    "gettid",
    "getpid",
    "getppid",
    "tgkill",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "rt_sigsuspend",
    "sigaltstack",
    "signalfd4",
    "restart_syscall",
    "clock_gettime",
    "clock_getres",
    "clock_nanosleep",
    "nanosleep",
    "gettimeofday",
    "time",
    "times",
    "getrusage",
    "sched_getaffinity",
    "sched_setaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "sched_setscheduler",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "getcpu",
    // waiting and sockets
    "poll",
    "ppoll",
    "select",
    "pselect6",
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "epoll_pwait",
    "eventfd2",
    "timerfd_create",
    "timerfd_settime",
    "bind",
    "listen",
    "accept",
    "accept4",
    "connect",
    "getsockname",
    "getpeername",
    "setsockopt",
    "getsockopt",
    "sendto",
    "recvfrom",
    "sendmsg",
    "recvmsg",
    "sendmmsg",
    "recvmmsg",
    "shutdown",
    // who and where one is
    "getuid",
    "geteuid",
    "getgid",
    "getegid",
    "getresuid",
    "getresgid",
    "getgroups",
    "uname",
    "sysinfo",
    "getrandom",
    "arch_prctl",
    "prctl",
    "prlimit64",
    "getrlimit",
    NULL,
};

// Of the name service (netlink, Unix), of clients and of metrics.
static const int allowed_families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

static bool add_rules(scmp_filter_ctx filter)
{
    bool good = true;

    // A library newer than this list may make a call that is not known here.
    for (const char *const *name = allowed_calls; *name; name++) {
        int call = seccomp_syscall_resolve_name(*name);
        if (call != __NR_SCMP_ERROR)
            good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0) == 0;
    }
    // Threads, never processes. The flags of clone3 cannot be looked at: without it, clone is used.
    good = good && seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                    SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)) == 0;
    for (size_t i = 0; i < sizeof allowed_families / sizeof *allowed_families; i++) {
        scmp_datum_t family = (scmp_datum_t)allowed_families[i];
        good = good &&
               seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                SCMP_A0(SCMP_CMP_EQ, family, 0)) == 0 &&
               seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
                                SCMP_A0(SCMP_CMP_EQ, family, 0)) == 0;
    }
    return good;
}

static bool confine_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    bool held = filter && add_rules(filter) && seccomp_load(filter) == 0;

    seccomp_release(filter);
    return held;
}

struct confined confine(const struct config *config)
{
    struct confined confined = {0};

    if (!config->confine || __sanitizer_set_death_callback) {
        log_warning("not confined: %s",
                    config->confine ? "built with a sanitizer" : "confine: false");
        return confined;
    }
    confined.landlock = confine_files(config);
    confined.seccomp = confine_calls();
    if (!confined.landlock || !confined.seccomp)
        log_warning("confined in part, this kernel lacks the rest landlock=%d seccomp=%s",
                    confined.landlock, confined.seccomp ? "yes" : "no");
    else
        log_info("confined landlock=%d seccomp=yes", confined.landlock);
    return confined;
}
