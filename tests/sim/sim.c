#include "tests/sim/sim.h"

#include "lib/clock.h"
#include "lib/mem.h"
#include "tests/sim/people.h"
#include "tests/sim/persons.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    SMALL_STEPS = 120,
    BIG_STEPS = 1500,
    BIG_EVERY = 200, // seeds
    COMPARE_EVERY = 40,
    LAST_TRIES = 2000,
};
static const int64_t begin_ms = INT64_C(1798664400000); // 2026-12-31 00:00 in Moscow: a year ends

// --- saying -------------------------------------------------------------------------------------

void sim_fail(struct sim *sim, const char *format, ...)
{
    char text[1000], now[CLOCK_TEXT_BYTES];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    clock_format(sim_broker_now_ms(sim), now);
    buf_printf(&sim->said, "seed %llu, step %d, event %lld, %s: %s", (unsigned long long)sim->seed,
               sim->step, (long long)sim->oracle.head, now, text);
    longjmp(sim->out, 1);
}

void sim_tell(const struct sim *sim, const char *format, ...)
{
    va_list arguments;

    if (!sim->verbose)
        return;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
}

void sim_hash(struct sim *sim, const void *data, size_t length)
{
    const unsigned char *at = data;

    for (size_t i = 0; i < length; i++)
        sim->hash = (sim->hash ^ at[i]) * UINT64_C(1099511628211); // FNV-1a
}

// --- imports ------------------------------------------------------------------------------------

void sim_adopt_network(struct sim *sim)
{
    if (!sim->offered.nodes)
        sim_fail(sim, "the model changed, and nobody had imported anything");
    sim_network_fini(&sim->network);
    sim->broker.settled = false;
    sim->network = sim->offered;
    sim->offered = (struct sim_network){.node_count = 0};
}

// The whole file of `kind`, as the offered network has it.
static void import(struct sim *sim, const char *kind)
{
    struct buf csv = {0};
    enum err_code code;

    if (strcmp(kind, "network") == 0)
        sim_network_csv(&sim->offered, &csv);
    else if (strcmp(kind, "meters") == 0)
        sim_meters_csv(&sim->offered, sim->meter_count, &csv);
    else if (strcmp(kind, "planned") == 0)
        people_write_works(sim, &csv);
    else
        sim_premises_csv(&sim->offered, &csv);
    code = sim_broker_import(sim, kind, &csv);
    buf_fini(&csv);
    if (code == ERR_OK && sim->offered.nodes)
        sim_fail(sim, "an import was made true, and no event says so");
    bool works = strcmp(kind, "planned") == 0; // some of which may be cancelled
    if (code != ERR_OK && code != ERR_UNAVAILABLE && !(works && code == ERR_CONFLICT))
        sim_fail(sim, "an import is refused");
    if (sim->broker.up) // else the journal tells, after the restart
        sim_network_fini(&sim->offered);
}

static void import_change(struct sim *sim)
{
    int what = sim_below(&sim->chance, 4);

    sim_network_copy(&sim->offered, &sim->network);
    if (what == 3) {
        import(sim, "planned");
        return;
    }
    if (what == 0)
        sim_network_grow(&sim->offered, &sim->chance);
    else if (what == 1)
        sim_network_settle(&sim->offered, &sim->chance);
    else
        sim_network_move(&sim->offered, &sim->chance);
    import(sim, what == 0 ? "network" : "premises");
}

// A file with a row that is wrong changes nothing.
static void import_nonsense(struct sim *sim)
{
    struct buf csv = {0};

    sim_network_csv(&sim->network, &csv);
    buf_add_text(&csv, "Z1,nobody,line,Z1,10\n");
    if (sim_broker_import(sim, "network", &csv) == ERR_OK)
        sim_fail(sim, "a network with a node that hangs nowhere was imported");
    buf_fini(&csv);
}

static void import_first(struct sim *sim, int premises)
{
    struct sim_network whole;

    sim_network_make(&whole, &sim->chance, premises);
    sim_network_copy(&sim->offered, &whole);
    sim->offered.premise_count = 0;
    sim_network_copy(&sim->network, &sim->offered); // the desks are by its first node
    sim_broker_make(sim);
    sim_broker_start(sim, false);
    import(sim, "network");
    sim->offered = whole;
    import(sim, "premises");
    sim->meter_count = sim->network.premise_count;
    sim_network_copy(&sim->offered, &sim->network);
    import(sim, "meters");
}

// --- what happens -------------------------------------------------------------------------------

static void pass_time(struct sim *sim, int64_t ms)
{
    if (sim->broker.replay)
        sim_broker_pass(sim, sim->broker.clock_ms + ms);
    else
        sim->wall_ms += ms;
}

static void let_time_pass(struct sim *sim)
{
    static const int64_t spans_ms[] = {1,      900,    30000,  30000,   240000, 60000,
                                       600000, 900000, 120000, 3600000, 5000};
    int64_t span_ms = SIM_ANY(&sim->chance, spans_ms);

    span_ms = span_ms / 2 + sim_below(&sim->chance, (int)span_ms);
    if (sim_percent(&sim->chance, 2))
        span_ms += INT64_C(3600000) * sim_below(&sim->chance, 30);
    if (sim_below(&sim->chance, 400) == 0)
        span_ms += INT64_C(86400000) * sim_below(&sim->chance, 40);
    pass_time(sim, span_ms);
}

// Somebody sets the machine's clock.
static void jump(struct sim *sim)
{
    int64_t minutes = sim_below(&sim->chance, 600) - 300;

    sim->wall_ms += minutes * INT64_C(60000);
    sim_tell(sim, "the machine's clock was set %lld min ahead", (long long)minutes);
}

// Somebody asked for an act, and another person may still agree.
static bool something_waits(const struct sim *sim)
{
    size_t count = sim->oracle.approval_count;
    const struct oracle_approval *last = count ? &sim->oracle.approvals[count - 1] : NULL;

    return last && !last->given_at && last->until >= sim_broker_now_ms(sim);
}

static void (*any_speaker(struct sim *sim))(struct sim *, struct sim_request *)
{
    int who = sim_below(&sim->chance, 100);

    if (sim_percent(&sim->chance, something_waits(sim) ? 30 : 2))
        return people_agree;
    return who < 50 ? people_call : who < 92 ? people_direct : people_plan;
}

static void speak(struct sim *sim)
{
    void (*speaker)(struct sim *, struct sim_request *) = any_speaker(sim);
    struct sim_request *other = clients_any(sim);
    bool steals = other && other->answered && sim_percent(&sim->chance, 1);
    char identity[48];
    int count = sim_percent(&sim->chance, 85) ? 1 : 1 + sim_below(&sim->chance, 6);

    snprintf(identity, sizeof(identity), "pult:user:%s%d",
             speaker == people_call ? "operator" : "dispatcher", sim_below(&sim->chance, 5));
    struct sim_request *request = clients_new(sim, steals ? other->identity : identity);
    if (steals) {
        request->steals = true;
        request->id_other = other->number;
        clients_add_event(sim, request, "log.entry", "{\"text\":\"mine\"}", 0);
    }
    while (!steals && count-- > 0)
        speaker(sim, request);
    clients_send(sim, request);
}

// What waits together is one batch.
static void speak_together(struct sim *sim)
{
    int count = sim_percent(&sim->chance, 60) ? 1 : 1 + sim_below(&sim->chance, 20);

    while (count-- > 0) {
        struct sim_request *unknown = clients_unknown(sim), *lost = clients_any(sim);

        if (unknown && sim_percent(&sim->chance, 40))
            clients_send_again(sim, unknown);
        else if (lost && lost->answered && sim_percent(&sim->chance, 2))
            clients_send_again(sim, lost); // its answer was
        else
            speak(sim);
    }
    sim_broker_commit(sim);
}

static void act(struct sim *sim)
{
    int what = sim_below(&sim->chance, 1000);

    if (what < 680)
        speak_together(sim);
    else if (what < 860)
        sim_broker_tick(sim);
    else if (what < 880)
        sim_broker_idle(sim);
    else if (what < 910)
        sim_broker_stop(sim);
    else if (what < 940)
        sim_broker_kill(sim);
    else if (what < 955)
        jump(sim);
    else if (what < 965)
        import_change(sim);
    else if (what < 970)
        import_nonsense(sim);
    else if (what < 975)
        sim_broker_reload(sim);
    else if (what < 990)
        persons_act(sim);
    else
        sim_broker_free_space(sim);
}

static void step(struct sim *sim)
{
    sim->step++;
    if (!sim->broker.up) {
        sim_broker_start(sim, true);
        sim_network_fini(&sim->offered); // it was not made true
    }
    let_time_pass(sim);
    if (sim_percent(&sim->chance, 15))
        sim->broken = sim_percent(&sim->chance, 30)
                          ? SIM_NO_NODE
                          : sim_below(&sim->chance, (int)sim->network.node_count);
    if (sim->broker.up)
        act(sim);
    if (sim->broker.up && sim->step % COMPARE_EVERY == 0)
        oracle_compare_all(sim);
}

// Faults stop: everything that is owed is answered and said.
static void come_to_rest(struct sim *sim)
{
    struct sim_request *request;

    if (sim->broker.up)
        sim_broker_stop(sim);
    sim_broker_start(sim, false);
    sim_network_fini(&sim->offered);
    for (int tries = 0; (request = clients_unknown(sim)); tries++) {
        if (tries == LAST_TRIES)
            sim_fail(sim, "request %llu comes to no answer", (unsigned long long)request->number);
        clients_send_again(sim, request);
        sim_broker_commit(sim);
    }
    pass_time(sim, 30000);
    sim_broker_tick(sim);
    oracle_compare_all(sim);
    sim_broker_stop(sim);
}

static void verify(struct sim *sim)
{
    struct buf report = {0};
    struct err err;

    err_clear(&err);
    if (journal_verify(sim->broker.directory, &report, &err) != ERR_OK)
        sim_fail(sim, "pult verify: %s", err.message[LANGUAGE_EN]);
    buf_fini(&report);
}

static void live(struct sim *sim)
{
    bool big = sim->seed % BIG_EVERY == 0;
    int premises = big ? 1500 + sim_below(&sim->chance, 1000) : 6 + sim_below(&sim->chance, 120);
    int steps = big ? BIG_STEPS : SMALL_STEPS / 2 + sim_below(&sim->chance, SMALL_STEPS);

    sim->broken = SIM_NO_NODE;
    sim->wall_ms = begin_ms + sim_below(&sim->chance, 20) * INT64_C(3600000);
    oracle_init(&sim->oracle);
    import_first(sim, premises);
    if (sim->broker.replay)
        sim_broker_pass(sim, sim->wall_ms);
    while (sim->step < steps)
        step(sim);
    come_to_rest(sim);
    verify(sim);
}

struct sim_result sim_run(uint64_t seed, bool verbose)
{
    struct sim *sim = mem_alloc(sizeof(*sim));
    struct sim_result result = {.failed = true};

    sim->seed = seed;
    sim->chance.state = seed;
    sim->verbose = verbose;
    sim->hash = UINT64_C(14695981039346656037);
    if (setjmp(sim->out) == 0) {
        live(sim);
        result.failed = false;
    }
    result.hash = sim->hash;
    result.events = sim->oracle.head;
    result.requests = (int64_t)sim->clients.count;
    result.restarts = sim->broker.starts;
    result.cuts = sim->broker.cuts;
    result.said = sim->said;
    sim_broker_fini(sim); // of a seed that failed the rest stays: nobody runs another one behind it
    if (!result.failed) {
        clients_fini(&sim->clients);
        oracle_fini(&sim->oracle);
        sim_network_fini(&sim->network);
        free(sim);
    }
    return result;
}
