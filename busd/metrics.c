#include "busd/metrics.h"

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/mem.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

// The loop turns at least each second; one that has not for this long is stuck.
enum { STUCK_MS = 10 * 1000, BACKLOG = 16, CONNECTIONS = 32, TIMEOUT_S = 10 };

struct metrics_server {
    const struct metrics *metrics;
    struct MHD_Daemon *http;
    char *path; // of a Unix socket
};

// Either is set; false when `where` is neither.
static bool read_address(const char *where, struct sockaddr_in *tcp, struct sockaddr_un *local)
{
    const char *colon = strrchr(where, ':');
    char host[64], *end;
    unsigned long port;

    memset(tcp, 0, sizeof *tcp);
    memset(local, 0, sizeof *local);
    if (where[0] == '/') {
        local->sun_family = AF_UNIX;
        if (strlen(where) >= sizeof local->sun_path)
            return false;
        strcpy(local->sun_path, where);
        return true;
    }
    if (!colon || (size_t)(colon - where) >= sizeof host)
        return false;
    memcpy(host, where, (size_t)(colon - where));
    host[colon - where] = '\0';
    port = strtoul(colon + 1, &end, 10);
    tcp->sin_family = AF_INET;
    if (colon[1] < '0' || colon[1] > '9' || *end || port == 0 || port > 65535 ||
        inet_pton(AF_INET, host, &tcp->sin_addr) != 1)
        return false;
    tcp->sin_port = htons((uint16_t)port);
    return ntohl(tcp->sin_addr.s_addr) >> 24 == 127;
}

enum err_code metrics_check(const char *where, struct err *err)
{
    struct sockaddr_in tcp;
    struct sockaddr_un local;

    if (read_address(where, &tcp, &local))
        return ERR_OK;
    return err_set(err, ERR_INVALID, "metrics",
                   "metrics: %s is neither ADDRESS:PORT of the loopback (127.0.0.1:5572) nor the "
                   "path of a Unix socket of at most %zu bytes",
                   "metrics: %s — не АДРЕС:ПОРТ на этой машине (127.0.0.1:5572) и не путь сокета "
                   "Unix не длиннее %zu байт",
                   where, sizeof local.sun_path - 1);
}

static bool is_alive(const struct metrics *metrics)
{
    return clock_monotonic_now_ms() - atomic_load(&metrics->turned_ms) < STUCK_MS;
}

static void write_text(const struct metrics *metrics, struct buf *out)
{
#define X(field, name, type, help)                                                         \
    buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %lld\n", name, help, name, type, name, \
               atomic_load_explicit(&metrics->field, memory_order_relaxed));
    METRICS(X)
#undef X
}

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *upload,
                              size_t *upload_size, void **state)
{
    const struct metrics_server *server = context;
    const struct metrics *metrics = server->metrics;
    struct buf text = {0};
    unsigned status = MHD_HTTP_OK;
    struct MHD_Response *response;
    enum MHD_Result result;

    (void)version, (void)upload, (void)upload_size, (void)state;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        status = MHD_HTTP_METHOD_NOT_ALLOWED;
        buf_add_text(&text, "GET only\n");
    } else if (strcmp(url, "/metrics") == 0) {
        write_text(metrics, &text);
    } else if (strcmp(url, "/healthz") == 0 || strcmp(url, "/readyz") == 0) {
        bool good = is_alive(metrics) && (url[1] == 'h' || atomic_load(&metrics->ready));

        status = good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
        buf_add_text(&text, good ? "ok\n" : "unavailable\n");
    } else {
        status = MHD_HTTP_NOT_FOUND;
        buf_add_text(&text, "there are /metrics, /healthz and /readyz\n");
    }
    response = MHD_create_response_from_buffer(text.length, text.data, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    result = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    buf_fini(&text);
    return result;
}

static int open_local(const struct sockaddr_un *local)
{
    int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (descriptor < 0)
        return -1;
    unlink(local->sun_path);
    if (bind(descriptor, (const struct sockaddr *)local, sizeof *local) < 0 ||
        chmod(local->sun_path, 0660) < 0 || listen(descriptor, BACKLOG) < 0) {
        close(descriptor);
        return -1;
    }
    return descriptor;
}

static struct MHD_Daemon *start_http(struct metrics_server *server, const struct sockaddr_in *tcp,
                                     const struct sockaddr_un *local)
{
    const unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_ITC;

    if (local->sun_family == AF_UNIX) {
        int descriptor = open_local(local);

        if (descriptor < 0)
            return NULL;
        server->path = mem_string(local->sun_path);
        return MHD_start_daemon(flags, 0, NULL, NULL, answer, server, MHD_OPTION_LISTEN_SOCKET,
                                descriptor, MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                                MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_END);
    }
    return MHD_start_daemon(flags, ntohs(tcp->sin_port), NULL, NULL, answer, server,
                            MHD_OPTION_SOCK_ADDR, (const struct sockaddr *)tcp,
                            MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
                            MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)TIMEOUT_S, MHD_OPTION_END);
}

struct metrics_server *metrics_start(const struct metrics *metrics, const char *where,
                                     struct err *err)
{
    struct metrics_server *server;
    struct sockaddr_in tcp;
    struct sockaddr_un local;

    if (metrics_check(where, err) != ERR_OK)
        return NULL;
    read_address(where, &tcp, &local);
    server = mem_alloc(sizeof *server);
    server->metrics = metrics;
    server->http = start_http(server, &tcp, &local);
    if (server->http)
        return server;
    err_set(
        err, ERR_UNAVAILABLE, "metrics",
        "metrics cannot be served at %s: %s; another program may have the port, `metrics` in "
        "the configuration chooses another",
        "метрики нельзя открыть на %s: %s; возможно, порт занят, другой задаётся ключом metrics",
        where, strerror(errno));
    free(server->path);
    free(server);
    return NULL;
}

void metrics_stop(struct metrics_server *server)
{
    if (!server)
        return;
    MHD_stop_daemon(server->http);
    if (server->path)
        unlink(server->path);
    free(server->path);
    free(server);
}
