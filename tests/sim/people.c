#include "tests/sim/people.h"

#include "lib/clock.h"
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000, TIMES = 4 };

// A moment so many minutes from now, as JSON; good until TIMES others were made.
static const char *in_minutes(const struct sim *sim, int minutes)
{
    static char texts[TIMES][CLOCK_TEXT_BYTES + 2];
    static int at;
    char *text = texts[at = (at + 1) % TIMES];

    text[0] = '"';
    clock_format(sim_broker_now_ms(sim) + minutes * (int64_t)MINUTE_MS, text + 1);
    strcat(text, "\"");
    return text;
}

static const char *any_node(struct sim *sim)
{
    // Mostly small parts of the network, as in life.
    int node = sim_below(&sim->chance, (int)sim->network.node_count);

    if (sim_percent(&sim->chance, 1))
        return "nowhere";
    return sim->network.nodes[node].id;
}

static const struct sim_premise *any_premise(struct sim *sim)
{
    return &sim->network.premises[sim_below(&sim->chance, (int)sim->network.premise_count)];
}

// Of a caller: where something is broken more call than elsewhere.
static const struct sim_premise *any_caller(struct sim *sim)
{
    for (int tries = sim_percent(&sim->chance, 80) ? 60 : 0; tries > 0; tries--) {
        const struct sim_premise *premise = any_premise(sim);

        if (sim->broken == SIM_NO_NODE || sim_is_below(&sim->network, premise->node, sim->broken))
            return premise;
    }
    return any_premise(sim);
}

static const char *any_account(struct sim *sim)
{
    return sim_percent(&sim->chance, 1) ? "unknown" : any_premise(sim)->account;
}

// One that there is, rather a late one than an early one; now and then one that there is not.
static int64_t any_incident(struct sim *sim)
{
    int count = (int)sim->oracle.incident_count;
    int back = sim_percent(&sim->chance, 70) ? sim_below(&sim->chance, 8)
                                             : sim_below(&sim->chance, count + 1);

    return count - back >= 1 ? count - back : 1 + sim_below(&sim->chance, count + 1);
}

// Rather one whose state is between these.
static int64_t incident_in(struct sim *sim, int first, int last)
{
    int64_t number = any_incident(sim);

    for (int tries = 0; tries < 12; tries++) {
        const struct oracle_incident *incident = oracle_incident(&sim->oracle, number);

        if (incident && incident->state >= first && incident->state <= last)
            break;
        number = any_incident(sim);
    }
    return number;
}

static int64_t open_incident(struct sim *sim)
{
    return incident_in(sim, INCIDENT_SUSPECTED, INCIDENT_PARTLY_RESTORED);
}

static int64_t any_planned(struct sim *sim)
{
    return 1 + sim_below(&sim->chance, (int)sim->oracle.planned_count + 1);
}

const char *people_contact(struct sim *sim)
{
    const struct oracle *oracle = &sim->oracle;

    if (oracle->contact_count == 0)
        return "2026-999999";
    return oracle->contacts[sim_below(&sim->chance, (int)oracle->contact_count)].reg_no;
}

// One of the incident's own contacts, if it has any.
static const char *contact_of(struct sim *sim, int64_t incident)
{
    const struct oracle *oracle = &sim->oracle;

    for (size_t i = 0; i < oracle->contact_count; i++) {
        if (oracle->contacts[i].incident == incident && sim_percent(&sim->chance, 60))
            return oracle->contacts[i].reg_no;
    }
    return people_contact(sim);
}

void people_say(struct sim *sim, struct sim_request *request, const char *type, const char *format,
                ...)
{
    // An operator's outbox is late; a clock is wrong.
    static const int ages[] = {0, 0, 0, 0, -1, -5, -14, -60, -3000, 3, 10};
    struct buf data = {0};
    char text[2000];
    va_list arguments;
    int minutes = SIM_ANY(&sim->chance, ages);

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (char *at = text; *at; at++) {
        if (*at == '\'')
            *at = '"';
    }
    buf_add_text(&data, text);
    clients_add_event(sim, request, type, data.data,
                      minutes ? sim_broker_now_ms(sim) + minutes * (int64_t)MINUTE_MS : 0);
    buf_fini(&data);
}

// --- callers ------------------------------------------------------------------------------------

static void write_place(struct sim *sim, char *place, size_t size)
{
    const struct sim_premise *premise = any_caller(sim);
    const char *settlement = sim_settlement_name(premise->settlement);
    const char *street = sim_street_name(premise->street);

    switch (sim_below(&sim->chance, 20)) {
    case 0: snprintf(place, size, "{'settlement':'%s'}", settlement); break;
    case 1: snprintf(place, size, "{'settlement':'%s','street':'%s'}", settlement, street); break;
    case 2:
    case 3:
        snprintf(place, size, "{'settlement':'%s','street':'%s','house':'%d'}", settlement, street,
                 premise->house);
        break;
    case 4: snprintf(place, size, "{'node':'%s'}", any_node(sim)); break;
    case 5: snprintf(place, size, "{'text':'behind the mill'}"); break;
    case 6: snprintf(place, size, "{'account':'%s'}", any_account(sim)); break;
    default: snprintf(place, size, "{'account':'%s'}", premise->account); break;
    }
}

static const char *any_hazard(struct sim *sim)
{
    static const char *const hazards[] = {",'hazard':'wire_down'", ",'hazard':'sparking'",
                                          ",'hazard':'other'"};

    return sim_percent(&sim->chance, 5) ? SIM_ANY(&sim->chance, hazards) : "";
}

static const char *any_extra(struct sim *sim)
{
    static const char *const extras[] = {",'extent':'flat'",     ",'extent':'house'",
                                         ",'extent':'street'",   ",'critical':'school'",
                                         ",'call':'c0'",         ",'call':'c1'",
                                         ",'critical':'water'",  ",'callback':true",
                                         ",'needs_answer':true", ",'text':'Свет погас'"};

    return sim_percent(&sim->chance, 40) ? SIM_ANY(&sim->chance, extras) : "";
}

static void call_about_outage(struct sim *sim, struct sim_request *request, const char *place,
                              const char *caller)
{
    static const char *const symptoms[] = {"no_power", "no_power",      "no_power", "no_power",
                                           "partial",  "interruptions", "restored"};
    char since[64] = "";

    if (sim_percent(&sim->chance, 10))
        snprintf(since, sizeof(since), ",'since':%s",
                 in_minutes(sim, -sim_below(&sim->chance, 200)));
    people_say(sim, request, "contact.outage_report",
               "{'applicant':'person','premise':%s%s,'symptom':'%s'%s%s%s}", place, caller,
               SIM_ANY(&sim->chance, symptoms), since, any_hazard(sim), any_extra(sim));
}

// About anything but supply.
static void call_about_other(struct sim *sim, struct sim_request *request, const char *place,
                             const char *caller)
{
    static const char *const ends[] = {"",
                                       "",
                                       ",'answered':true",
                                       ",'needs_answer':true",
                                       ",'callback':true",
                                       ",'department':'metering'"};

    switch (sim_below(&sim->chance, 4)) {
    case 0:
        people_say(sim, request, "contact.inquiry", "{'applicant':'person','topic':'1.%d'%s%s}",
                   1 + sim_below(&sim->chance, 5), caller, SIM_ANY(&sim->chance, ends));
        break;
    case 1:
        people_say(sim, request, "contact.consultation", "{'applicant':'legal','premise':%s%s%s}",
                   place, caller, SIM_ANY(&sim->chance, ends));
        break;
    case 2:
        people_say(sim, request, "contact.complaint",
                   "{'applicant':'person','topic':'quality','premise':%s%s}", place, caller);
        break;
    default:
        people_say(sim, request, "contact.theft_report",
                   "{'applicant':'person','topic':'unmetered','premise':%s%s}", place, caller);
        break;
    }
}

void people_call(struct sim *sim, struct sim_request *request)
{
    static const char *const wrongs[] = {"low", "high", "flicker"};
    char place[200], caller[120] = "";

    write_place(sim, place, sizeof(place));
    if (sim_percent(&sim->chance, 50))
        snprintf(caller, sizeof(caller), ",'caller':{'name':'Анна','phone':'+7912555%04d'}",
                 sim_below(&sim->chance, SIM_PHONES));
    if (sim_percent(&sim->chance, 8)) {
        office_serve(sim, request);
        return;
    }
    switch (sim_below(&sim->chance, 10)) {
    case 0:
        people_say(sim, request, "contact.quality_complaint",
                   "{'applicant':'legal','premise':%s%s,'symptom':'%s'%s}", place, caller,
                   SIM_ANY(&sim->chance, wrongs), any_hazard(sim));
        break;
    case 1:
        people_say(sim, request, "contact.restoration_query",
                   "{'applicant':'person','premise':%s%s}", place, caller);
        break;
    case 2:
        if (sim_percent(&sim->chance, 30)) {
            people_say(sim, request, "contact.restoration_query",
                       "{'applicant':'person','incident':%lld}", (long long)any_incident(sim));
            break;
        }
        call_about_outage(sim, request, place, caller);
        break;
    case 3:
        if (sim_percent(&sim->chance, 50)) {
            call_about_other(sim, request, place, caller);
            break;
        }
        call_about_outage(sim, request, place, caller);
        break;
    default: call_about_outage(sim, request, place, caller); break;
    }
}

// --- dispatchers --------------------------------------------------------------------------------

static const char *maybe_at(struct sim *sim)
{
    static char text[64];

    text[0] = '\0';
    if (sim_percent(&sim->chance, 30))
        snprintf(text, sizeof(text), ",'at':%s", in_minutes(sim, -sim_below(&sim->chance, 60)));
    return text;
}

static void direct_opening(struct sim *sim, struct sim_request *request)
{
    static const char *const kinds[] = {"outage", "outage", "outage", "quality", "hazard"};
    const char *kind = SIM_ANY(&sim->chance, kinds);
    char place[200];

    switch (sim_below(&sim->chance, 5)) {
    case 0:
        write_place(sim, place, sizeof(place));
        people_say(sim, request, "incident.opened", "{'kind':'%s','premise':%s}", kind, place);
        break;
    case 1:
        people_say(sim, request, "incident.opened", "{'kind':'%s','accounts':['%s','%s','%s']}",
                   kind, any_account(sim), any_account(sim), any_account(sim));
        break;
    case 2:
        people_say(sim, request, "incident.opened",
                   "{'kind':'%s','node':'%s','customers':%d,'priority':%d,'cause':'tree'}", kind,
                   any_node(sim), sim_below(&sim->chance, 300), 1 + sim_below(&sim->chance, 5));
        break;
    case 3:
        people_say(sim, request, "incident.opened", "{'kind':'%s','node':'%s','started':%s}", kind,
                   any_node(sim), in_minutes(sim, -sim_below(&sim->chance, 1500)));
        break;
    default:
        people_say(sim, request, "incident.opened", "{'kind':'%s','node':'%s'}", kind,
                   any_node(sim));
        break;
    }
}

static void direct_crew(struct sim *sim, struct sim_request *request)
{
    static const char *const states[] = {"awaiting", "assigned", "en_route",
                                         "on_site",  "working",  "done"};

    people_say(
        sim, request, "incident.crew", "{'incident':%lld,'tier':'%s','state':'%s','crew':'4'%s}",
        (long long)any_incident(sim), sim_percent(&sim->chance, 50) ? "inspection" : "repair",
        SIM_ANY(&sim->chance, states), sim_percent(&sim->chance, 70) ? ",'reason':'x'" : "");
}

static void direct_update(struct sim *sim, struct sim_request *request)
{
    long long number = any_incident(sim);

    switch (sim_below(&sim->chance, 6)) {
    case 0:
        people_say(sim, request, "incident.updated", "{'incident':%lld,'accounts_add':['%s','%s']}",
                   number, any_account(sim), any_account(sim));
        break;
    case 1:
        people_say(sim, request, "incident.updated",
                   "{'incident':%lld,'accounts_add':['%s'],'accounts_remove':['%s']}", number,
                   any_account(sim), any_account(sim));
        break;
    case 2:
        people_say(sim, request, "incident.updated", "{'incident':%lld,'started':%s}", number,
                   in_minutes(sim, 100 - sim_below(&sim->chance, 1600)));
        break;
    case 3:
        people_say(sim, request, "incident.updated",
                   "{'incident':%lld,'customers':%d,'cause':'wind'}", number,
                   sim_below(&sim->chance, 200));
        break;
    case 4:
        people_say(sim, request, "incident.updated", "{'incident':%lld,'priority':%d}", number,
                   1 + sim_below(&sim->chance, 5));
        break;
    default:
        people_say(sim, request, "incident.updated",
                   "{'incident':%lld,'public_text':'soon','expect':%lld}", number,
                   (long long)sim->oracle.head - sim_below(&sim->chance, 3));
        break;
    }
}

// Something that the incident covers: a node at or below one of its own, or an account.
static const char *part_of(struct sim *sim, int64_t number, bool *node)
{
    const struct oracle_incident *incident = oracle_incident(&sim->oracle, number);
    const struct oracle_cover *cover;
    int below, above;

    *node = sim_percent(&sim->chance, 50);
    if (!incident || incident->covers.count == 0 || sim_percent(&sim->chance, 20))
        return *node ? any_node(sim) : any_account(sim);
    cover = &incident->covers.items[sim_below(&sim->chance, (int)incident->covers.count)];
    *node = cover->level == COVER_NODE;
    if (!*node)
        return sim->network.premises[cover->key - 1].account;
    below = sim_below(&sim->chance, (int)sim->network.node_count);
    above = sim_find_node(&sim->network, slice_of(cover->node));
    return sim_is_below(&sim->network, below, above) ? sim->network.nodes[below].id : cover->node;
}

static void direct_part(struct sim *sim, struct sim_request *request)
{
    long long number = open_incident(sim);
    bool node;
    const char *part = part_of(sim, number, &node);

    if (node)
        people_say(sim, request, "incident.partly_restored", "{'incident':%lld,'nodes':['%s']%s}",
                   number, part, maybe_at(sim));
    else
        people_say(sim, request, "incident.partly_restored",
                   "{'incident':%lld,'accounts':['%s']%s}", number, part, maybe_at(sim));
}

static void direct_eta(struct sim *sim, struct sim_request *request)
{
    static const char *const sources[] = {"", "", ",'source':'crew'", ",'source':'zone'",
                                          ",'published':false"};

    if (sim_percent(&sim->chance, 15))
        people_say(sim, request, "eta.withdrawn", "{'incident':%lld}",
                   (long long)any_incident(sim));
    else
        people_say(
            sim, request, "eta.set", "{'incident':%lld,'at':%s%s}", (long long)open_incident(sim),
            in_minutes(sim, sim_below(&sim->chance, 240) - 20), SIM_ANY(&sim->chance, sources));
}

static void direct_end(struct sim *sim, struct sim_request *request)
{
    static const char *const reasons[] = {"customer_side", "not_found", "duplicate", "invalid"};

    switch (sim_below(&sim->chance, 12)) {
    case 0:
        people_say(sim, request, "incident.closed", "{'incident':%lld}",
                   (long long)incident_in(sim, INCIDENT_RESTORED, INCIDENT_VERIFIED));
        break;
    case 1:
        people_say(sim, request, "incident.closed", "{'incident':%lld,'cause':'cable'}",
                   (long long)incident_in(sim, INCIDENT_RESTORED, INCIDENT_VERIFIED));
        break;
    case 2:
        people_say(sim, request, "incident.verified", "{'incident':%lld}",
                   (long long)incident_in(sim, INCIDENT_RESTORED, INCIDENT_RESTORED));
        break;
    case 3:
        people_say(sim, request, "incident.cancelled", "{'incident':%lld,'reason':'%s'}",
                   (long long)any_incident(sim), SIM_ANY(&sim->chance, reasons));
        break;
    case 4:
    case 5:
        people_say(sim, request, "incident.reopened", "{'incident':%lld}",
                   (long long)incident_in(sim, INCIDENT_RESTORED, INCIDENT_CANCELLED));
        break;
    case 6:
        people_say(sim, request, "incident.restored", "{'incident':%lld}",
                   (long long)any_incident(sim));
        break;
    default:
        people_say(sim, request, "incident.restored", "{'incident':%lld%s}",
                   (long long)open_incident(sim), maybe_at(sim));
        break;
    }
}

static void direct_place(struct sim *sim, struct sim_request *request)
{
    const char *type = sim_percent(&sim->chance, 60) ? "incident.confirmed" : "incident.moved";
    long long number = open_incident(sim);

    if (sim_percent(&sim->chance, 20))
        people_say(sim, request, "incident.confirmed", "{'incident':%lld}", number);
    else
        people_say(sim, request, type, "{'incident':%lld,'node':'%s'}", number, any_node(sim));
}

// Rather one of which parts are fed from elsewhere than they were imported.
static int64_t switched_incident(struct sim *sim)
{
    int64_t number = open_incident(sim);

    for (int tries = sim_percent(&sim->chance, 60) ? 10 : 0; tries > 0; tries--) {
        const struct oracle_incident *incident = oracle_incident(&sim->oracle, number);

        if (incident && incident->switched)
            break;
        number = open_incident(sim);
    }
    return number;
}

static void direct_grouping(struct sim *sim, struct sim_request *request)
{
    int64_t number = open_incident(sim);

    if (sim_percent(&sim->chance, 60))
        people_say(sim, request, "incident.merged", "{'incident':%lld,'into':%lld}",
                   (long long)switched_incident(sim), (long long)switched_incident(sim));
    else if (sim_percent(&sim->chance, 50))
        people_say(sim, request, "incident.split", "{'incident':%lld,'contacts':['%s']}",
                   (long long)number, contact_of(sim, number));
    else
        people_say(sim, request, "incident.split",
                   "{'incident':%lld,'contacts':['%s'],'node':'%s'}", (long long)number,
                   contact_of(sim, number), any_node(sim));
}

static void direct_node(struct sim *sim, struct sim_request *request)
{
    static const char *const marks[] = {"energised", "out", "none"};

    if (sim_percent(&sim->chance, 60))
        people_say(sim, request, "node.marked", "{'node':'%s','mark':'%s'}", any_node(sim),
                   SIM_ANY(&sim->chance, marks));
    else if (sim_percent(&sim->chance, 30))
        people_say(sim, request, "node.switched", "{'node':'%s'}", any_node(sim));
    else
        people_say(sim, request, "node.switched", "{'node':'%s','fed_from':'%s'}", any_node(sim),
                   any_node(sim));
}

static void direct_desk(struct sim *sim, struct sim_request *request)
{
    const char *desk = sim_percent(&sim->chance, 50) ? "north" : "rest";

    switch (sim_below(&sim->chance, 5)) {
    case 0:
        people_say(sim, request, "shift.opened", "{'person':'ivanova','desk':'%s'}", desk);
        break;
    case 1:
        people_say(sim, request, "shift.handed_over", "{'desk':'%s','to':'petrov'}", desk);
        break;
    case 2:
        people_say(sim, request, "mode.changed", "{'mode':'%s'}",
                   sim_percent(&sim->chance, 50) ? "storm" : "normal");
        break;
    case 3: people_say(sim, request, "mode.message", "{'text':'works until morning'}"); break;
    default:
        people_say(sim, request, "log.entry", "{'text':'night','incident':%lld}",
                   (long long)any_incident(sim));
        break;
    }
}

void people_direct(struct sim *sim, struct sim_request *request)
{
    static void (*const acts[])(struct sim *, struct sim_request *) = {
        direct_opening,  direct_opening, direct_crew,     direct_update, direct_update,
        direct_part,     direct_eta,     direct_eta,      direct_eta,    direct_end,
        direct_end,      direct_end,     direct_end,      direct_place,  direct_place,
        direct_place,    direct_node,    direct_grouping, direct_desk,   office_return,
        direct_grouping, office_answer};

    if (sim_percent(&sim->chance, 12))
        people_say(sim, request, "dispatch.accepted", "{'incident':%lld}",
                   (long long)any_incident(sim));
    else
        SIM_ANY(&sim->chance, acts)(sim, request);
}

// Rather to the last than to an early one; now and then to nothing.
void people_agree(struct sim *sim, struct sim_request *request)
{
    int count = (int)sim->oracle.approval_count;
    int back = sim_percent(&sim->chance, 80) ? sim_below(&sim->chance, 3)
                                             : sim_below(&sim->chance, count + 1);

    people_say(sim, request, "approval.given", "{'of':'%s'}",
               back < count ? sim->oracle.approvals[count - 1 - back].id : "nothing");
}

void people_plan(struct sim *sim, struct sim_request *request)
{
    static const char *const steps[] = {"planned.started", "planned.started", "planned.started",
                                        "planned.ended", "planned.cancelled"};
    int starts = sim_below(&sim->chance, 300) - 60, lasts = sim_below(&sim->chance, 180);

    switch (sim_below(&sim->chance, 9)) {
    case 8: // in two spans, the outermost times of which are the works'
        people_say(
            sim, request, "planned.announced",
            "{'node':'%s','starts':%s,'ends':%s,'spans':[{'starts':%s,'ends':%s}],'reason':'x'}",
            any_node(sim), in_minutes(sim, starts), in_minutes(sim, starts + lasts + 60),
            in_minutes(sim, starts), in_minutes(sim, starts + lasts));
        break;
    case 0:
    case 1:
        people_say(sim, request, "planned.announced",
                   "{'node':'%s','starts':%s,'ends':%s,'reason':'x'}", any_node(sim),
                   in_minutes(sim, starts), in_minutes(sim, starts + lasts));
        break;
    case 2:
        people_say(sim, request, "planned.announced",
                   "{'accounts':['%s','%s'],'starts':%s,'ends':%s,'reason':'x'}", any_account(sim),
                   any_account(sim), in_minutes(sim, starts), in_minutes(sim, starts + lasts));
        break;
    case 3:
        people_say(sim, request, "planned.changed", "{'planned':%lld,'ends':%s}",
                   (long long)any_planned(sim), in_minutes(sim, lasts));
        break;
    default:
        people_say(sim, request, SIM_ANY(&sim->chance, steps), "{'planned':%lld}",
                   (long long)any_planned(sim));
        break;
    }
}
