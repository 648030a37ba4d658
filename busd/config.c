#include "busd/config.h"

#include "lib/mem.h"
#include "lib/path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) offsetof(struct config, field)

const struct conf_key config_keys[] = {
    {"data", CONF_STRING, AT(data), "\"\"", 0, 0, NULL,
     "Directory of the journal; busd makes it, nobody else may read it. Empty: the service's state "
     "directory, else ~/.local/state/pult."},
    {"personal_key", CONF_STRING, AT(personal_key), "\"\"", 0, 0, NULL,
     "File of the key that personal data are sealed with, made at the first start; 0600. Another "
     "disk "
     "than the data's keeps a stolen one useless. Empty: personal.key in the data directory."},
    {"anchor", CONF_STRING, AT(anchor), "\"\"", 0, 0, NULL,
     "File that the journal's head is appended to each minute, beside syslog: best on another "
     "machine's disk. `pult verify --anchor` compares. Empty: syslog alone."},
    {"confine", CONF_BOOL, AT(confine), "true", 0, 0, NULL,
     "Let the kernel hold busd to its own files (Landlock) and to the system calls it needs "
     "(seccomp). "
     "What the kernel lacks is left out, and the log says so."},
    {"requests", CONF_STRINGS, AT(requests), "[]", 0, 0, NULL,
     "Endpoints of the requests socket, ipc:///path or tcp://ADDRESS:PORT. Empty: requests.sock in "
     "the service's runtime directory, else in $XDG_RUNTIME_DIR/pult, else in /tmp/pult-UID; with "
     "a "
     "curve.key also tcp://127.0.0.1:5570."},
    {"feed", CONF_STRINGS, AT(feed), "[]", 0, 0, NULL,
     "Endpoints of the feed. Empty: feed.sock beside the requests socket; with a curve.key also "
     "tcp://127.0.0.1:5571."},
    {"metrics", CONF_STRING, AT(metrics), "127.0.0.1:5572", 0, 0, NULL,
     "Where /metrics, /healthz and /readyz are served over HTTP: ADDRESS:PORT of the loopback, or "
     "the path of a Unix socket. Empty: nowhere."},
    {"zone", CONF_STRING, AT(zone), "Europe/Moscow", 0, 0, NULL,
     "The company's time zone, an IANA name; the environment's TZ is never used."},
    {"clock", CONF_STRING, AT(clock), "system", 0, 0, "system replay",
     "system, or replay: time stands still until the verb `clock` moves it; for an empty data "
     "directory that is meant for replays alone."},
    {"language", CONF_STRING, AT(language), "ru", 0, 0, "ru en",
     "Language of those who did not say theirs in `hello`, and of busd's own messages."},
    {"roles", CONF_STRING, AT(roles), "\"\"", 0, 0, NULL,
     "File of roles and of the accounts that have them. Empty: roles.yaml in the configuration's "
     "directory. busd does not start without it."},
    {"keys", CONF_STRING, AT(keys), "\"\"", 0, 0, NULL,
     "File of the public keys of clients over TCP. Empty: keys.yaml in the configuration's "
     "directory; where there is none, no client has a key."},
    {"persons", CONF_STRING, AT(persons), "\"\"", 0, 0, NULL,
     "File of the people who sign on behind shared accounts, with the hashes of their PINs; others "
     "may not read it. Empty: persons.yaml in the configuration's directory, where there is one."},
    {"timers", CONF_STRING, AT(timers), "\"\"", 0, 0, NULL,
     "File of the deadlines. Empty: timers.yaml in the configuration's directory; where there is "
     "none, they have their defaults."},
    {"desks", CONF_STRING, AT(desks), "\"\"", 0, 0, NULL,
     "File of the dispatchers' desks. Empty: desks.yaml in the configuration's directory; where "
     "there is none, there are no desks."},
    {"offices", CONF_STRING, AT(offices), "\"\"", 0, 0, NULL,
     "File of the offices that people can be booked for. Empty: offices.yaml in the "
     "configuration's "
     "directory; where there is none, there are no offices."},
    {"directory", CONF_STRING, AT(directory), "\"\"", 0, 0, NULL,
     "File of whom to turn to. Empty: directory.yaml in the configuration's directory, where there "
     "is "
     "one."},
    {"answers", CONF_STRING, AT(answers), "\"\"", 0, 0, NULL,
     "Directory of answer texts, NAME.ru.md and NAME.en.md. Empty: answers/ in the configuration's "
     "directory, where there is one."},
    {"calendar", CONF_STRING, AT(calendar), "\"\"", 0, 0, NULL,
     "File of days off and moved working days, for deadlines in working days. Empty: calendar.yaml "
     "in the configuration's directory; where there is none, weekends alone are off."},
    {"etas", CONF_STRING, AT(etas), "\"\"", 0, 0, NULL,
     "File of the default times of restoration. Empty: etas.yaml in the configuration's directory; "
     "where there is none, only people set times."},
    {"rules", CONF_STRING, AT(rules), "\"\"", 0, 0, NULL,
     "File of the rules of grouping, read again at SIGHUP. Empty: rules.yaml in the "
     "configuration's "
     "directory; where there is none, they have their defaults."},
    {"schemas", CONF_STRING, AT(schemas), "\"\"", 0, 0, NULL,
     "Directory of the event types. Empty: the one that is installed with busd."},
    {"company_schemas", CONF_STRING, AT(company_schemas), "\"\"", 0, 0, NULL,
     "Directory of the company's own types x.NAME.…, a file each. Empty: schemas/ in the "
     "configuration's directory, where there is one."},
    {"extensions", CONF_STRINGS, AT(extensions), "[traceparent, tracestate, correlationid]", 0, 0,
     NULL, "CloudEvents extension attributes that clients may set, kept as they are."},
    {"curve.key", CONF_STRING, AT(key), "\"\"", 0, 0, NULL,
     "The broker's own secret key, a file that `pult keygen busd` makes and busd's account alone "
     "may "
     "read. Empty: busd.key_secret in the configuration's directory; where there is none, TCP is "
     "for the loopback alone."},
    {"curve.next_key", CONF_STRING, AT(next_key), "\"\"", 0, 0, NULL,
     "The key that is to follow. While both are in use it has endpoints of its own."},
    {"curve.next_requests", CONF_STRINGS, AT(next_requests), "[]", 0, 0, NULL,
     "Endpoints of the requests socket with the key that is to follow."},
    {"curve.next_feed", CONF_STRINGS, AT(next_feed), "[]", 0, 0, NULL,
     "Endpoints of the feed with the key that is to follow."},
    {"company.name", CONF_STRING, AT(company_name), "\"\"", 0, 0, NULL,
     "The company's name as operators say it."},
    {"company.phone", CONF_STRING, AT(company_phone), "\"\"", 0, 0, NULL,
     "Its telephone number for consumers, as operators say it."},
    {"personal_retention_days.contacts", CONF_INTEGER, AT(retention_contacts), "1095", 0, 36500,
     NULL,
     "How many days what callers said of themselves is kept; then it is erased, the events stay. "
     "0: "
     "without end."},
    {"personal_retention_days.complaints", CONF_INTEGER, AT(retention_complaints), "1825", 0, 36500,
     NULL, "The same of contact.complaint."},
    {"personal_retention_days.theft_reports", CONF_INTEGER, AT(retention_theft), "1095", 0, 36500,
     NULL, "The same of contact.theft_report."},
    {"personal_retention_days.other", CONF_INTEGER, AT(retention_other), "1095", 0, 36500, NULL,
     "The same of the company's own types."},
    {"readings.from", CONF_INTEGER, AT(readings_from), "23", 0, 31, NULL,
     "First day of the month of the window for meter readings; one taken outside is marked. 0: no "
     "window."},
    {"readings.to", CONF_INTEGER, AT(readings_to), "25", 0, 31, NULL, "Its last day."},
    {"voltage.phase", CONF_INTEGER, AT(voltage_phase), "230", 1, 1000, NULL,
     "Nominal volts between phase and neutral; callers' figures are judged against it."},
    {"voltage.line", CONF_INTEGER, AT(voltage_line), "400", 1, 2000, NULL,
     "Nominal volts between phases."},
    {"voltage.tolerance", CONF_INTEGER, AT(voltage_tolerance), "10", 0, 100, NULL,
     "How many percent of the nominal it may be off (GOST 32144, 4.2.2)."},
    {"log.level", CONF_STRING, AT(log_level), "info", 0, 0, "error warning info debug",
     "What is written to standard error."},
    {"limits.event_bytes", CONF_INTEGER, AT(event_bytes), "65536", 1024, 1048576, NULL,
     "Bytes of one event as received."},
    {"limits.request_bytes", CONF_INTEGER, AT(request_bytes), "1048576", 4096, 4194304, NULL,
     "Bytes of one request's body."},
    {"limits.message_bytes", CONF_INTEGER, AT(message_bytes), "4194304", 65536, 67108864, NULL,
     "A frame above it closes the connection; ZeroMQ has no other way."},
    {"limits.array_events", CONF_INTEGER, AT(array_events), "1000", 1, 1000, NULL,
     "Events of one request."},
    {"limits.clients", CONF_INTEGER, AT(clients), "1000", 1, 100000, NULL,
     "Clients at the same time."},
    {"limits.connections", CONF_INTEGER, AT(connections), "8192", 64, 100000, NULL,
     "Connections of each socket, handshakes under way included. Above it, and above what the "
     "descriptors allow, the oldest of these is closed."},
    {"limits.subscriptions", CONF_INTEGER, AT(subscriptions), "16", 1, 1000, NULL,
     "Subscriptions of one client."},
    {"limits.credit", CONF_INTEGER, AT(credit), "100000", 1, 10000000, NULL,
     "Events that one subscription may have been granted and not yet been sent."},
    {"limits.import_part_bytes", CONF_INTEGER, AT(import_part_bytes), "262144", 1024, 1048576, NULL,
     "Bytes of CSV in one part of an import."},
    {"limits.import", CONF_DURATION_MS, AT(import_ms), "1h", 1000, 86400000, NULL,
     "How long parts of an import that is not committed are kept."},
    {"limits.queries", CONF_INTEGER, AT(queries), "1000", 1, 100000, NULL,
     "Queries that may wait for an answer."},
    {"limits.query", CONF_DURATION_MS, AT(query_ms), "1s", 10, 60000, NULL,
     "How long one query may read: an open read holds up the reuse of the journal's log."},
    {"limits.batch_requests", CONF_INTEGER, AT(batch_requests), "400", 1, 10000, NULL,
     "Requests that are committed together at most (what waits is taken, nothing is waited for)."},
    {"limits.batch_bytes", CONF_INTEGER, AT(batch_bytes), "1048576", 65536, 67108864, NULL,
     "Bytes of events that are committed together at most."},
};
const size_t config_key_count = sizeof config_keys / sizeof *config_keys;

static void set_default(char **value, const char *directory, const char *name)
{
    char path[PATH_BYTES + 32];

    if (**value)
        return;
    snprintf(path, sizeof path, "%s%s", directory, name);
    free(*value);
    *value = mem_string(path);
}

static void set_endpoints(char ***list, const char *runtime, const char *name, const char *tcp)
{
    char endpoint[PATH_BYTES + 32];

    free(*list);
    *list = mem_alloc(3 * sizeof **list);
    snprintf(endpoint, sizeof endpoint, "ipc://%s/%s", runtime, name);
    (*list)[0] = mem_string(endpoint);
    (*list)[1] = mem_string(tcp);
}

// It may be missing where nobody has named it.
static void set_optional(char **value, const char *directory, const char *name)
{
    bool given = **value != '\0';

    set_default(value, directory, name);
    if (!given && access(*value, F_OK) != 0)
        **value = '\0';
}

static enum err_code fill_sockets(struct config *config, struct err *err)
{
    char runtime[PATH_BYTES];
    bool tcp = *config->key != '\0';

    if (config->requests[0] && config->feed[0])
        return ERR_OK;
    if (path_runtime(runtime, err) != ERR_OK)
        return err->code;
    if (!config->requests[0])
        set_endpoints(&config->requests, runtime, "requests.sock",
                      tcp ? "tcp://127.0.0.1:5570" : NULL);
    if (!config->feed[0])
        set_endpoints(&config->feed, runtime, "feed.sock", tcp ? "tcp://127.0.0.1:5571" : NULL);
    return ERR_OK;
}

static enum err_code fill_places(struct config *config, struct err *err)
{
    char directory[PATH_BYTES];

    if (path_config(directory, err) != ERR_OK)
        return err->code;
    set_default(&config->roles, directory, "/roles.yaml");
    set_optional(&config->keys, directory, "/keys.yaml");
    set_optional(&config->persons, directory, "/persons.yaml");
    set_optional(&config->timers, directory, "/timers.yaml");
    set_optional(&config->desks, directory, "/desks.yaml");
    set_optional(&config->etas, directory, "/etas.yaml");
    set_optional(&config->offices, directory, "/offices.yaml");
    set_optional(&config->directory, directory, "/directory.yaml");
    set_optional(&config->answers, directory, "/answers");
    set_optional(&config->calendar, directory, "/calendar.yaml");
    set_optional(&config->rules, directory, "/rules.yaml");
    set_optional(&config->key, directory, "/busd.key_secret");
    set_default(&config->company_schemas, directory, "/schemas");
    if (fill_sockets(config, err) != ERR_OK)
        return err->code;
    if (!*config->data) {
        if (path_state(directory, err) != ERR_OK)
            return err->code;
        set_default(&config->data, directory, "");
    }
    if (!*config->schemas) {
        if (path_share(directory, err) != ERR_OK)
            return err->code;
        set_default(&config->schemas, directory, "/schemas");
    }
    return ERR_OK;
}

enum err_code config_read(struct config *config, const char *file, struct err *err)
{
    memset(config, 0, sizeof *config);
    if (conf_read(config_keys, config_key_count, config, file, err) != ERR_OK)
        return err->code;
    return fill_places(config, err);
}

void config_fini(struct config *config)
{
    conf_fini(config_keys, config_key_count, config);
}

void config_print(struct buf *out)
{
    conf_print(config_keys, config_key_count, "busd, the broker daemon", out);
}

enum log_level config_log_level(const struct config *config)
{
    static const struct {
        const char *word;
        enum log_level level;
    } levels[] = {{"error", LOG_LEVEL_ERROR},
                  {"warning", LOG_LEVEL_WARNING},
                  {"info", LOG_LEVEL_INFO},
                  {"debug", LOG_LEVEL_DEBUG}};

    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        if (strcmp(config->log_level, levels[i].word) == 0)
            return levels[i].level;
    }
    return LOG_LEVEL_INFO;
}
