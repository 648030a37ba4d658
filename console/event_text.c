#include "console/event_text.h"

#include "console/board.h"
#include "lib/clock.h"
#include "tui/eta_text.h"
#include "tui/strings.h"

#include <inttypes.h>
#include <string.h>

// Words of the protocol's enumerations, each for people.
static const struct {
    const char *word;
    struct string text;
} words[] = {
    {"outage", {{"outage", "отключение"}}},
    {"quality", {{"quality", "качество"}}},
    {"hazard", {{"hazard", "опасность"}}},
    {"planned", {{"planned works", "плановые работы"}}},
    {"suspected", {{"suspected", "предполагается"}}},
    {"probable", {{"probable", "вероятен"}}},
    {"confirmed", {{"confirmed", "подтверждён"}}},
    {"partly_restored", {{"partly restored", "частично восстановлен"}}},
    {"restored", {{"restored", "восстановлен"}}},
    {"verified", {{"verified", "проверен"}}},
    {"closed", {{"closed", "закрыт"}}},
    {"cancelled", {{"cancelled", "отменён"}}},
    {"merged", {{"merged", "объединён"}}},
    {"estimate", {{"estimate", "оценка"}}},
    {"firm", {{"firm", "точно"}}},
    {"not_before", {{"not before", "не раньше"}}},
    {"dispatcher", {{"dispatcher", "диспетчер"}}},
    {"crew", {{"crew", "бригада"}}},
    {"zone", {{"zone", "зона"}}},
    {"rule", {{"rule", "правило"}}},
    {"awaiting", {{"awaiting", "ожидается"}}},
    {"assigned", {{"assigned", "назначена"}}},
    {"en_route", {{"en route", "в пути"}}},
    {"on_site", {{"on site", "на месте"}}},
    {"working", {{"working", "работает"}}},
    {"done", {{"done", "закончила"}}},
    {"inspection", {{"inspection", "осмотр"}}},
    {"repair", {{"repair", "ремонт"}}},
    {"no_power", {{"no power", "нет света"}}},
    {"partial", {{"partly out", "свет частично"}}},
    {"interruptions", {{"interruptions", "свет пропадает"}}},
    {"low", {{"low voltage", "низкое напряжение"}}},
    {"high", {{"high voltage", "высокое напряжение"}}},
    {"flicker", {{"flicker", "мигает"}}},
    {"unbalanced", {{"unbalanced phases", "перекос фаз"}}},
    {"wire_down", {{"WIRE DOWN", "ПРОВОД НА ЗЕМЛЕ"}}},
    {"fire", {{"FIRE", "ПОЖАР"}}},
    {"sparking", {{"SPARKING", "ИСКРИТ"}}},
    {"open_equipment", {{"OPEN EQUIPMENT", "ОТКРЫТОЕ ОБОРУДОВАНИЕ"}}},
    {"trapped", {{"PEOPLE TRAPPED", "ЗАПЕРТЫ ЛЮДИ"}}},
    {"hospital", {{"hospital", "больница"}}},
    {"school", {{"school", "школа"}}},
    {"boiler", {{"boiler house", "котельная"}}},
    {"water", {{"water supply", "водоснабжение"}}},
    {"life_support", {{"life support", "жизнеобеспечение"}}},
    {"telecom", {{"telecom", "связь"}}},
    {"given", {{"given by a person", "назначена человеком"}}},
    {"critical", {{"critical object", "важный объект"}}},
    {"category_1", {{"reliability category 1", "1-я категория надёжности"}}},
    {"feeder", {{"a feeder", "фидер"}}},
    {"size", {{"100 customers or more", "от 100 абонентов"}}},
    {"hours", {{"out for 20 hours", "20 часов без питания"}}},
    {"one_flat", {{"a single flat", "одна квартира"}}},
    {"ordinary", {{"ordinary", "обычная"}}},
    {"flood_on", {{"too many at once: a storm?", "наплыв: не шторм ли?"}}},
    {"flood_off", {{"the flood has ended", "наплыв кончился"}}},
    {"escalate_next", {{"not accepted, to the next desk", "не принят, зовут соседнее место"}}},
    {"escalate_senior", {{"not accepted, to the senior", "не принят, зовут старшего"}}},
    {"people_count_report", {{"count of people", "число людей"}}},
    {"callback_answer", {{"call back", "перезвонить"}}},
    {"planned_notice", {{"notice of planned works", "предупредить о работах"}}},
    {"planned_overrun", {{"planned works overrun", "плановые работы затянулись"}}},
    {"desk_unattended", {{"nobody at the desk", "рабочее место пусто"}}},
    {"ops_accept_hazard", {{"accept the hazard", "принять опасность"}}},
    {"ops_accept_normal", {{"accept", "принять"}}},
    {"eta_warning", {{"ETA is near", "срок подходит"}}},
    {"eta_overdue", {{"ETA has passed", "срок вышел"}}},
    {"eta_overdue_repeat", {{"ETA has passed, again", "срок вышел, повтор"}}},
    {"quality_check", {{"check of quality", "проверка качества"}}},
    {"inform_outage_reason", {{"tell the cause", "назвать причину"}}},
    {"outage_limit_near", {{"20 hours out", "20 часов без питания"}}},
    {"outage_limit_run", {{"24 hours out", "24 часа без питания"}}},
    {"outage_limit_year_near", {{"near 72 h a year", "близко к 72 ч за год"}}},
    {"outage_limit_year", {{"72 h a year passed", "более 72 ч за год"}}},
    {"theft_ack", {{"take the report of theft", "взять сообщение о хищении"}}},
    {"complaint_status", {{"take the complaint", "взять жалобу в работу"}}},
    {"complaint_reminder", {{"complaint: reminder", "жалоба: напоминание"}}},
    {"complaint_last_reminder", {{"complaint: last reminder", "жалоба: последнее напоминание"}}},
    {"written_answer", {{"answer in writing", "ответить письменно"}}},
    {"answer_wait", {{"a call waits", "звонок ждёт"}}},
    {"complaint_answer", {{"answer the complaint", "ответить на жалобу"}}},
    {"insulting", {{"insulting words", "оскорбления"}}},
    {"answered_before", {{"answered before", "уже отвечали"}}},
    {"protected_data", {{"protected data", "охраняемые сведения"}}},
    {"transmission", {{"supply of power", "передача электроэнергии"}}},
    {"connection", {{"connection to the network", "технологическое присоединение"}}},
    {"metering", {{"metering", "учёт"}}},
    {"service", {{"service", "обслуживание"}}},
    {"maintenance", {{"maintenance of the network", "содержание сети"}}},
    {"flat", {{"one flat", "квартира"}}},
    {"house", {{"the house", "дом"}}},
    {"street", {{"the street", "улица"}}},
    {"unknown", {{"not known", "не известно"}}},
    {"other", {{"other", "другое"}}},
    {"line", {{"overhead line", "воздушная линия"}}},
    {"transformer", {{"transformer", "трансформатор"}}},
    {"cable", {{"cable", "кабель"}}},
    {"grid", {{"supply grid", "питающая сеть"}}},
    {"weather", {{"weather", "погода"}}},
    {"third_party", {{"third party", "посторонние"}}},
    {"customer_side", {{"customer's side", "у потребителя"}}},
    {"not_found", {{"nothing found", "не обнаружено"}}},
    {"duplicate", {{"duplicate", "повтор"}}},
    {"invalid", {{"invalid", "ошибочный"}}},
    {"energised", {{"energised", "под напряжением"}}},
    {"out", {{"out", "отключён"}}},
    {"normal", {{"normal", "обычный"}}},
    {"storm", {{"storm", "шторм"}}},
};

// What an event of a type is called; then which members of `data` follow, in order.
static const struct {
    const char *type;
    struct string text;
    const char *members[4];
} types[] = {
    {"contact.outage_report", {{"call:", "звонок:"}}, {"hazard", "symptom", "extent"}},
    {"contact.quality_complaint", {{"complaint:", "жалоба:"}}, {"hazard", "symptom", "extent"}},
    {"contact.restoration_query", {{"asked when power is back", "спросили срок"}}, {NULL}},
    {"contact.inquiry", {{"question, item", "справка, пункт"}}, {"topic"}},
    {"contact.consultation", {{"advice, item", "консультация, пункт"}}, {"topic"}},
    {"contact.meter_reading", {{"meter reading", "показания счётчика"}}, {NULL}},
    {"contact.theft_report", {{"report of theft", "сообщение о хищении"}}, {"hazard"}},
    {"contact.complaint", {{"formal complaint:", "жалоба на работу:"}}, {"topic"}},
    {"contact.routed", {{"contact routed:", "обращение передано:"}}, {"contact", "department"}},
    {"contact.taken", {{"contact taken:", "обращение взято:"}}, {"contact"}},
    {"contact.answered", {{"contact answered:", "ответ дан:"}}, {"contact"}},
    {"contact.closed", {{"contact closed:", "обращение закрыто:"}}, {"contact"}},
    {"contact.left", {{"left without an answer:", "оставлено без ответа:"}}, {"contact", "ground"}},
    {"contact.reopened",
     {{"contact reopened:", "обращение открыто снова:"}},
     {"contact", "reason"}},
    {"contact.linked", {{"a repeat:", "повторное:"}}, {"contact", "repeat_of"}},
    {"contact.updated", {{"the caller added:", "звонящий добавил:"}}, {"contact", "extent"}},
    {"incident.opened", {{"opened,", "открыт,"}}, {"kind", "cause"}},
    {"incident.updated", {{"edited:", "правка:"}}, {"priority", "customers", "cause"}},
    {"incident.confirmed", {{"confirmed", "подтверждён"}}, {"node"}},
    {"incident.moved", {{"moved to", "перенесён на"}}, {"node"}},
    {"incident.merged", {{"merged into #", "присоединён к №"}}, {"into"}},
    {"incident.split", {{"calls split out into #", "звонки выделены в №"}}, {"split_into"}},
    {"incident.grouped", {{"calls put it at", "по звонкам — на"}}, {"node"}},
    {"incident.switched",
     {{"covers otherwise since a switching", "охват изменён переключением"}},
     {NULL}},
    {"incident.crew", {{"crew", "бригада"}}, {"crew", "state", "tier", "reason"}},
    {"incident.partly_restored", {{"partly restored", "частично восстановлен"}}, {NULL}},
    {"incident.restored", {{"restored", "восстановлен"}}, {"at"}},
    {"incident.verified", {{"verified", "проверен"}}, {NULL}},
    {"incident.reopened", {{"reopened", "открыт снова"}}, {"reason"}},
    {"incident.closed", {{"closed, cause:", "закрыт, причина:"}}, {"cause"}},
    {"incident.cancelled", {{"cancelled:", "отменён:"}}, {"reason"}},
    {"eta.set", {{"ETA", "срок"}}, {"at", "firmness", "source", "reason"}},
    {"eta.withdrawn", {{"ETA withdrawn, being clarified", "срок снят, уточняется"}}, {"reason"}},
    {"eta.needed", {{"an ETA is needed", "нужен срок"}}, {NULL}},
    {"dispatch.accepted", {{"accepted", "принят"}}, {NULL}},
    {"dispatch.returned", {{"contact returned:", "обращение возвращено:"}}, {"contact", "reason"}},
    {"dispatch.asked", {{"asked about", "вопрос по"}}, {"contact", "question"}},
    {"dispatch.replied", {{"replied on", "ответ по"}}, {"contact", "answer"}},
    {"deadline.passed", {{"deadline passed:", "истёк срок:"}}, {"deadline", "desk", "to", "due"}},
    {"planned.announced",
     {{"planned works announced", "объявлены плановые работы"}},
     {"planned", "starts", "ends"}},
    {"planned.changed",
     {{"planned works changed", "изменены плановые работы"}},
     {"planned", "starts", "ends"}},
    {"planned.switched",
     {{"works cover otherwise since a switching", "охват работ изменён переключением"}},
     {"planned"}},
    {"planned.started", {{"planned works begun", "начаты плановые работы"}}, {"planned"}},
    {"planned.ended", {{"planned works ended", "закончены плановые работы"}}, {"planned"}},
    {"planned.cancelled", {{"planned works cancelled", "отменены плановые работы"}}, {"planned"}},
    {"mode.changed", {{"mode:", "режим:"}}, {"mode"}},
    {"mode.message", {{"message to all:", "сообщение всем:"}}, {"text"}},
    {"log.entry", {{"note:", "заметка:"}}, {"text"}},
    {"shift.opened", {{"shift opened", "смена открыта"}}, {"person", "desk"}},
    {"shift.handed_over", {{"shift handed over", "смена передана"}}, {"desk", "to", "text"}},
    {"node.switched", {{"node switched", "узел переключён"}}, {"node", "fed_from"}},
    {"node.marked", {{"node marked", "узел помечен"}}, {"node", "mark"}},
    {"model.changed", {{"network data imported", "загружены данные сети"}}, {"kind", "rows"}},
    {"approval.requested", {{"asks another person:", "просит согласия другого:"}}, {"by", "act"}},
    {"approval.given", {{"another person agrees", "другой человек согласен"}}, {NULL}},
    {"rights.changed", {{"rights changed by", "права изменены:"}}, {"by"}},
    {"rules.changed", {{"rules changed", "изменены правила"}}, {"set"}},
};

const char *event_text_word(const char *word, enum language language)
{
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0)
            return words[i].text.in[language];
    return word ? word : "";
}

void event_text_time(int64_t time_ms, int64_t now_ms, bool seconds, struct buf *out)
{
    struct tm at;
    struct tm now;
    clock_local(time_ms, &at);
    clock_local(now_ms, &now);
    if (at.tm_year != now.tm_year || at.tm_yday != now.tm_yday)
        buf_printf(out, "%d.%02d ", at.tm_mday, at.tm_mon + 1);
    buf_printf(out, "%02d:%02d", at.tm_hour, at.tm_min);
    if (seconds)
        buf_printf(out, ":%02d", at.tm_sec);
}

static void print_member(const struct json *value, int64_t now_ms, enum language language,
                         struct buf *out)
{
    int64_t time_ms;
    if (value->type == JSON_NUMBER) {
        buf_add(out, value->text.data, value->text.length);
        return;
    }
    const char *text = json_c_string(value);
    if (!text)
        return;
    if (clock_parse(value->text.data, value->text.length, &time_ms))
        event_text_time(time_ms, now_ms, false, out);
    else
        buf_add_text(out, event_text_word(text, language));
}

// Members whose value alone would not say what it is.
static const struct {
    const char *member;
    struct string label;
} labels[] = {
    {"priority", {{"priority ", "важность "}}},
    {"customers", {{"customers ", "абонентов "}}},
    {"due", {{"due ", "до "}}},
    {"rows", {{"rows ", "строк "}}},
};

static bool ends_in_number_sign(const struct buf *out)
{
    return out->length > 2 &&
           (out->data[out->length - 1] == '#' || memcmp(out->data + out->length - 3, "№", 3) == 0);
}

static void print_data(const struct json *data, const char *const members[4], int64_t now_ms,
                       enum language language, struct buf *out)
{
    const char *separator = ends_in_number_sign(out) ? "" : " ";
    for (size_t i = 0; i < 4 && members[i]; i++) {
        const struct json *value = json_get(data, members[i]);
        if (!value)
            continue;
        buf_add_text(out, separator);
        separator = ", ";
        for (size_t j = 0; j < sizeof labels / sizeof *labels; j++)
            if (strcmp(labels[j].member, members[i]) == 0)
                buf_add_text(out, labels[j].label.in[language]);
        print_member(value, now_ms, language, out);
    }
}

// "Садовая 12" of a contact's place, which is not personal.
static void print_place(const struct json *data, struct buf *out)
{
    const struct json *premise = json_get(data, "premise");
    struct slice street = json_string(json_get(premise, "street"));
    struct slice house = json_string(json_get(premise, "house"));
    if (street.length == 0)
        return;
    buf_add_text(out, ", ");
    buf_add(out, street.data, street.length);
    if (house.length > 0) {
        buf_add_char(out, ' ');
        buf_add(out, house.data, house.length);
    }
}

void event_text_print(const struct json *event, bool with_incident, int64_t now_ms,
                      enum language language, struct buf *out)
{
    const struct json *data = json_get(event, "data");
    struct slice type = json_string(json_get(event, "type"));
    int64_t incident = json_integer(json_get(data, "incident"), 0);
    if (with_incident && incident > 0)
        buf_printf(out, language == LANGUAGE_RU ? "№%" PRId64 " " : "#%" PRId64 " ", incident);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (!slice_is(type, types[i].type))
            continue;
        buf_add_text(out, types[i].text.in[language]);
        print_data(data, types[i].members, now_ms, language, out);
        if (strncmp(types[i].type, "contact.", 8) == 0)
            print_place(data, out);
        return;
    }
    buf_add(out, type.data ? type.data : "?", type.data ? type.length : 1);
}

const char *event_text_name(const char *identity)
{
    const char *colon = identity ? strrchr(identity, ':') : NULL;
    return colon ? colon + 1 : identity ? identity : "";
}

void event_text_source(const struct json *event, enum language language, struct buf *out)
{
    const char *source = json_c_string(json_get(event, "source"));
    const char *person = json_c_string(json_get(event, "person"));
    if (source && strcmp(source, "pult:busd") == 0)
        buf_add_text(out, language == LANGUAGE_RU ? "шина" : "bus");
    else
        buf_add_text(out, person ? person : event_text_name(source));
}
