#include "busd/endpoints.h"

#include "lib/slice.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define IPC "ipc://"
#define TCP "tcp://"

bool endpoint_is_ipc(const char *address)
{
    return slice_begins(slice_of(address), slice_of(IPC));
}

// The host (without brackets) and port of tcp://HOST:PORT; false when it has not that form.
static bool split_tcp(const char *address, char host[INET6_ADDRSTRLEN], unsigned *port)
{
    const char *start = address + strlen(TCP), *colon = strrchr(start, ':');
    size_t length = colon ? (size_t)(colon - start) : 0;
    char *end;
    long number;

    if (length == 0)
        return false;
    if (*start == '[' && colon[-1] == ']') {
        start++;
        length -= 2;
    }
    if (length >= INET6_ADDRSTRLEN)
        return false;
    memcpy(host, start, length);
    host[length] = '\0';
    number = strtol(colon + 1, &end, 10);
    *port = (unsigned)number;
    return colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && number >= 1 && number <= 65535;
}

static bool is_address(const char *host)
{
    uint8_t bytes[sizeof(struct in6_addr)];

    return strcmp(host, "*") == 0 || inet_pton(AF_INET, host, bytes) == 1 ||
           inet_pton(AF_INET6, host, bytes) == 1;
}

static bool is_loopback(const char *host)
{
    struct in_addr address;

    return strcmp(host, "::1") == 0 || (inet_pton(AF_INET, host, &address) == 1 &&
                                        (ntohl(address.s_addr) >> 24) == IN_LOOPBACKNET);
}

static enum err_code check_tcp(const char *address, bool has_key, struct err *err)
{
    char host[INET6_ADDRSTRLEN];
    unsigned port;

    if (!split_tcp(address, host, &port) || !is_address(host))
        return err_set(err, ERR_INVALID, "endpoint",
                       "%s is no endpoint; give tcp://ADDRESS:PORT with an IP address (or *) and a "
                       "port from 1 to 65535",
                       "%s — не адрес сокета; нужен tcp://АДРЕС:ПОРТ с IP-адресом (или *) и портом "
                       "от 1 до 65535",
                       address);
    if (has_key || is_loopback(host))
        return ERR_OK;
    return err_set(err, ERR_INVALID, "endpoint",
                   "%s can be reached from other machines and has no CURVE key: make one by `pult "
                   "keygen busd` and name its file in curve.key",
                   "%s доступен с других машин, а ключа CURVE нет: создайте его командой pult "
                   "keygen busd и укажите файл в curve.key",
                   address);
}

enum err_code endpoint_check(const char *address, bool has_key, struct err *err)
{
    struct sockaddr_un unix_address;

    if (strlen(address) < ENDPOINT_BYTES && slice_begins(slice_of(address), slice_of(TCP)))
        return check_tcp(address, has_key, err);
    if (!slice_begins(slice_of(address), slice_of(IPC "/")))
        return err_set(err, ERR_INVALID, "endpoint",
                       "%s is no endpoint; give ipc:// and an absolute path, or tcp://ADDRESS:PORT",
                       "%s — не адрес сокета; нужен ipc:// и полный путь или tcp://АДРЕС:ПОРТ",
                       address);
    if (strlen(address + strlen(IPC)) >= sizeof unix_address.sun_path)
        return err_set(err, ERR_INVALID, "endpoint",
                       "%s is too long for a socket: at most %zu bytes of path; choose a shorter "
                       "directory",
                       "%s: путь слишком длинный для сокета, не более %zu байт; выберите каталог с "
                       "более коротким путём",
                       address, sizeof unix_address.sun_path - 1);
    return ERR_OK;
}

static enum err_code add(struct endpoint *list, size_t *count, const char *config_key,
                         char *const *addresses, const struct curve_pair *key, struct err *err)
{
    for (; *addresses; addresses++) {
        struct endpoint *endpoint = &list[*count];

        if (*count == ENDPOINTS_MAX)
            err_set(err, ERR_LIMIT, "endpoint", "at most %d endpoints can be served",
                    "не больше %d адресов сокетов", ENDPOINTS_MAX);
        else
            endpoint_check(*addresses, *key->secret_key != '\0', err);
        if (err->code != ERR_OK) {
            err_set_path(err, "%s", config_key);
            return err->code;
        }
        snprintf(endpoint->address, sizeof endpoint->address, "%s", *addresses);
        endpoint->key = !endpoint_is_ipc(*addresses) && *key->secret_key ? key : NULL;
        (*count)++;
    }
    return ERR_OK;
}

static enum err_code read_key(const char *file, const char *config_key, struct curve_pair *pair,
                              struct err *err)
{
    if (!*file || curve_read(file, pair, err) == ERR_OK)
        return ERR_OK;
    err_set_path(err, "%s", config_key);
    return err->code;
}

// Without a key of the broker's the loopback needs a role that says what such a peer may.
static enum err_code check_loopback(const struct endpoint *list, size_t count,
                                    const char *config_key, const struct access *access,
                                    struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].key || endpoint_is_ipc(list[i].address) || access_has_loopback(access))
            continue;
        err_set(err, ERR_INVALID, "endpoint",
                "%s has no CURVE key, and roles.yaml gives `loopback` no role, so nobody could "
                "come in there; name a key file in curve.key, or a role",
                "у %s нет ключа CURVE, а в roles.yaml у loopback нет роли, поэтому туда никто не "
                "мог бы войти; укажите файл ключа в curve.key или роль",
                list[i].address);
        err_set_path(err, "%s", config_key);
        return ERR_INVALID;
    }
    return ERR_OK;
}

enum err_code endpoints_read(struct endpoints *endpoints, const struct config *config,
                             const struct access *access, struct err *err)
{
    struct endpoints *to = endpoints;

    memset(to, 0, sizeof *to);
    err_clear(err);
    if (read_key(config->key, "curve.key", &to->key, err) != ERR_OK ||
        read_key(config->next_key, "curve.next_key", &to->next_key, err) != ERR_OK ||
        add(to->requests, &to->request_count, "requests", config->requests, &to->key, err) ||
        add(to->feed, &to->feed_count, "feed", config->feed, &to->key, err) ||
        add(to->requests, &to->request_count, "curve.next_requests", config->next_requests,
            &to->next_key, err) ||
        add(to->feed, &to->feed_count, "curve.next_feed", config->next_feed, &to->next_key, err) ||
        check_loopback(to->requests, to->request_count, "requests", access, err) ||
        check_loopback(to->feed, to->feed_count, "feed", access, err))
        endpoints_fini(to);
    return err->code;
}

void endpoints_fini(struct endpoints *endpoints)
{
    curve_wipe(&endpoints->key);
    curve_wipe(&endpoints->next_key);
    endpoints->request_count = endpoints->feed_count = 0;
}

// --- which feed for whom ------------------------------------------------------------------------

// The host and port of a TCP socket's address; false for another family.
static bool read_local(const struct sockaddr *local, char host[INET6_ADDRSTRLEN], unsigned *port)
{
    const struct sockaddr_in *four = (const struct sockaddr_in *)(const void *)local;
    const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)(const void *)local;

    if (local->sa_family == AF_INET) {
        *port = ntohs(four->sin_port);
        return inet_ntop(AF_INET, &four->sin_addr, host, INET6_ADDRSTRLEN) != NULL;
    }
    if (local->sa_family != AF_INET6)
        return false;
    *port = ntohs(six->sin6_port);
    if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
        return inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, host, INET6_ADDRSTRLEN) != NULL;
    return inet_ntop(AF_INET6, &six->sin6_addr, host, INET6_ADDRSTRLEN) != NULL;
}

static const struct curve_pair *key_at(const struct endpoints *endpoints, unsigned port)
{
    char host[INET6_ADDRSTRLEN];
    unsigned own;

    for (size_t i = 0; i < endpoints->request_count; i++) {
        const struct endpoint *endpoint = &endpoints->requests[i];

        if (!endpoint_is_ipc(endpoint->address) && split_tcp(endpoint->address, host, &own) &&
            own == port)
            return endpoint->key;
    }
    return NULL;
}

void endpoints_feed_for(const struct endpoints *endpoints, const struct sockaddr *local,
                        char feed[ENDPOINT_BYTES])
{
    char host[INET6_ADDRSTRLEN], own[INET6_ADDRSTRLEN];
    unsigned port, own_port;
    bool tcp = read_local(local, host, &port);
    const struct curve_pair *key = tcp ? key_at(endpoints, port) : NULL;

    feed[0] = '\0';
    for (size_t i = 0; i < endpoints->feed_count; i++) {
        const struct endpoint *endpoint = &endpoints->feed[i];

        if (endpoint_is_ipc(endpoint->address) == tcp || endpoint->key != key)
            continue;
        snprintf(feed, ENDPOINT_BYTES, "%s", endpoint->address);
        if (tcp && split_tcp(endpoint->address, own, &own_port) &&
            (strcmp(own, "*") == 0 || strcmp(own, "0.0.0.0") == 0 || strcmp(own, "::") == 0))
            snprintf(feed, ENDPOINT_BYTES, strchr(host, ':') ? "tcp://[%s]:%u" : "tcp://%s:%u",
                     host, own_port);
        return;
    }
}
