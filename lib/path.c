#include "lib/path.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOME_LEVELS = 4 };

static enum err_code join(char out[PATH_BYTES], struct err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static enum err_code join(char out[PATH_BYTES], struct err *err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(out, PATH_BYTES, format, args);
    va_end(args);
    if (length >= 0 && length < PATH_BYTES)
        return ERR_OK;
    return err_set(err, ERR_LIMIT, "path_too_long",
                   "the path %.60s… is longer than %d bytes; use a shorter directory",
                   "путь %.60s… длиннее %d байт; выберите каталог с более коротким путём", out,
                   PATH_BYTES - 1);
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

// A value of the environment that may be a directory; the rules of XDG say to ignore relative ones.
static const char *absolute_env(const char *name)
{
    const char *value = getenv(name);
    return value && value[0] == '/' ? value : NULL;
}

// Cuts the last component off. False at the root.
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash || slash[1] == '\0')
        return false;
    slash[slash == path ? 1 : 0] = '\0';
    return true;
}

bool path_home(char out[PATH_BYTES], const char *directory)
{
    if (join(out, NULL, "%s", directory) != ERR_OK)
        return false;
    for (int level = 0; level < HOME_LEVELS; level++) {
        char share[PATH_BYTES];
        if (join(share, NULL, "%s/share/pult", out) == ERR_OK && is_directory(share))
            return true;
        if (!go_up(out))
            return false;
    }
    return false;
}

// The home of the program that is running.
static bool own_home(char out[PATH_BYTES])
{
    char exe[PATH_BYTES];
    ssize_t length = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (length <= 0 || (size_t)length >= sizeof exe - 1)
        return false;
    exe[length] = '\0';
    return go_up(exe) && path_home(out, exe);
}

enum err_code path_share(char out[PATH_BYTES], struct err *err)
{
    char home[PATH_BYTES];
    const char *given = absolute_env("PULT_SHARE");
    enum err_code code = given            ? join(out, err, "%s", given)
                         : own_home(home) ? join(out, err, "%s/share/pult", home)
                                          : join(out, err, "%s", "/usr/local/share/pult");
    if (code != ERR_OK || is_directory(out))
        return code;
    return err_set(err, ERR_NOT_FOUND, "no_share",
                   "%s with the schemas is not there; set PULT_SHARE to the directory that has "
                   "schemas/ in it, or run make install",
                   "нет каталога %s со схемами; укажите в PULT_SHARE каталог, в котором лежит "
                   "schemas/, или выполните make install",
                   out);
}

enum err_code path_config(char out[PATH_BYTES], struct err *err)
{
    const char *given = absolute_env("PULT_CONFIG");
    if (given)
        return join(out, err, "%s", given);
    char home[PATH_BYTES];
    if (own_home(home)) {
        enum err_code code = join(out, err, "%s/etc/pult", home);
        if (code != ERR_OK || is_directory(out))
            return code;
    }
    return join(out, err, "%s", "/etc/pult");
}

enum err_code path_program(char out[PATH_BYTES], const char *name, struct err *err)
{
    static const char *const places[] = {"", "libexec/pult/", "sbin/", "bin/"};
    char home[PATH_BYTES];
    bool has_home = own_home(home);
    for (size_t i = 0; has_home && i < sizeof places / sizeof places[0]; i++) {
        enum err_code code = join(out, err, "%s/%s%s", home, places[i], name);
        if (code != ERR_OK)
            return code;
        if (!is_directory(out) && access(out, X_OK) == 0)
            return ERR_OK;
    }
    return err_set(err, ERR_NOT_FOUND, "no_program",
                   "the program %s is not there; build it with make, or run make install",
                   "нет программы %s; соберите её командой make или выполните make install", name);
}

// A directory that is this account's alone; one that others may enter could hold sockets and
// journals that somebody else has put there.
static enum err_code make_private(const char *path, struct err *err)
{
    struct stat info;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return err_set(err, ERR_UNAVAILABLE, "no_directory", "cannot make the directory %s: %s",
                       "не удаётся создать каталог %s: %s", path, strerror(errno));
    if (lstat(path, &info) != 0)
        return err_set(err, ERR_UNAVAILABLE, "no_directory", "cannot look at %s: %s",
                       "не удаётся прочитать %s: %s", path, strerror(errno));
    if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid())
        return err_set(err, ERR_DENIED, "foreign_directory",
                       "%s is not a directory of this account; have it removed, or set another "
                       "place by XDG_RUNTIME_DIR or the configuration",
                       "%s — не каталог этой учётной записи; его нужно удалить или задать другое "
                       "место через XDG_RUNTIME_DIR или настройки",
                       path);
    if ((info.st_mode & 077) != 0)
        return err_set(err, ERR_DENIED, "open_directory",
                       "%s is open to other accounts (mode %03o); chmod 700 closes it",
                       "каталог %s открыт другим учётным записям (права %03o); закройте его: "
                       "chmod 700",
                       path, (unsigned)info.st_mode & 0777);
    return ERR_OK;
}

static enum err_code private_runtime(char out[PATH_BYTES], struct err *err)
{
    const char *xdg = absolute_env("XDG_RUNTIME_DIR");
    if (xdg && is_directory(xdg))
        return join(out, err, "%s/pult", xdg);
    return join(out, err, "/tmp/pult-%lu", (unsigned long)geteuid());
}

enum err_code path_runtime(char out[PATH_BYTES], struct err *err)
{
    const char *service = absolute_env("RUNTIME_DIRECTORY");
    if (service)
        return join(out, err, "%s", service);
    enum err_code code = private_runtime(out, err);
    return code == ERR_OK ? make_private(out, err) : code;
}

enum err_code path_runtime_find(char out[PATH_BYTES], struct err *err)
{
    if (join(out, err, "%s", "/run/pult") == ERR_OK && is_directory(out))
        return ERR_OK;
    const char *xdg = absolute_env("XDG_RUNTIME_DIR");
    if (xdg && join(out, NULL, "%s/pult", xdg) == ERR_OK && is_directory(out))
        return ERR_OK;
    struct stat info;
    enum err_code code = join(out, err, "/tmp/pult-%lu", (unsigned long)geteuid());
    if (code != ERR_OK)
        return code;
    if (lstat(out, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid())
        return ERR_OK;
    return err_set(err, ERR_UNAVAILABLE, "no_runtime",
                   "no broker runs here: neither /run/pult nor %s exists; start busd, or set "
                   "PULT_BUS to its requests endpoint",
                   "здесь не запущен брокер: нет ни /run/pult, ни %s; запустите busd или укажите "
                   "в PULT_BUS адрес его сокета запросов",
                   out);
}

enum err_code path_state(char out[PATH_BYTES], struct err *err)
{
    const char *service = absolute_env("STATE_DIRECTORY");
    if (service)
        return join(out, err, "%s", service);
    const char *state = absolute_env("XDG_STATE_HOME");
    const char *home = absolute_env("HOME");
    enum err_code code;
    if (state) {
        code = join(out, err, "%s/pult", state);
    } else if (home) {
        code = join(out, err, "%s/.local/state/pult", home);
    } else {
        return err_set(err, ERR_NOT_FOUND, "no_home",
                       "HOME is not set; set it, or XDG_STATE_HOME, to an absolute path",
                       "не задан HOME; укажите в нём или в XDG_STATE_HOME абсолютный путь");
    }
    if (code != ERR_OK)
        return code;
    // The parents are the account's ordinary directories; only the last one is private.
    for (char *slash = strchr(out + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(out, 0755);
        *slash = '/';
    }
    return make_private(out, err);
}
