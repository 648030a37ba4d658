// `pult simulate`: invented callers against a broker: calls that no fault explains, all the time, and
// the callers of a few faults, one after the other. What they say stands in config/demo/calls.yaml;
// who they are the broker is asked (premises and nodes); their phones are invented.
#include "pult/command.h"

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "lib/path.h"
#include "lib/yaml.h"
#include "pult/simulate_places.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { RATE_A_MINUTE = 12, PAUSE_AFTER_FAULTS_S = 600, STEP_MS = 200 };

// A call that a fault causes, at its time from the start.
struct caller {
    int64_t at_ms;
    const struct place *place;
};

struct simulation {
    const struct command_line *line;
    struct client *client;
    struct json_doc *doc;
    const struct json *script; // calls.yaml
    struct places places;
    struct caller *callers;
    size_t caller_count, caller_capacity, next_caller;
    uint64_t random;
    double rate_a_minute;
    int64_t started_ms, next_background_ms;
    int64_t published, refused;
};

static volatile sig_atomic_t interrupted;

static void interrupt(int signal_number)
{
    (void)signal_number;
    interrupted = 1;
}

// xorshift64*: the same seed makes the same calls.
static uint64_t next_random(struct simulation *simulation)
{
    uint64_t x = simulation->random;

    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    simulation->random = x;
    return x * UINT64_C(2685821657736338717);
}

static double next_share(struct simulation *simulation) // 0 <= … < 1
{
    return (double)(next_random(simulation) >> 11) / 9007199254740992.0;
}

static int64_t below(struct simulation *simulation, int64_t limit)
{
    return limit > 0 ? (int64_t)(next_random(simulation) % (uint64_t)limit) : 0;
}

static const struct json *nth(const struct json *array, int64_t n)
{
    const struct json *value = array ? array->first : NULL;

    while (value && n-- > 0)
        value = value->next;
    return value;
}

static const struct json *weighted(struct simulation *simulation, const struct json *rows)
{
    int64_t total = 0;

    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next)
        total += json_integer(json_get(row, "weight"), 1);
    int64_t at = below(simulation, total);
    for (const struct json *row = rows ? rows->first : NULL; row; row = row->next) {
        at -= json_integer(json_get(row, "weight"), 1);
        if (at < 0)
            return row;
    }
    return NULL;
}

// --- one call ----------------------------------------------------------------------------------------

static void answered(void *context, const struct json *body, const struct err *err)
{
    struct simulation *simulation = context;

    (void)body;
    if (!err)
        simulation->published++;
    else if (err->code != ERR_UNAVAILABLE && simulation->refused++ == 0)
        command_fail(simulation->line, err); // the first one tells what is wrong
}

static void write_premise(struct json_out *out, const struct place *place)
{
    json_out_object(out, "premise");
    json_out_text(out, "account", place->account);
    json_out_text(out, "settlement", place->settlement);
    json_out_text(out, "street", place->street);
    json_out_text(out, "house", place->house);
    if (*place->flat)
        json_out_text(out, "flat", place->flat);
    json_out_end(out, '}');
}

// A share of the callers below a failed node report a hazard: its row, or NULL.
static const struct json *draw_hazard(struct simulation *simulation)
{
    const struct json *hazards = json_get(simulation->script, "hazards");
    const struct json *share = json_get(hazards, "share");

    return share && next_share(simulation) < share->number
               ? weighted(simulation, json_get(hazards, "rows"))
               : NULL;
}

static void write_words(struct simulation *simulation, struct json_out *out, const struct json *row,
                        const struct json *hazard)
{
    const struct json *texts = json_get(row, "texts");
    const struct json *text =
        hazard ? json_get(hazard, "text")
               : nth(texts, below(simulation, texts ? (int64_t)texts->count : 0));
    char phone[20];

    if (text)
        json_out_value(out, "text", text);
    snprintf(phone, sizeof(phone), "+7912555%02d%02d", (int)below(simulation, 100),
             (int)below(simulation, 100));
    json_out_object(out, "caller");
    json_out_text(out, "phone", phone);
    json_out_end(out, '}');
}

static void publish_call(struct simulation *simulation, const struct place *place,
                         const struct json *row, bool of_fault)
{
    static const char *const members[] = {"symptom", "extent", "volts"};
    const char *type = json_c_string(json_get(row, "type"));
    const struct json *hazard = of_fault ? draw_hazard(simulation) : NULL;
    struct buf body = {0};
    struct json_out out;

    message_event(&out, &body, type ? type : "contact.outage_report");
    json_out_text(&out, "applicant", "person");
    write_premise(&out, place);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        if (json_get(row, members[i]))
            json_out_value(&out, members[i], json_get(row, members[i]));
    }
    if (of_fault && !json_get(row, "symptom"))
        json_out_text(&out, "symptom", "no_power");
    if (hazard)
        json_out_value(&out, "hazard", json_get(hazard, "hazard"));
    write_words(simulation, &out, row, hazard);
    message_end(&out);
    if (client_is_up(simulation->client))
        client_request(simulation->client, "publish", (struct slice){body.data, body.length},
                       answered, simulation);
    buf_fini(&body);
}

// --- who calls when -----------------------------------------------------------------------------------

static int compare_callers(const void *left, const void *right)
{
    const struct caller *a = left;
    const struct caller *b = right;

    return a->at_ms < b->at_ms ? -1 : a->at_ms > b->at_ms;
}

// The callers of one fault: a share of those below the node, soon after it, half of them within
// `half_of_them_within_s` (exponential), some of them twice.
static void add_fault(struct simulation *simulation, const struct json *fault, int64_t offset_ms)
{
    const struct json *rules = json_get(simulation->script, "callers");
    const char *node = json_c_string(json_get(fault, "node"));
    int64_t at_ms = offset_ms + json_integer(json_get(fault, "at_s"), 0) * 1000;
    double half_ms = (double)json_integer(json_get(rules, "half_of_them_within_s"), 240) * 1000;
    const struct json *share = json_get(rules, "share");
    const struct json *repeats = json_get(rules, "repeat_share");
    size_t below_count = 0;
    const struct place **found = places_below(&simulation->places, node ? node : "", &below_count);

    int64_t wanted = (int64_t)((double)below_count * (share ? share->number : 0.1));
    int64_t least = json_integer(json_get(rules, "least"), 3);
    int64_t most = json_integer(json_get(rules, "most"), 60);
    wanted = wanted < least ? least : wanted > most ? most : wanted;
    for (int64_t i = 0; below_count && i < wanted; i++) {
        int calls = repeats && next_share(simulation) < repeats->number ? 2 : 1;
        const struct place *place = found[below(simulation, (int64_t)below_count)];
        double after_ms = 0;
        for (; calls > 0; calls--) {
            after_ms += -log(1 - next_share(simulation)) * half_ms / log(2);
            mem_grow((void **)&simulation->callers, simulation->caller_count,
                     &simulation->caller_capacity, sizeof(*simulation->callers));
            simulation->callers[simulation->caller_count++] =
                (struct caller){at_ms + (int64_t)after_ms, place};
        }
    }
    free(found);
}

// One round of all faults from `offset_ms` on; returns when the next round begins.
static int64_t add_faults(struct simulation *simulation, int64_t offset_ms)
{
    const struct json *faults = json_get(simulation->script, "faults");
    int64_t last_s = 0;

    simulation->caller_count = simulation->next_caller = 0;
    for (const struct json *fault = faults ? faults->first : NULL; fault; fault = fault->next) {
        int64_t at_s = json_integer(json_get(fault, "at_s"), 0);
        last_s = at_s > last_s ? at_s : last_s;
        add_fault(simulation, fault, offset_ms);
    }
    if (simulation->caller_count)
        qsort(simulation->callers, simulation->caller_count, sizeof(*simulation->callers),
              compare_callers);
    return offset_ms + (last_s + PAUSE_AFTER_FAULTS_S) * 1000;
}

static void make_due_calls(struct simulation *simulation, int64_t now_ms)
{
    const struct json *background = json_get(simulation->script, "background");
    const struct json *words = json_get(simulation->script, "outage_texts");

    while (simulation->next_caller < simulation->caller_count &&
           simulation->callers[simulation->next_caller].at_ms <= now_ms)
        publish_call(simulation, simulation->callers[simulation->next_caller++].place,
                     weighted(simulation, words), true);
    while (simulation->rate_a_minute > 0 && simulation->next_background_ms <= now_ms) {
        const struct place *place =
            &simulation->places.items[below(simulation, (int64_t)simulation->places.count)];
        publish_call(simulation, place, weighted(simulation, background), false);
        simulation->next_background_ms +=
            (int64_t)(-log(1 - next_share(simulation)) * 60000 / simulation->rate_a_minute);
    }
}

static void run(struct simulation *simulation, int64_t seconds)
{
    int64_t next_round_ms = add_faults(simulation, 0);

    simulation->started_ms = clock_monotonic_now_ms();
    while (!interrupted) {
        int64_t now_ms = clock_monotonic_now_ms() - simulation->started_ms;
        if (seconds > 0 && now_ms >= seconds * 1000)
            break;
        if (now_ms >= next_round_ms)
            next_round_ms = add_faults(simulation, next_round_ms);
        make_due_calls(simulation, now_ms);
        client_poll(simulation->client, NULL, 0, STEP_MS);
    }
}

static const struct json *read_script(const char *directory, struct json_doc *doc, struct err *err)
{
    struct buf path = {0};

    buf_printf(&path, "%s/calls.yaml", directory);
    const struct json *script = yaml_read(doc, buf_text(&path), err);
    buf_fini(&path);
    return script;
}

static int simulate(struct simulation *simulation, const char *directory, int64_t seconds)
{
    const struct command_line *line = simulation->line;
    struct err err;
    int status = 0;

    simulation->script = read_script(directory, simulation->doc, &err);
    if (!simulation->script)
        return command_fail(line, &err);
    simulation->client = command_connect(line, &status);
    if (!simulation->client)
        return status;
    if (!places_read(&simulation->places, line, simulation->client, &status))
        return status;
    if (simulation->places.count == 0) {
        err_set(&err, ERR_NOT_FOUND, "premises",
                "The broker has no premises; import config/demo first.",
                "У брокера нет помещений; сначала загрузите config/demo.");
        return command_fail(line, &err);
    }
    run(simulation, seconds);
    if (line->people)
        printf(line->language == LANGUAGE_RU ? "Звонков: %lld, отказов: %lld.\n"
                                             : "Calls: %lld, refused: %lld.\n",
               (long long)simulation->published, (long long)simulation->refused);
    return simulation->refused ? 1 : 0;
}

int command_simulate(const struct command_line *given)
{
    struct command_line line = *given;
    const char *rate = command_option(&line, "rate");
    const char *seconds = command_option(&line, "seconds");
    const char *seed = command_option(&line, "seed");
    const char *directory = command_option(&line, "demo");
    struct simulation simulation = {.line = &line, .doc = json_doc_new()};
    char share[PATH_BYTES];
    struct buf otherwise = {0};
    struct err err;
    int status;

    if (line.argc > 1)
        return command_usage(&line);
    if (!line.role)
        line.role = "operator";
    simulation.rate_a_minute = rate ? strtod(rate, NULL) : RATE_A_MINUTE;
    simulation.random = seed ? strtoull(seed, NULL, 10) * 2 + 1 : 1;
    struct sigaction action = {.sa_handler = interrupt};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!directory && path_share(share, &err) != ERR_OK) {
        status = command_fail(&line, &err);
    } else {
        buf_printf(&otherwise, "%s/config/demo", directory ? "" : share);
        status = simulate(&simulation, directory ? directory : buf_text(&otherwise),
                          seconds ? strtoll(seconds, NULL, 10) : 0);
    }
    buf_fini(&otherwise);
    client_close(simulation.client);
    places_fini(&simulation.places);
    free(simulation.callers);
    json_doc_free(simulation.doc);
    return status;
}
