// What the keys of the console do, without bus and terminal.
#include "console/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "console/texts.h"
#include "tests/lib/console_fixture.h"

static struct console_fixture fixture;

static int open_queue(void **state)
{
    (void)state;
    console_fixture_open(&fixture, LANGUAGE_RU, 24, 80);
    console_fixture_load(&fixture, "rows.json");
    list_select(fixture.desk->list, 104217);
    return 0;
}

static int close_queue(void **state)
{
    (void)state;
    console_fixture_close(&fixture);
    return 0;
}

static void expect_published(const char *lines)
{
    assert_string_equal(buf_text(&fixture.published), lines);
    buf_clear(&fixture.published);
}

// An event of the stream; `data` is JSON.
static void event(int sequence, const char *type, const char *source, const char *data)
{
    char text[1024];
    snprintf(
        text, sizeof text,
        "{\"specversion\":\"1.0\",\"id\":\"e%d\",\"type\":\"%s\",\"source\":\"%s\","
        "\"time\":\"2026-11-23T14:32:06+03:00\",\"recordedtime\":\"2026-11-23T14:32:06+03:00\","
        "\"sequence\":\"%016d\",\"data\":%s}",
        sequence, type, source, sequence, data);
    console_fixture_event(&fixture, text);
    console_fixture_pass(&fixture, 0);
}

static const struct board_row *row(int64_t number)
{
    return board_find(fixture.desk->board, number);
}

static void accepting_in_the_russian_layout(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "ф");
    expect_published("dispatch.accepted {\"incident\":104217}\n");
    assert_true(console_fixture_shows(&fixture, "№104217: принять — сохранено, отправляется"));
    desk_settled(fixture.desk, fixture.last_ticket, NULL);
    assert_true(console_fixture_shows(&fixture, "№104217: принять — выполнено"));
    event(2000, "dispatch.accepted", "pult:user:ivanov", "{\"incident\":104217}");
    assert_string_equal(row(104217)->accepted_by, "pult:user:ivanov");
}

static void answer_stats(const char *stats)
{
    struct json_doc *doc = json_doc_new();
    char text[256];
    int length = snprintf(text, sizeof text, "{\"rows\":[%s]}", stats);
    desk_answered(fixture.desk, ASK_MODE, 0,
                  json_parse(doc, text, (size_t)length, JSON_DEPTH_DEFAULT, NULL), NULL);
    json_doc_free(doc);
    console_fixture_pass(&fixture, 60000);
}

static void a_flood_asks_for_a_storm_and_the_dispatcher_switches(void **state)
{
    (void)state;
    event(2000, "deadline.passed", "pult:busd",
          "{\"deadline\":\"flood_on\",\"of\":\"desk/*\",\"desk\":\"*\"}");
    assert_non_null(strstr(buf_text(&fixture.asked), "stats {}\n"));
    answer_stats("{\"mode\":\"normal\",\"mode_proposed\":\"storm\"}");
    assert_true(console_fixture_shows(&fixture, "ШТОРМ?"));
    console_fixture_keys(&fixture, "ы Enter Enter"); // what is proposed is chosen already
    expect_published("mode.changed {\"mode\":\"storm\"}\n");
    event(2001, "mode.changed", "pult:user:petrova", "{\"mode\":\"storm\"}");
    assert_true(console_fixture_shows(&fixture, "ШТОРМ"));
    assert_false(console_fixture_shows(&fixture, "ШТОРМ?"));
    // Nothing to change, nothing sent; a message goes by itself.
    console_fixture_keys(&fixture, "s Enter Enter");
    expect_published("");
    console_fixture_keys(&fixture, "Tab 'до_утра Enter");
    expect_published("mode.message {\"text\":\"до утра\"}\n");
}

static void an_incident_says_why_it_is_urgent_and_who_was_called(void **state)
{
    (void)state;
    struct json_doc *doc = json_doc_new();
    static const char answer[] =
        "{\"rows\":[{\"incident\":104217,\"kind\":\"outage\",\"state\":\"confirmed\",\"priority\":"
        "2,"
        "\"started\":\"2026-11-23T14:28:00+03:00\",\"calls\":86,\"customers\":1240,\"version\":"
        "9000,"
        "\"priority_reason\":\"critical\",\"critical_count\":2,\"categories\":[1,3,1236],"
        "\"planned\":[7],\"escalated_to\":\"south\"}]}";
    console_fixture_keys(&fixture, "Enter");
    desk_answered(fixture.desk, ASK_INCIDENT, 104217,
                  json_parse(doc, answer, sizeof answer - 1, JSON_DEPTH_DEFAULT, NULL), NULL);
    assert_true(console_fixture_shows(&fixture, "Важность важный объект · важных объектов 2"));
    assert_true(console_fixture_shows(&fixture, "плановые работы №7"));
    assert_true(console_fixture_shows(&fixture, "позван: south"));
    json_doc_free(doc);
}

static size_t listed(int priority)
{
    size_t count = 0;
    for (size_t i = 0; i < list_count(fixture.desk->list); i++) {
        const struct board_row *shown = row((int64_t)list_row(fixture.desk->list, i).id);
        count += shown && shown->priority == priority;
    }
    return count;
}

static void in_a_storm_low_priorities_are_folded_and_never_lost(void **state)
{
    (void)state;
    size_t all = list_count(fixture.desk->list), low = listed(4) + listed(5), first = listed(1);
    assert_true(low > 0 && first > 0);
    answer_stats("{\"mode\":\"storm\"}");
    console_fixture_keys(&fixture, "Home");
    assert_int_equal(list_count(fixture.desk->list), all - low);
    assert_int_equal(fixture.desk->folded, low);
    assert_int_equal(listed(1), first);
    console_fixture_keys(&fixture, "f");
    assert_int_equal(list_count(fixture.desk->list), all);
    console_fixture_keys(&fixture, "а");
    assert_int_equal(list_count(fixture.desk->list), all - low);
    // Whoever asks for them sees them.
    console_fixture_keys(&fixture, "4");
    assert_int_equal(list_count(fixture.desk->list), listed(4));
    console_fixture_keys(&fixture, "0 \\ 'prio:4- Enter");
    assert_int_equal(list_count(fixture.desk->list), low);
    answer_stats("{\"mode\":\"normal\"}");
    console_fixture_keys(&fixture, "Esc Home");
    assert_int_equal(list_count(fixture.desk->list), all);
}

static void a_refusal_is_shown_in_words(void **state)
{
    (void)state;
    struct err err;
    console_fixture_keys(&fixture, "a");
    err_set(&err, ERR_CONFLICT, "closed", "it is closed", "он уже закрыт");
    desk_settled(fixture.desk, fixture.last_ticket, &err);
    assert_true(console_fixture_shows(&fixture, "№104217: принять — отказ: Он уже закрыт."));
}

static void a_full_disk_is_said_and_nothing_is_promised(void **state)
{
    (void)state;
    fixture.refuse = true;
    console_fixture_keys(&fixture, "a");
    assert_true(console_fixture_shows(&fixture, "отказ: Диск заполнен."));
    expect_published("");
}

static void an_eta_is_sent_for_every_tagged_row(void **state)
{
    (void)state;
    list_select(fixture.desk->list, 104201);
    console_fixture_keys(&fixture, "Space Space у '+90 Tab 2 Tab 2 Tab 'Бригада_на_месте Enter");
    expect_published(
        "eta.set {\"incident\":104201,\"at\":\"2026-11-23T16:02:00+03:00\",\"firmness\":\"firm\","
        "\"say\":\"Бригада на месте\",\"reason\":\"transformer\"}\n"
        "eta.set {\"incident\":104203,\"at\":\"2026-11-23T16:02:00+03:00\",\"firmness\":\"firm\","
        "\"say\":\"Бригада на месте\",\"reason\":\"transformer\"}\n");
    assert_null(fixture.desk->dialog);
    assert_int_equal(list_tag_count(fixture.desk->list), 0);
}

static void a_past_eta_is_asked_about_once(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "F2 '14:00 Enter");
    expect_published("");
    assert_true(console_fixture_shows(&fixture, "Это время уже прошло"));
    console_fixture_keys(&fixture, "Enter");
    expect_published("eta.set {\"incident\":104217,\"at\":\"2026-11-23T14:00:00+03:00\","
                     "\"firmness\":\"estimate\"}\n");
    console_fixture_keys(&fixture, "F2 '+3д Enter");
    expect_published("");
    assert_true(console_fixture_shows(&fixture, "дальше чем через 48 часов"));
    console_fixture_keys(&fixture, "Backspace '8д Enter"); // another value is another question
    expect_published("");
    console_fixture_keys(&fixture, "Esc");
}

static void a_question_mark_withdraws_the_eta(void **state)
{
    (void)state;
    list_select(fixture.desk->list, 104201);
    console_fixture_keys(&fixture, "e ? Enter");
    expect_published("eta.withdrawn {\"incident\":104201}\n");
    console_fixture_keys(&fixture, "e Enter");
    expect_published("");
    assert_true(console_fixture_shows(&fixture, "Введите время"));
    console_fixture_keys(&fixture, "Esc");
    assert_null(fixture.desk->dialog);
}

static void closing_wants_a_restored_incident_and_a_cause(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "x");
    assert_null(fixture.desk->dialog);
    assert_true(console_fixture_shows(&fixture, "№104217 ещё не восстановлен"));
    list_select(fixture.desk->list, 104166);
    console_fixture_keys(&fixture, "F8 Enter");
    expect_published("");
    assert_true(console_fixture_shows(&fixture, "Выберите причину"));
    console_fixture_keys(&fixture, "2 Tab 'муфта Enter");
    expect_published(
        "incident.closed {\"incident\":104166,\"cause\":\"cable\",\"text\":\"муфта\"}\n");
}

static void power_back_takes_a_time_that_is_not_ahead(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "к '15:00 Enter");
    expect_published("");
    assert_true(console_fixture_shows(&fixture, "не могло вернуться в будущем"));
    console_fixture_keys(&fixture, "Ctrl-U '14:20 Enter");
    expect_published(
        "incident.restored {\"incident\":104217,\"at\":\"2026-11-23T14:20:00+03:00\"}\n");
    console_fixture_keys(&fixture, "r Enter");
    expect_published(
        "incident.restored {\"incident\":104217,\"at\":\"2026-11-23T14:32:05+03:00\"}\n");
}

static void confirming_verifying_cancelling(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "k");
    expect_published("incident.confirmed {\"incident\":104217}\n");
    list_select(fixture.desk->list, 104188);
    console_fixture_keys(&fixture, "k"); // confirmed already
    expect_published("");
    list_select(fixture.desk->list, 104166);
    console_fixture_keys(&fixture, "y");
    expect_published("incident.verified {\"incident\":104166}\n");
    list_select(fixture.desk->list, 104220);
    console_fixture_keys(&fixture, "u 1 Enter");
    expect_published("incident.cancelled {\"incident\":104220,\"reason\":\"customer_side\"}\n");
}

static void editing_sends_what_changed_with_the_version_it_saw(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "F4 Enter");
    expect_published("");
    assert_true(console_fixture_shows(&fixture, "Ничего не изменено"));
    console_fixture_keys(&fixture, "2 Tab Ctrl-U '1300 Enter");
    expect_published("incident.updated "
                     "{\"incident\":104217,\"priority\":2,\"customers\":1300,\"expect\":900}\n");
}

static void a_crew_goes_on_by_one_step(void **state)
{
    (void)state;
    list_select(fixture.desk->list, 104188); // its crew is on site
    console_fixture_keys(&fixture, "c Enter");
    expect_published(
        "incident.crew "
        "{\"incident\":104188,\"tier\":\"repair\",\"state\":\"working\",\"crew\":\"б12\"}\n");
}

static void tagged_rows_merge_into_one(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "g");
    assert_true(console_fixture_shows(&fixture, "Сначала отметьте"));
    list_select(fixture.desk->list, 104201);
    console_fixture_keys(&fixture, "Space Space g");
    assert_true(console_fixture_shows(&fixture, "Отмеченные (1) войдут в №104201"));
    console_fixture_keys(&fixture, "Enter");
    expect_published("incident.merged {\"incident\":104203,\"into\":104201}\n");
}

static void a_note_belongs_to_the_selected_incident(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "ц 'ждём_оперативную_группу Enter");
    expect_published("log.entry {\"text\":\"ждём оперативную группу\",\"incident\":104217}\n");
}

// In the incident, whose latest call is meant unless another number is typed.
static void the_operator_is_asked_about_a_call_or_gets_it_back(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "Enter");
    console_fixture_answer(&fixture, "incident.json");
    const struct json *latest = dossier_newest(dossier_list(fixture.desk->dossier, "contacts"), 0);
    const char *number = json_c_string(json_get(latest, "reg_no"));
    struct buf expected = {0};

    console_fixture_keys(&fixture, "ш Enter");
    assert_true(console_fixture_shows(&fixture, "О каком звонке и что спросить?"));
    console_fixture_keys(&fixture, "'какой_подъезд Enter");
    buf_printf(&expected, "dispatch.asked {\"contact\":\"%s\",\"question\":\"какой подъезд\"}\n",
               number);
    expect_published(buf_text(&expected));
    console_fixture_keys(&fixture, "i 'где_это Tab 2 Enter");
    buf_clear(&expected);
    buf_printf(&expected, "dispatch.returned {\"contact\":\"%s\",\"reason\":\"где это\"}\n",
               number);
    expect_published(buf_text(&expected));
    buf_clear(&expected);
    buf_printf(&expected,
               "{\"type\":\"dispatch.replied\",\"sequence\":\"0000000000002000\",\"data\":{"
               "\"contact\":\"%s\",\"answer\":\"второй\"}}",
               number);
    console_fixture_event(&fixture, buf_text(&expected));
    assert_true(console_fixture_shows(&fixture, "оператор: второй"));
    buf_fini(&expected);
}

static void pasted_text_is_no_command(void **state)
{
    (void)state;
    struct input paste = {.kind = INPUT_PASTE, .paste = slice_of("aqx8 912 555-01-41")};
    desk_input(fixture.desk, &paste);
    expect_published("");
    assert_false(fixture.desk->quit);
    assert_true(console_fixture_shows(&fixture, "Вставленный текст не принят"));
    console_fixture_keys(&fixture, "w");
    desk_input(fixture.desk, &paste);
    console_fixture_keys(&fixture, "Enter");
    expect_published("log.entry {\"text\":\"aqx8 912 555-01-41\",\"incident\":104217}\n");
}

static void a_new_incident_never_moves_the_selection(void **state)
{
    (void)state;
    list_select(fixture.desk->list, 104203);
    for (int i = 0; i < 20; i++) {
        char data[160];
        snprintf(data, sizeof data,
                 "{\"kind\":\"hazard\",\"node\":\"ТП-%d\",\"incident\":%d,\"priority\":1,"
                 "\"started\":\"2026-11-23T14:32:06+03:00\"}",
                 i, 104300 + i);
        event(2000 + i, "incident.opened", "pult:busd", data);
        console_fixture_pass(&fixture, 6000);
        assert_int_equal(list_selected(fixture.desk->list), 104203);
    }
    console_fixture_keys(&fixture, "a");
    expect_published("dispatch.accepted {\"incident\":104203}\n");
}

static void the_order_holds_while_one_works_and_home_lets_it_go(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "Down");
    event(2000, "incident.opened", "pult:busd",
          "{\"kind\":\"hazard\",\"node\":\"ТП-1\",\"incident\":104300,\"priority\":1,"
          "\"started\":\"2026-11-23T10:00:00+03:00\"}");
    assert_false(console_fixture_shows(&fixture, "104300  "));
    assert_true(console_fixture_shows(&fixture, "#2000")); // the head is applied all the same
    console_fixture_keys(&fixture, "Home");
    assert_true(console_fixture_shows(&fixture, "104300  "));
    console_fixture_keys(&fixture, "o");
    event(2001, "incident.opened", "pult:busd",
          "{\"kind\":\"outage\",\"node\":\"Т\",\"incident\":104301}");
    console_fixture_pass(&fixture, 60000);
    assert_false(console_fixture_shows(&fixture, "104301  "));
    console_fixture_keys(&fixture, "o");
    assert_true(console_fixture_shows(&fixture, "104301  "));
}

static void a_new_emergency_rings_once_in_30_s(void **state)
{
    (void)state;
    static const char opened[] = "{\"kind\":\"hazard\",\"incident\":%d,\"priority\":1}";
    char data[100];
    for (int i = 0; i < 5; i++) {
        snprintf(data, sizeof data, opened, 104300 + i);
        event(2000 + i, "incident.opened", "pult:busd", data);
    }
    assert_int_equal(fixture.bells, 1);
    console_fixture_pass(&fixture, DESK_BELL_MS);
    snprintf(data, sizeof data, opened, 104310);
    event(2010, "incident.opened", "pult:busd", data);
    assert_int_equal(fixture.bells, 2);
    console_fixture_keys(&fixture, "!");
    console_fixture_pass(&fixture, DESK_BELL_MS);
    snprintf(data, sizeof data, opened, 104311);
    event(2011, "incident.opened", "pult:busd", data);
    assert_int_equal(fixture.bells, 2);
}

static void an_event_is_applied_once_and_never_over_a_younger_row(void **state)
{
    (void)state;
    int64_t calls = row(104195)->calls; // its version is 905
    event(905, "contact.outage_report", "pult:user:op",
          "{\"incident\":104195,\"symptom\":\"no_power\"}");
    assert_int_equal(row(104195)->calls, calls);
    event(906, "contact.outage_report", "pult:user:op",
          "{\"incident\":104195,\"symptom\":\"no_power\"}");
    event(906, "contact.outage_report", "pult:user:op",
          "{\"incident\":104195,\"symptom\":\"no_power\"}");
    assert_int_equal(row(104195)->calls, calls + 1);
    event(907, "contact.restoration_query", "pult:user:op", "{\"incident\":104195}");
    assert_int_equal(row(104195)->calls, calls + 1);
}

static void etas_follow_their_events(void **state)
{
    (void)state;
    event(2000, "eta.set", "pult:user:p",
          "{\"incident\":104217,\"at\":\"2026-11-23T18:00:00+03:00\",\"source\":\"crew\"}");
    assert_true(row(104217)->has_eta && row(104217)->source == BOARD_CREW);
    event(2001, "eta.set", "pult:user:p",
          "{\"incident\":104217,\"at\":\"2026-11-23T19:00:00+03:00\",\"source\":\"zone\",\"in_"
          "force\":false}");
    assert_true(console_fixture_shows(&fixture, "18:00"));
    event(2002, "eta.withdrawn", "pult:user:p", "{\"incident\":104217}");
    assert_false(row(104217)->has_eta);
    event(2003, "incident.restored", "pult:user:p",
          "{\"incident\":104217,\"at\":\"2026-11-23T14:31:00+03:00\"}");
    assert_int_equal(row(104217)->state, BOARD_RESTORED);
    event(2004, "incident.reopened", "pult:user:p", "{\"incident\":104217}");
    assert_true(board_needs_eta(row(104217)));
    event(2005, "incident.merged", "pult:user:p", "{\"incident\":104217,\"into\":104219}");
    assert_int_equal(row(104217)->state, BOARD_MERGED);
}

static void what_is_in_doubt_is_asked_in_small_portions(void **state)
{
    (void)state;
    buf_clear(&fixture.asked);
    for (int i = 0; i < 100; i++) {
        char data[60];
        snprintf(data, sizeof data, "{\"incident\":%d}", 105000 + i);
        event(3000 + i, "incident.updated", "pult:user:p", data); // incidents never seen
    }
    size_t questions = 0;
    for (const char *at = buf_text(&fixture.asked); (at = strstr(at, "incident {")); at++)
        questions++;
    assert_in_range(questions, 1, DESK_DOUBTS);
}

static void help_runs_the_command_it_found(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "F1 'прин Enter");
    expect_published("dispatch.accepted {\"incident\":104217}\n");
    console_fixture_keys(&fixture, "h 'нетакой Enter");
    expect_published("");
    assert_false(fixture.desk->help);
}

static void a_filter_keeps_what_fits(void **state)
{
    (void)state;
    static const struct {
        const char *filter;
        size_t rows;
    } cases[] = {{"школьный", 2},   {"ШКОЛЬН 104203", 1}, {"приор:1", 3},
                 {"prio:2-3", 6},   {"срок:нет", 3},      {"eta:passed", 1},
                 {"!приор:1-4", 1}, {"сост:нов", 3},      {"state:rest", 1},
                 {"вид:кач", 2},    {"узел:пс-южная", 2}, {"calls:80", 2},
                 {"березовка", 1},  {"нетакого", 0},      {"  ", 11}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        desk_set_filter(fixture.desk, slice_of(cases[i].filter));
        if (list_count(fixture.desk->list) != cases[i].rows)
            print_error("filter: %s\n", cases[i].filter);
        assert_int_equal(list_count(fixture.desk->list), cases[i].rows);
    }
}

static void search_goes_round(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "/ 'школьный Enter");
    assert_int_equal(list_selected(fixture.desk->list), 104201);
    console_fixture_keys(&fixture, "т");
    assert_int_equal(list_selected(fixture.desk->list), 104203);
    console_fixture_keys(&fixture, "n");
    assert_int_equal(list_selected(fixture.desk->list), 104201);
    assert_true(console_fixture_shows(&fixture, "с начала"));
    console_fixture_keys(&fixture, "Т");
    assert_int_equal(list_selected(fixture.desk->list), 104203);
    console_fixture_keys(&fixture, "F7 'нетакого Enter");
    assert_true(console_fixture_shows(&fixture, "«нетакого» не найдено"));
}

static void the_alarm_is_reached_even_behind_a_filter(void **state)
{
    (void)state;
    list_select(fixture.desk->list, 104099);
    console_fixture_keys(&fixture, "з");
    assert_int_equal(list_selected(fixture.desk->list), 104217);
    desk_set_filter(fixture.desk, slice_of("вид:кач"));
    console_fixture_keys(&fixture, "p");
    assert_int_equal(fixture.desk->view, VIEW_DETAIL);
    assert_int_equal(fixture.desk->dossier->number, 104217);
}

static void the_language_switches_at_run_time(void **state)
{
    (void)state;
    assert_true(console_fixture_shows(&fixture, "ОЧЕРЕДЬ"));
    console_fixture_keys(&fixture, "t");
    assert_true(console_fixture_shows(&fixture, "QUEUE"));
    console_fixture_keys(&fixture, "е");
    assert_true(console_fixture_shows(&fixture, "ОЧЕРЕДЬ"));
}

static void esc_takes_off_and_q_leaves(void **state)
{
    (void)state;
    console_fixture_keys(&fixture, "1 Space Esc");
    assert_int_equal(list_count(fixture.desk->list), 11);
    assert_int_equal(list_tag_count(fixture.desk->list), 0);
    console_fixture_keys(&fixture, "Enter Esc Esc");
    assert_int_equal(fixture.desk->view, VIEW_QUEUE);
    assert_false(fixture.desk->quit); // in PuTTY F-keys may arrive as Esc
    console_fixture_keys(&fixture, "Ctrl-C");
    assert_false(fixture.desk->quit);
    console_fixture_keys(&fixture, "й");
    assert_true(fixture.desk->quit);
}

static void without_a_bus_acts_are_kept_and_said_so(void **state)
{
    (void)state;
    fixture.desk->link.up = false;
    fixture.desk->link.lost_ms = fixture.desk->now_ms;
    console_fixture_keys(&fixture, "a");
    expect_published("dispatch.accepted {\"incident\":104217}\n");
    assert_true(console_fixture_shows(&fixture, "уйдёт, когда вернётся шина (ждёт: 1)"));
    assert_true(console_fixture_shows(&fixture, "СВЯЗИ С ШИНОЙ НЕТ"));
}

static void texts_take_the_same_arguments_in_both_languages(void **state)
{
    (void)state;
    size_t bad;
    bool same = strings_check(console_texts, CONSOLE_TEXT_COUNT, &bad);
    if (!same)
        print_error("%s\n", console_texts[bad].in[LANGUAGE_EN]);
    assert_true(same);
}

static void random_keys_do_no_harm(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "F1",  "F2",  "F3",    "F4", "F5",   "F6",   "F7",  "F8",   "F9",   "Enter",
        "Esc", "Tab", "Space", "Up", "Down", "Home", "End", "PgUp", "PgDn", "a",
        "у",   "w",   "1",     "2",  "0",    "+",    "-",   "\\",   "n",    "l",
        "m",   "p",   "k",     "x",  "r",    "c",    "g",   "Ins",  "Del",  "o"};
    srand(12);
    for (int round = 0; round < 20000; round++) {
        console_fixture_keys(&fixture, keys[(size_t)rand() % (sizeof keys / sizeof *keys)]);
        if (round % 10 == 0)
            console_fixture_paint(&fixture);
        if (round % 500 == 0)
            desk_set_view(fixture.desk, VIEW_QUEUE);
    }
    assert_non_null(row(104217));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_queue, close_queue)
    const struct CMUnitTest tests[] = {
        TEST(accepting_in_the_russian_layout),
        TEST(a_refusal_is_shown_in_words),
        TEST(a_flood_asks_for_a_storm_and_the_dispatcher_switches),
        TEST(in_a_storm_low_priorities_are_folded_and_never_lost),
        TEST(an_incident_says_why_it_is_urgent_and_who_was_called),
        TEST(a_full_disk_is_said_and_nothing_is_promised),
        TEST(an_eta_is_sent_for_every_tagged_row),
        TEST(a_past_eta_is_asked_about_once),
        TEST(a_question_mark_withdraws_the_eta),
        TEST(closing_wants_a_restored_incident_and_a_cause),
        TEST(power_back_takes_a_time_that_is_not_ahead),
        TEST(confirming_verifying_cancelling),
        TEST(editing_sends_what_changed_with_the_version_it_saw),
        TEST(a_crew_goes_on_by_one_step),
        TEST(tagged_rows_merge_into_one),
        TEST(a_note_belongs_to_the_selected_incident),
        TEST(the_operator_is_asked_about_a_call_or_gets_it_back),
        TEST(pasted_text_is_no_command),
        TEST(a_new_incident_never_moves_the_selection),
        TEST(the_order_holds_while_one_works_and_home_lets_it_go),
        TEST(a_new_emergency_rings_once_in_30_s),
        TEST(an_event_is_applied_once_and_never_over_a_younger_row),
        TEST(etas_follow_their_events),
        TEST(what_is_in_doubt_is_asked_in_small_portions),
        TEST(help_runs_the_command_it_found),
        TEST(a_filter_keeps_what_fits),
        TEST(search_goes_round),
        TEST(the_alarm_is_reached_even_behind_a_filter),
        TEST(the_language_switches_at_run_time),
        TEST(esc_takes_off_and_q_leaves),
        TEST(without_a_bus_acts_are_kept_and_said_so),
        TEST(texts_take_the_same_arguments_in_both_languages),
        TEST(random_keys_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
