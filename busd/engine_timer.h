// Deadlines of records: when each runs out, read from the record alone.
//
// A deadline that ran out is an event, `eta.needed` for the first ETA and `deadline.passed` for all
// others, and applying it marks the record, so it fires once, whether busd was up at the time or not.
// Values, grounds and repeats are config/timers.yaml (busd/timers.h), printed from this table.
#pragma once

#include "busd/engine_calendar.h"
#include "busd/engine_record.h"

// X(NAME, "row", record, "after", "ground", "what happens"): the rows of timers.yaml for the kinds
// of records that there are. `after` counts from what the comment in the file says.
#define ENGINE_TIMERS_FIRST(X)                                                               \
    X(ACCEPT_HAZARD, "ops_accept_hazard", incident, "30s",                                   \
      "Система-112: 30 с на приём оперативной службой",                                      \
      "From the report of a hazard until somebody accepts the incident.")                    \
    X(ACCEPT_NORMAL, "ops_accept_normal", incident, "5m", "Правило организации",             \
      "From the report that opened the incident, or brought a new kind of "                  \
      "information, until somebody accepts it.")                                             \
    X(ETA_FIRST, "eta_first", incident, "15m", "Правило организации",                        \
      "From opening or reopening until a first time of restoration is set. The event "       \
      "is eta.needed.")                                                                      \
    X(ETA_WARNING, "eta_warning", incident, "15m", "Правило организации",                    \
      "Before the time of restoration in force, unless that was set later than this.")       \
    X(ETA_OVERDUE, "eta_overdue", incident, "0s", "Правило организации",                     \
      "After the time of restoration in force, while the incident is open.")                 \
    X(ETA_OVERDUE_REPEAT, "eta_overdue_repeat", incident, "15m", "Правило организации",      \
      "From one alarm about a passed time of restoration to the next.")                      \
    X(QUALITY_CHECK, "quality_check", incident, "2h", "ПП РФ 354, п. 108",                   \
      "From opening a quality incident until a crew is on site to check it.")                \
    X(OUTAGE_REASON, "inform_outage_reason", incident, "24h", "ПП РФ 354, п. 108",           \
      "From opening an outage until its cause is known, so that consumers can be "           \
      "told.")                                                                               \
    X(OUTAGE_NEAR, "outage_limit_near", incident, "20h", "ПП РФ 861, п. 31(6): 24 ч подряд", \
      "From the start of an outage that still goes on: 4 h are left, the priority "          \
      "becomes 3.")                                                                          \
    X(OUTAGE_LIMIT, "outage_limit_run", incident, "24h", "ПП РФ 861, п. 31(6): 24 ч подряд", \
      "From the start of an outage that still goes on: the limit of reliability "            \
      "category 3.")                                                                         \
    X(DESK_UNATTENDED, "desk_unattended", desk, "1m", "Правило организации",                 \
      "From the first incident of a desk at which nobody sits until somebody opens a "       \
      "shift there; the desk that helps out is named.")                                      \
    X(FLOOD_ON, "flood_on", desk, "0s", "ISA-18.2",                                          \
      "From the moment when more incidents than flood.on came to need somebody at one "      \
      "desk within 10 min: a storm is proposed.")                                            \
    X(FLOOD_OFF, "flood_off", desk, "0s", "ISA-18.2",                                        \
      "From the minute in which fewer than flood.off did within 10 min: the end of "         \
      "the storm is proposed when it is so at every desk.")                                  \
    X(ESCALATE_NEXT, "escalate_next", incident, "2m", "Правило организации",                 \
      "From the deadline for accepting an incident until the next desk of its own one "      \
      "is called.")                                                                          \
    X(ESCALATE_SENIOR, "escalate_senior", incident, "5m", "Правило организации",             \
      "From the same deadline until the senior of its desk is called.")                      \
    X(PEOPLE_COUNT, "people_count_report", incident, "1h",                                   \
      "Приказ Минэнерго 91 (действие уточнить)",                                             \
      "From opening an outage of a feeder, a critical object, reliability category 1 or at " \
      "least 100 customers until a person has stated how many are out.")                     \
    X(CALLBACK_ANSWER, "callback_answer", contact, "4h", "Приказ Минэнерго 186",             \
      "From a contact that asks to be called back or awaits an answer until it is "          \
      "answered.")                                                                           \
    X(THEFT_ACK, "theft_ack", contact, "30m", "Правило организации",                         \
      "From a report of theft or unmetered use until somebody takes it in work.")            \
    X(COMPLAINT_STATUS, "complaint_status", contact, "1d", "Практика отрасли",               \
      "From a complaint until somebody takes it in work, so that its status can be told.")   \
    X(COMPLAINT_FIRST, "complaint_reminder", contact, "20d", "Приказ Минэнерго 186",         \
      "From a complaint until it is answered: the first reminder.")                          \
    X(COMPLAINT_LAST, "complaint_last_reminder", contact, "27d", "Приказ Минэнерго 186",     \
      "From a complaint until it is answered: the last reminder.")                           \
    X(COMPLAINT_ANSWER, "complaint_answer", contact, "30d", "Приказ Минэнерго 186",          \
      "From a complaint until it is answered.")                                              \
    X(WRITTEN_ANSWER, "written_answer", contact, "30d", "Приказ Минэнерго 186",              \
      "From a contact in writing (form post or web) that awaits an answer until it is "      \
      "answered.")                                                                           \
    X(ANSWER_WAIT, "answer_wait", call, "20s", "Отраслевой ориентир: 80 % за 20 с",          \
      "From the ringing of a call that came in until it is answered.")                       \
    X(PLANNED_OVERRUN, "planned_overrun", planned, "15m", "Правило организации",             \
      "After the end of planned works that nobody has ended.")                               \
    X(PLANNED_NOTICE, "planned_notice", planned, "10d", "Договор; образец: 10 рабочих дней", \
      "Before planned works start, as planned_notice.days count: consumers are to be "       \
      "told by then. Works that were announced later have none.")
// Said by batch_hours.c.
#define ENGINE_TIMERS_YEAR(X)                                                                 \
    X(YEAR_NEAR, "outage_limit_year_near", premise, "68h", "ПП РФ 861, п. 31(6): 72 ч в год", \
      "Hours without supply in a calendar year, planned works too: a warning. Said "          \
      "once of a premise, by the incident or the works in which it passes them, whose "       \
      "priority becomes 3.")                                                                  \
    X(YEAR_LIMIT, "outage_limit_year", premise, "72h", "ПП РФ 861, п. 31(6): 72 ч в год",     \
      "The same: the limit of reliability category 3. Which premises: pult report "           \
      "hours.")
#define ENGINE_TIMERS(X) ENGINE_TIMERS_FIRST(X) ENGINE_TIMERS_YEAR(X)

// X("row", record, "after", "ground", "what it is for"): rows of the kinds of records that there are not
// yet (FIELD §6.7). The file shows them as comments; giving one is refused, since nothing would watch it.
#define ENGINE_TIMERS_LATER(X)                                                                    \
    X("log_retention", shift_log, "1096d", "Приказ Минэнерго 186",                                \
      "How long the log is kept: 3 years.")                                                       \
    X("pd_retain", personal, "0d", "152-ФЗ",                                                      \
      "How long personal data are kept: personal_retention_days in busd.yaml.")                   \
    X("breach_24", breach, "24h", "152-ФЗ, ст. 21", "Until a leak of personal data is reported.") \
    X("breach_72", breach, "72h", "152-ФЗ, ст. 21",                                               \
      "Until the result of its inquiry is reported.")                                             \
    X("shelve_max", alarm, "2h", "Правило организации",                                           \
      "How long an alarm is shelved; priority 1 never.")

enum engine_timer {
#define X(name, row, record, after, ground, does) ENGINE_TIMER_##name,
    ENGINE_TIMERS(X)
#undef X
        ENGINE_TIMER_COUNT
};

struct engine_timers {
    struct engine_timer_row {
        char *record;
        int64_t after_ms;
        char *ground; // stands in the event
    } rows[ENGINE_TIMER_COUNT];
    char *notice_days;                      // how planned_notice counts: "working" or "calendar"
    const struct engine_calendar *calendar; // not owned; NULL: every day is a working day
    int64_t repeat_days;                    // working days within which a complaint is a repeat
    char *repeat_ground;
    int64_t overdue_repeats;                  // alarms after the first, of one ETA
    int64_t year_category_1, year_category_2; // hours of a year, by contract
    int64_t flood_on, flood_off; // more than, fewer than: incidents of a desk in 10 min
};

// Bits of an incident's `deadlines`: each timer's, and that eta.needed was said to an asker. Stored, so
// timers are added behind the others.
enum { ENGINE_ETA_ASKED = 62 };
_Static_assert((int)ENGINE_TIMER_COUNT < (int)ENGINE_ETA_ASKED, "a timer has a bit of its own");
#define ENGINE_TIMER_BIT(timer) (INT64_C(1) << (timer))

const char *engine_timer_name(enum engine_timer timer);
// The timer of this name; ENGINE_TIMER_COUNT when there is none.
enum engine_timer engine_timer_named(const char *name, size_t length);

// The moment at which the timer of the record runs out; INT64_MAX while it does not run, has run out
// already, or is of another kind of record.
int64_t engine_timer_due_ms(const struct engine_timers *timers, enum engine_timer timer,
                            enum record_type type, const void *record);
// The timer of the record that runs out first, and when, but for those whose bits are in `skipped`;
// ENGINE_TIMER_COUNT when none runs.
enum engine_timer engine_timer_first(const struct engine_timers *timers, enum record_type type,
                                     const void *record, int64_t skipped, int64_t *due_ms);
// The deadline of a contact's answer.
enum engine_timer engine_contact_timer(const struct contact *contact);
// Whether records of this type have timers at all.
bool engine_timer_is_of(enum record_type type);
