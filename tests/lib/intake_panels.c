#include "tests/lib/intake_panels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char *const texts[LANGUAGE_COUNT] = {
    "[{\"id\":\"papers\",\"topic\":\"1.1\",\"title\":\"Papers for a connection\","
    "\"text\":\"To connect a house up to 15 kW an application is made. With it come:\\n\\n"
    "* a plan of where the devices stand;\\n* a paper on the right to the house.\\n\","
    "\"keywords\":\"application connect\"},"
    "{\"id\":\"readings\",\"topic\":\"1.3\",\"title\":\"When to give readings\","
    "\"text\":\"From the 23rd to the 25th.\\n\",\"keywords\":\"meter\"}]",
    "[{\"id\":\"papers\",\"topic\":\"1.1\",\"title\":\"Документы для присоединения\","
    "\"text\":\"Для присоединения дома до 15 кВт подают заявку. К ней прикладывают:\\n\\n"
    "* план расположения устройств;\\n* документ о праве на дом.\\n\","
    "\"keywords\":\"заявка подключить\"},"
    "{\"id\":\"readings\",\"topic\":\"1.3\",\"title\":\"Когда передать показания\","
    "\"text\":\"С 23-го по 25-е число.\\n\",\"keywords\":\"счётчик\"}]"};
static const char *const directory[LANGUAGE_COUNT] = {
    "[{\"id\":\"112\",\"kind\":\"emergency\",\"name\":\"Emergency services\",\"phone\":\"112\","
    "\"about\":\"Danger to life, fire.\"},"
    "{\"id\":\"supplier\",\"kind\":\"supplier\",\"name\":\"Supplier of last resort\","
    "\"phone\":\"8-800-555-01-10\",\"about\":\"Bills, payment, debts.\"}]",
    "[{\"id\":\"112\",\"kind\":\"emergency\",\"name\":\"Единый номер экстренных служб\","
    "\"phone\":\"112\",\"about\":\"Угроза жизни, пожар.\"},"
    "{\"id\":\"supplier\",\"kind\":\"supplier\",\"name\":\"Гарантирующий поставщик\","
    "\"phone\":\"8-800-555-01-10\",\"about\":\"Счета, оплата, долги.\"}]"};

void intake_panels_answer(struct intake_fixture *fixture, enum post_question question,
                          int64_t number, const char *rows)
{
    fixture->question = question;
    fixture->number = number;
    intake_fixture_answer(fixture, rows);
}

void intake_panels_handbook(struct intake_fixture *fixture)
{
    enum language language = fixture->post->language;

    intake_panels_answer(fixture, POST_ASK_ANSWERS, (int64_t)language, texts[language]);
    intake_panels_answer(fixture, POST_ASK_DIRECTORY, (int64_t)language, directory[language]);
}

#define OWED_FIRST                                                                \
    "\"reg_no\":\"2026-000101\",\"sequence\":901,\"type\":\"contact.inquiry\","   \
    "\"time\":\"2026-11-23T09:05:00+03:00\",\"operator\":\"pult:user:sidorova\"," \
    "\"callback\":false,\"state\":\"routed\",\"item\":\"1.1\",\"topic\":\"1.1\"," \
    "\"department\":\"connection\",\"needs_answer\":true,"                        \
    "\"due\":\"2026-11-23T13:05:00+03:00\",\"place\":{\"level\":\"house\","       \
    "\"settlement\":\"г. Зареченск\",\"street\":\"ул. Садовая\",\"house\":\"12\"}"

const char intake_panels_owed[] =
    "[{" OWED_FIRST "},"
    "{\"reg_no\":\"2026-000102\",\"sequence\":902,\"type\":\"contact.complaint\","
    "\"time\":\"2026-11-23T11:00:00+03:00\",\"operator\":\"pult:user:orlov\","
    "\"callback\":false,\"state\":\"in_work\",\"item\":\"9\",\"topic\":\"quality\","
    "\"department\":\"complaints\",\"needs_answer\":true,"
    "\"due\":\"2026-12-23T11:00:00+03:00\",\"place\":{\"level\":\"none\"}},"
    "{\"reg_no\":\"2026-000103\",\"sequence\":903,\"type\":\"contact.outage_report\","
    "\"symptom\":\"no_power\",\"time\":\"2026-11-23T14:20:00+03:00\","
    "\"operator\":\"pult:user:orlov\",\"callback\":true,\"state\":\"registered\","
    "\"item\":\"4.2\",\"needs_answer\":false,\"due\":\"2026-11-23T18:20:00+03:00\","
    "\"place\":{\"level\":\"street\",\"settlement\":\"г. Зареченск\","
    "\"street\":\"пер. Садовый\"}}]";
const char intake_panels_contact[] =
    "[{" OWED_FIRST ",\"caller\":{\"name\":\"Иванова Анна\",\"phone\":\"+79125550141\"},"
    "\"account\":\"1001\",\"flat\":\"4\","
    "\"text\":\"Подала заявку в октябре, когда ждать договор и счёт за присоединение?\"}]";

static const char offices[] =
    "[{\"office\":\"main\",\"name\":\"Центр обслуживания\",\"address\":\"ул. Садовая, 1\","
    "\"windows\":3,\"services\":{\"connection\":30,\"metering\":20,\"pensions\":15}},"
    "{\"office\":\"north\",\"name\":\"Северный офис\",\"windows\":1,"
    "\"services\":{\"service\":15}}]";
#define MONDAY(clock) "\"2026-11-23T" clock ":00+03:00\""
static const char sheet[] =
    "[{\"appointment\":4,\"office\":\"main\",\"window\":1,\"service\":\"metering\","
    "\"starts\":" MONDAY("15:00") ",\"ends\":" MONDAY(
        "15:20") ",\"state\":\"booked\","
                 "\"caller\":{\"masked\":true,\"name\":\"Иванова А. П.\",\"phone\":\"+7 *** "
                 "***-01-41\"}},"
                 "{\"appointment\":5,\"office\":\"main\",\"window\":2,\"service\":\"connection\","
                 "\"starts\":" MONDAY("15:00") ",\"ends\":" MONDAY(
                     "15:30") ",\"state\":\"cancelled\"},"
                              "{\"appointment\":6,\"office\":\"main\",\"window\":2,\"service\":"
                              "\"connection\","
                              "\"starts\":" MONDAY("09:00") ",\"ends\":" MONDAY(
                                  "09:30") ",\"state\":\"kept\","
                                           "\"caller\":{\"masked\":true,\"name\":\"Орлов Б.\"}}]";
static const char slots[] = "[{\"starts\":" MONDAY("15:00") ",\"ends\":" MONDAY(
    "15:30") ",\"free\":2},"
             "{\"starts\":" MONDAY("15:30") ",\"ends\":" MONDAY(
                 "16:00") ",\"free\":3},"
                          "{\"starts\":\"2026-11-24T08:00:00+03:00\",\"ends\":\"2026-11-24T08:30:"
                          "00+03:00\",\"free\":3}]";

void intake_panels_day(struct intake_fixture *fixture)
{
    intake_panels_answer(fixture, POST_ASK_SHEET, fixture->post->visits.sheet.asked, sheet);
    intake_panels_answer(fixture, POST_ASK_SLOTS, fixture->post->visits.slots.asked, slots);
}

void intake_panels_visits(struct intake_fixture *fixture)
{
    intake_panels_answer(fixture, POST_ASK_OFFICES, fixture->post->visits.offices.asked, offices);
    intake_panels_day(fixture);
}

const char intake_panels_questions[] =
    "[{\"reg_no\":\"2026-000050\",\"sequence\":500,\"type\":\"contact.outage_report\","
    "\"symptom\":\"no_power\",\"operator\":\"pult:user:orlov\",\"dispatch\":\"asked\","
    "\"question\":\"Горит ли фонарь?\",\"state\":\"registered\"},"
    "{\"reg_no\":\"2026-000123\",\"sequence\":1001,\"type\":\"contact.outage_report\","
    "\"symptom\":\"no_power\",\"operator\":\"pult:user:sidorova\",\"dispatch\":\"asked\","
    "\"question\":\"У соседей свет есть?\",\"state\":\"registered\"}]";
