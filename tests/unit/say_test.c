// What is read to a caller: one text for each state, in both languages.
#include "busd/say.h"
#include "lib/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

// 2026-02-28 15:00 in Moscow.
static const int64_t now_ms = INT64_C(1772280000000);
#define MINUTES(n) ((int64_t)(n)*60 * 1000)

static struct incident outage(enum incident_state state)
{
    return (struct incident){.incident = 7,
                             .state = (int)state,
                             .started = now_ms - MINUTES(55),
                             .crew_tier = -1,
                             .crew_state = -1,
                             .hazard = -1,
                             .eta_firmness = -1,
                             .eta_source = -1};
}

static void set_eta(struct incident *incident, int minutes, int firmness)
{
    incident->eta_at = now_ms + MINUTES(minutes);
    incident->eta_firmness = firmness;
    incident->eta_published = true;
}

static void says(const struct incident *incident, const char *en, const char *ru)
{
    const char *const wanted[LANGUAGE_COUNT] = {en, ru};

    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        struct buf text = {0};

        say_incident(&text, (enum language)language, incident, now_ms, NULL);
        assert_string_equal(buf_text(&text), wanted[language]);
        buf_fini(&text);
    }
}

static void says_planned(const struct planned *planned, const char *en, const char *ru)
{
    const char *const wanted[LANGUAGE_COUNT] = {en, ru};

    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        struct buf text = {0};

        say_planned(&text, (enum language)language, planned, now_ms, NULL);
        assert_string_equal(buf_text(&text), wanted[language]);
        buf_fini(&text);
    }
}

static int set_zone(void **state)
{
    struct err err;

    (void)state;
    return clock_set_zone("Europe/Moscow", &err) != ERR_OK;
}

static void a_suspected_incident_says_that_the_cause_is_sought(void **state)
{
    struct incident incident = outage(INCIDENT_SUSPECTED);

    (void)state;
    says(&incident,
         "We have reports of an outage at your address, the first one came at 14:05 today. The "
         "dispatcher is finding out the cause. There is no time of restoration yet, the dispatcher "
         "will set it.",
         "Об отключении по вашему адресу нам уже сообщали, первый раз — сегодня в 14:05. Диспетчер "
         "выясняет причину. Срок восстановления пока не определён, его назначит диспетчер.");
}

static void an_eta_says_how_firm_it_is(void **state)
{
    struct incident incident = outage(INCIDENT_CONFIRMED);

    (void)state;
    set_eta(&incident, 150, 0);
    says(
        &incident,
        "We know of the outage at your address, it began at 14:05 today. We expect the supply back "
        "by 17:30 today.",
        "Об отключении по вашему адресу мы знаем, оно началось сегодня в 14:05. Ориентировочно "
        "электричество дадут сегодня к 17:30.");
    set_eta(&incident, 24 * 60, 1);
    says(&incident,
         "We know of the outage at your address, it began at 14:05 today. The supply will be back "
         "by 15:00 tomorrow.",
         "Об отключении по вашему адресу мы знаем, оно началось сегодня в 14:05. Электричество "
         "дадут завтра к 15:00.");
    set_eta(&incident, 10 * 24 * 60, 2);
    says(&incident,
         "We know of the outage at your address, it began at 14:05 today. The supply will not be "
         "back before 15:00 on 10 March.",
         "Об отключении по вашему адресу мы знаем, оно началось сегодня в 14:05. Электричества не "
         "будет как минимум 10 марта до 15:00.");
}

static void an_eta_that_passed_or_moved_is_owned_up_to(void **state)
{
    struct incident incident = outage(INCIDENT_CONFIRMED);
    char reason[] = "Ждём подъёмник";

    (void)state;
    set_eta(&incident, -30, 0);
    says(&incident,
         "We know of the outage at your address, it began at 14:05 today. It was to be over by "
         "14:30 "
         "today, that time has passed and a new one is being worked out.",
         "Об отключении по вашему адресу мы знаем, оно началось сегодня в 14:05. Восстановить "
         "обещали сегодня к 14:30, этот срок прошёл, новый уточняется.");
    set_eta(&incident, 60, 0);
    incident.eta_revisions = 1;
    incident.eta_say = reason;
    incident.crew_state = 3;
    says(
        &incident,
        "We know of the outage at your address, it began at 14:05 today. A crew is on site. We "
        "expect the supply back by 16:00 today. The time was changed, this is the latest one. Ждём "
        "подъёмник.",
        "Об отключении по вашему адресу мы знаем, оно началось сегодня в 14:05. Бригада на месте. "
        "Ориентировочно электричество дадут сегодня к 16:00. Срок менялся, это последний. Ждём "
        "подъёмник.");
}

static void an_eta_that_is_not_published_is_not_said(void **state)
{
    struct incident incident = outage(INCIDENT_CONFIRMED);
    struct buf text = {0};

    (void)state;
    set_eta(&incident, 60, 1);
    incident.eta_published = false;
    say_incident(&text, LANGUAGE_EN, &incident, now_ms, NULL);
    assert_null(strstr(buf_text(&text), "16:00"));
    assert_non_null(strstr(buf_text(&text), "no time of restoration yet"));
    buf_fini(&text);
}

static void a_restored_incident_offers_to_report_again(void **state)
{
    struct incident incident = outage(INCIDENT_RESTORED);

    (void)state;
    incident.restored_at = now_ms - MINUTES(20);
    says(&incident,
         "The supply was restored at 14:40 today. If yours is still off, check the breakers in the "
         "flat and at the meter; I can report it to the dispatcher.",
         "Электричество дали сегодня в 14:40. Если у вас света нет, проверьте автоматы в квартире "
         "и у "
         "счётчика; я могу передать это диспетчеру.");
}

static void planned_works_say_from_when_to_when(void **state)
{
    char reason[] = "замена опор";
    struct planned planned = {.state = PLANNED_STATE_ANNOUNCED,
                              .starts = now_ms + MINUTES(18 * 60),
                              .ends = now_ms + MINUTES(22 * 60),
                              .reason = reason};

    (void)state;
    says_planned(
        &planned,
        "Planned works: the supply will be off from 09:00 tomorrow, back by 13:00 tomorrow. "
        "Reason: замена опор.",
        "Плановые работы: электричества не будет завтра с 09:00, включить планируют завтра к "
        "13:00. Причина: замена опор.");
    planned.state = PLANNED_STATE_STARTED;
    planned.reason = NULL;
    planned.starts = now_ms - MINUTES(120);
    planned.ends = now_ms - MINUTES(10);
    says_planned(
        &planned,
        "Planned works are under way, the supply is off since they began at 13:00 today. They "
        "were to end by 14:50 today and are taking longer.",
        "Идут плановые работы, электричество отключено сегодня с 13:00. Закончить должны были "
        "сегодня к 14:50, но работы затянулись.");
}

// No state leaves the operator without a sentence, whatever the kind.
static void every_state_says_something_in_both_languages(void **state)
{
    (void)state;
    for (int kind = 0; kind <= 3; kind++) {
        for (int step = INCIDENT_SUSPECTED; step <= INCIDENT_MERGED; step++) {
            for (int language = 0; language < LANGUAGE_COUNT; language++) {
                struct incident incident = outage((enum incident_state)step);
                struct buf text = {0};

                incident.kind = kind;
                say_incident(&text, (enum language)language, &incident, now_ms, NULL);
                assert_true(text.length > 20);
                assert_true(strchr(".!?", text.data[text.length - 1]) != NULL);
                buf_fini(&text);
            }
        }
    }
}

static void the_company_phone_is_said_where_there_is_nothing_else(void **state)
{
    const struct say_company company = {.phone = "8 800 555-01-41"};
    struct buf text = {0};

    (void)state;
    say_nothing(&text, LANGUAGE_RU, &company);
    assert_non_null(strstr(buf_text(&text), "звоните: 8 800 555-01-41."));
    buf_clear(&text);
    say_nothing(&text, LANGUAGE_RU, NULL);
    assert_null(strstr(buf_text(&text), "звоните"));
    buf_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suspected_incident_says_that_the_cause_is_sought),
        cmocka_unit_test(an_eta_says_how_firm_it_is),
        cmocka_unit_test(an_eta_that_passed_or_moved_is_owned_up_to),
        cmocka_unit_test(an_eta_that_is_not_published_is_not_said),
        cmocka_unit_test(a_restored_incident_offers_to_report_again),
        cmocka_unit_test(planned_works_say_from_when_to_when),
        cmocka_unit_test(every_state_says_something_in_both_languages),
        cmocka_unit_test(the_company_phone_is_said_where_there_is_nothing_else),
    };

    return cmocka_run_group_tests(tests, set_zone, NULL);
}
