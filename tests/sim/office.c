// What comes to the office beside trouble: the exchange tells of calls, people read their meters and book
// visits; and files of planned works.
#include "tests/sim/people.h"

#include "lib/clock.h"
#include "tests/sim/sim.h"

#include <stdio.h>

enum { MINUTE_MS = 60 * 1000, HALF_HOURS = 8, REFS = 6 };
#define HOUR_MS   (INT64_C(60) * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define MOSCOW_MS (3 * HOUR_MS)

static void tell_of_call(struct sim *sim, struct sim_request *request)
{
    // Mostly one of the last, or a new one.
    int number = (int)sim->oracle.call_count + 1 - sim_below(&sim->chance, 4);
    char now[CLOCK_TEXT_BYTES];

    number = number < 0 ? 0 : number;
    clock_format(sim_broker_now_ms(sim), now);
    switch (sim_below(&sim->chance, 6)) {
    case 0:
        people_say(sim, request, "call.started", "{'call':'c%d','direction':'out'}", number);
        break;
    case 1:
        people_say(sim, request, "call.started",
                   "{'call':'c%d','direction':'in','answered_at':'%s'}", number, now);
        break;
    case 2:
        people_say(sim, request, "call.ended", "{'call':'c%d','outcome':'abandoned'}", number);
        break;
    case 3:
        people_say(sim, request, "call.ended",
                   "{'call':'c%d','outcome':'answered','answered_at':'%s','ended_at':'%s'}", number,
                   now, now);
        break;
    default:
        people_say(sim, request, "call.started", "{'call':'c%d','direction':'in'}", number);
        break;
    }
}

static int64_t last_of(const struct sim *sim, int premise, int zone)
{
    for (size_t i = 0; i < sim->oracle.meter_count; i++) {
        const struct oracle_meter *meter = &sim->oracle.meters[i];

        if (strcmp(meter->meter + 1, sim->network.premises[premise].account) == 0)
            return meter->values[zone];
    }
    return sim_meter_last(premise, zone);
}

static void read_meter(struct sim *sim, struct sim_request *request)
{
    // Few of them, so that some are read again and again.
    int premise = sim_below(&sim->chance, (int)sim->network.premise_count);
    char values[64];

    premise = sim_percent(&sim->chance, 80) ? premise % 4 : premise;
    premise = premise < (int)sim->network.premise_count ? premise : 0;
    int zones = sim_meter_zones(premise) + sim_percent(&sim->chance, 3);
    int used = sim_percent(&sim->chance, 80) ? sim_below(&sim->chance, 300)
                                             : sim_below(&sim->chance, 40000) - 20000;
    int at = 0;

    for (int zone = 0; zone < zones && zone < 2; zone++) {
        int64_t value = (last_of(sim, premise, zone) + used + 100000) % 100000;

        at += snprintf(values + at, sizeof(values) - (size_t)at, "%s%lld", zone ? "," : "",
                       (long long)value);
    }
    people_say(sim, request, "contact.meter_reading",
               "{'applicant':'person','premise':{'account':'%s'},'readings':[%s]%s}",
               sim->network.premises[premise].account, values,
               sim_percent(&sim->chance, 40) ? ",'reason':'changed'" : "");
}

// One of the half hours of the morning, of one of the next days.
static const char *slot(struct sim *sim)
{
    static char text[CLOCK_TEXT_BYTES];
    int64_t day_ms = (sim_broker_now_ms(sim) + MOSCOW_MS) / DAY_MS * DAY_MS - MOSCOW_MS;

    clock_format(day_ms + sim_below(&sim->chance, 3) * DAY_MS + 8 * HOUR_MS +
                     sim_below(&sim->chance, HALF_HOURS) * HOUR_MS / 2,
                 text);
    return text;
}

static void visit(struct sim *sim, struct sim_request *request)
{
    const char *service = sim_percent(&sim->chance, 70) ? "service" : "metering";
    long long number = 1 + sim_below(&sim->chance, (int)sim->oracle.appointment_count + 1);

    switch (sim_below(&sim->chance, 8)) {
    case 0:
        people_say(sim, request, "appointment.moved", "{'appointment':%lld,'starts':'%s'}", number,
                   slot(sim));
        break;
    case 1:
        people_say(sim, request, "appointment.cancelled", "{'appointment':%lld}", number);
        break;
    case 2:
        people_say(sim, request, "appointment.kept", "{'appointment':%lld,'outcome':'%s'}", number,
                   sim_percent(&sim->chance, 50) ? "kept" : "missed");
        break;
    default:
        people_say(sim, request, "appointment.booked",
                   "{'office':'main','service':'%s','starts':'%s'}", service, slot(sim));
        break;
    }
}

void office_serve(struct sim *sim, struct sim_request *request)
{
    static void (*const acts[])(struct sim *, struct sim_request *) = {tell_of_call, tell_of_call,
                                                                       read_meter, visit};

    SIM_ANY(&sim->chance, acts)(sim, request);
}

// Departments that answer.
void office_answer(struct sim *sim, struct sim_request *request)
{
    static const char *const steps[] = {"contact.taken", "contact.answered", "contact.answered",
                                        "contact.closed"};

    switch (sim_below(&sim->chance, 9)) {
    case 8:
        people_say(sim, request, "contact.updated",
                   "{'contact':'%s','extent':'house','callback':true}", people_contact(sim));
        break;
    case 0:
        people_say(sim, request, "contact.routed", "{'contact':'%s','department':'service'}",
                   people_contact(sim));
        break;
    case 1:
        people_say(sim, request, "contact.left", "{'contact':'%s','ground':'insulting'}",
                   people_contact(sim));
        break;
    case 2:
        people_say(sim, request, "contact.reopened", "{'contact':'%s','reason':'again'}",
                   people_contact(sim));
        break;
    case 3:
        people_say(sim, request, "contact.linked", "{'contact':'%s','repeat_of':'%s'}",
                   people_contact(sim), people_contact(sim));
        break;
    default:
        people_say(sim, request, SIM_ANY(&sim->chance, steps), "{'contact':'%s'}",
                   people_contact(sim));
        break;
    }
}

void office_return(struct sim *sim, struct sim_request *request)
{
    switch (sim_below(&sim->chance, 3)) {
    case 0:
        people_say(sim, request, "dispatch.returned", "{'contact':'%s','reason':'where'}",
                   people_contact(sim));
        break;
    case 1:
        people_say(sim, request, "dispatch.asked", "{'contact':'%s','question':'where'}",
                   people_contact(sim));
        break;
    default:
        people_say(sim, request, "dispatch.replied", "{'contact':'%s','answer':'there'}",
                   people_contact(sim));
        break;
    }
}

void people_write_works(struct sim *sim, struct buf *csv)
{
    int first = sim_below(&sim->chance, REFS), count = 1 + sim_below(&sim->chance, 3);

    buf_add_text(csv, "id,node,starts,ends,reason,addresses\n");
    for (int i = 0; i < count; i++) {
        int64_t starts_ms =
            sim_broker_now_ms(sim) + (sim_below(&sim->chance, 300) - 60) * (int64_t)MINUTE_MS;
        int node = sim_below(&sim->chance, (int)sim->network.node_count);
        char starts[CLOCK_TEXT_BYTES], ends[CLOCK_TEXT_BYTES];

        clock_format(starts_ms, starts);
        clock_format(starts_ms + (1 + sim_below(&sim->chance, 180)) * (int64_t)MINUTE_MS, ends);
        buf_printf(csv, "R%d,%s,%s,%s,repair,\n", first + i, sim->network.nodes[node].id, starts,
                   ends);
    }
}
