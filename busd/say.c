#include "busd/say.h"

#include "lib/clock.h"

#include <string.h>
#include <time.h>

// How a time is said: "сегодня к 17:30", "by 17:30 today".
static const struct preposition {
    const char *words[LANGUAGE_COUNT];
} at = {{"at", "в"}}, by = {{"by", "к"}}, before = {{"before", "до"}}, from = {{"from", "с"}};

static const char *const months[LANGUAGE_COUNT][12] = {
    {"January", "February", "March", "April", "May", "June", "July", "August", "September",
     "October", "November", "December"},
    {"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября",
     "октября", "ноября", "декабря"},
};

static const char *const near_days[LANGUAGE_COUNT][3] = {{"yesterday", "today", "tomorrow"},
                                                         {"вчера", "сегодня", "завтра"}};

// Days between the calendar days of two times; by noon, so that a change of the clocks does no harm.
static int64_t days_apart(const struct tm *a, const struct tm *b)
{
    struct tm noon_a = *a, noon_b = *b;

    noon_a.tm_hour = noon_b.tm_hour = 12;
    noon_a.tm_min = noon_b.tm_min = noon_a.tm_sec = noon_b.tm_sec = 0;
    int64_t apart_ms = clock_from_local(&noon_b) - clock_from_local(&noon_a);
    const int64_t day_ms = 24 * 3600 * 1000;

    return (apart_ms + (apart_ms < 0 ? -day_ms : day_ms) / 2) / day_ms;
}

static void add_day(struct buf *out, enum language language, const struct tm *time,
                    const struct tm *now)
{
    int64_t days = days_apart(now, time);

    if (days >= -1 && days <= 1) {
        buf_add_text(out, near_days[language][days + 1]);
        return;
    }
    buf_printf(out, "%s%d %s", language == LANGUAGE_EN ? "on " : "", time->tm_mday,
               months[language][time->tm_mon]);
    if (time->tm_year != now->tm_year)
        buf_printf(out, language == LANGUAGE_EN ? " %d" : " %d года", time->tm_year + 1900);
}

static void add_time(struct buf *out, enum language language, const struct preposition *word,
                     int64_t time_ms, int64_t now_ms)
{
    struct tm time, now;

    clock_local(time_ms, &time);
    clock_local(now_ms, &now);
    if (language == LANGUAGE_EN) {
        buf_printf(out, "%s %02d:%02d ", word->words[language], time.tm_hour, time.tm_min);
        add_day(out, language, &time, &now);
    } else {
        add_day(out, language, &time, &now);
        buf_printf(out, " %s %02d:%02d", word->words[language], time.tm_hour, time.tm_min);
    }
}

static void add_text(struct buf *out, enum language language, const char *en, const char *ru)
{
    buf_add_text(out, language == LANGUAGE_EN ? en : ru);
}

// A text of the company's own, as a sentence.
static void add_own(struct buf *out, const char *text)
{
    size_t length = text ? strlen(text) : 0;

    if (length == 0)
        return;
    buf_printf(out, " %s", text);
    if (!strchr(".!?", text[length - 1]))
        buf_add_char(out, '.');
}

enum { KIND_OUTAGE, KIND_QUALITY, KIND_HAZARD }; // words of event field `kind`

// --- do you know, since when --------------------------------------------------------------------

static void say_known(struct buf *out, enum language language, const struct incident *incident,
                      int64_t now_ms)
{
    static const char *const guessed[][LANGUAGE_COUNT] = {
        [KIND_OUTAGE] = {"We have reports of an outage at your address, the first one came ",
                         "Об отключении по вашему адресу нам уже сообщали, первый раз — "},
        [KIND_QUALITY] = {"We have reports of bad voltage at your address, the first one came ",
                          "О плохом напряжении по вашему адресу нам уже сообщали, первый раз — "},
        [KIND_HAZARD] = {"We have been told of the danger, the first report came ",
                         "Об опасности нам уже сообщили, первый раз — "},
    };
    static const char *const known[][LANGUAGE_COUNT] = {
        [KIND_OUTAGE] = {"We know of the outage at your address, it began ",
                         "Об отключении по вашему адресу мы знаем, оно началось "},
        [KIND_QUALITY] = {"We know of the bad voltage at your address, it began ",
                          "О плохом напряжении по вашему адресу мы знаем, оно началось "},
        [KIND_HAZARD] = {"We know of the danger, it was reported ",
                         "Об опасности мы знаем, о ней сообщили "},
    };
    int kind = incident->kind == KIND_QUALITY || incident->kind == KIND_HAZARD ? incident->kind
                                                                               : KIND_OUTAGE;
    bool confirmed = incident->state >= INCIDENT_CONFIRMED;

    buf_add_text(out, (confirmed ? known : guessed)[kind][language]);
    add_time(out, language, &at, incident->started, now_ms);
    buf_add_char(out, '.');
    if (!confirmed)
        add_text(out, language, " The dispatcher is finding out the cause.",
                 " Диспетчер выясняет причину.");
    if (incident->state == INCIDENT_PARTLY_RESTORED)
        add_text(out, language, " Some of the houses have their supply back, the work goes on.",
                 " Часть домов уже подключена, работы продолжаются.");
}

// --- what is being done -------------------------------------------------------------------------

static void say_crew(struct buf *out, enum language language, const struct incident *incident)
{
    static const char *const words[][LANGUAGE_COUNT] = {
        {"", ""},
        {" A crew has been assigned.", " Бригада назначена."},
        {" A crew is on its way.", " Бригада выехала."},
        {" A crew is on site.", " Бригада на месте."},
        {" A crew is working.", " Бригада работает."},
        {"", ""},
    };

    if (incident->crew_state > 0 && incident->crew_state < (int)(sizeof words / sizeof *words))
        buf_add_text(out, words[incident->crew_state][language]);
}

// --- when ---------------------------------------------------------------------------------------

enum { FIRMNESS_ESTIMATE, FIRMNESS_FIRM, FIRMNESS_NOT_BEFORE }; // words of event field `firmness`

static void say_due(struct buf *out, enum language language, const struct incident *incident,
                    int64_t now_ms)
{
    bool supply = incident->kind == KIND_OUTAGE;

    switch (incident->eta_firmness) {
    case FIRMNESS_FIRM:
        add_text(out, language, supply ? " The supply will be back " : " It will be put right ",
                 supply ? " Электричество дадут " : " Неисправность устранят ");
        add_time(out, language, &by, incident->eta_at, now_ms);
        break;
    case FIRMNESS_NOT_BEFORE:
        add_text(out, language,
                 supply ? " The supply will not be back " : " It will not be put right ",
                 supply ? " Электричества не будет как минимум "
                        : " Неисправность не устранят раньше, чем ");
        add_time(out, language, supply || language == LANGUAGE_EN ? &before : &at, incident->eta_at,
                 now_ms);
        break;
    default:
        add_text(out, language,
                 supply ? " We expect the supply back " : " We expect to put it right ",
                 supply ? " Ориентировочно электричество дадут "
                        : " Ориентировочно неисправность устранят ");
        add_time(out, language, &by, incident->eta_at, now_ms);
    }
    buf_add_char(out, '.');
}

static void say_eta(struct buf *out, enum language language, const struct incident *incident,
                    int64_t now_ms)
{
    if (!incident->eta_at || !incident->eta_published) {
        add_text(out, language, " There is no time of restoration yet, the dispatcher will set it.",
                 " Срок восстановления пока не определён, его назначит диспетчер.");
        return;
    }
    if (incident->eta_at < now_ms) {
        add_text(out, language, " It was to be over ", " Восстановить обещали ");
        add_time(out, language, &by, incident->eta_at, now_ms);
        add_text(out, language, ", that time has passed and a new one is being worked out.",
                 ", этот срок прошёл, новый уточняется.");
    } else {
        say_due(out, language, incident, now_ms);
        if (incident->eta_revisions > 0)
            add_text(out, language, " The time was changed, this is the latest one.",
                     " Срок менялся, это последний.");
    }
    add_own(out, incident->eta_say);
}

// --- it is over ---------------------------------------------------------------------------------

static void say_restored(struct buf *out, enum language language, const struct incident *incident,
                         int64_t now_ms)
{
    static const char *const words[][LANGUAGE_COUNT] = {
        [KIND_OUTAGE] = {"The supply was restored ", "Электричество дали "},
        [KIND_QUALITY] = {"The voltage was put right ", "Напряжение привели в норму "},
        [KIND_HAZARD] = {"The danger was removed ", "Опасность устранили "},
    };
    int kind = incident->kind == KIND_QUALITY || incident->kind == KIND_HAZARD ? incident->kind
                                                                               : KIND_OUTAGE;

    buf_add_text(out, words[kind][language]);
    add_time(out, language, &at, incident->restored_at ? incident->restored_at : now_ms, now_ms);
    buf_add_char(out, '.');
    if (kind == KIND_OUTAGE)
        add_text(
            out, language,
            " If yours is still off, check the breakers in the flat and at the meter; I can "
            "report it to the dispatcher.",
            " Если у вас света нет, проверьте автоматы в квартире и у счётчика; я могу передать "
            "это диспетчеру.");
    else if (kind == KIND_QUALITY)
        add_text(out, language, " If it is not right, I can report it to the dispatcher.",
                 " Если это не так, я передам диспетчеру.");
}

void say_incident(struct buf *out, enum language language, const struct incident *incident,
                  int64_t now_ms, const struct say_company *company)
{
    (void)company;
    switch ((enum incident_state)incident->state) {
    case INCIDENT_RESTORED:
    case INCIDENT_VERIFIED:
    case INCIDENT_CLOSED: say_restored(out, language, incident, now_ms); return;
    case INCIDENT_CANCELLED:
        add_text(out, language,
                 "The report was checked: there is no fault in our network at your address.",
                 "Сообщение проверили: в нашей сети по вашему адресу неисправности нет.");
        return;
    case INCIDENT_MERGED:
        buf_printf(out,
                   language == LANGUAGE_EN ? "Your report belongs to incident %lld."
                                           : "Ваше сообщение относится к инциденту %lld.",
                   (long long)incident->merged_into);
        return;
    default: break;
    }
    say_known(out, language, incident, now_ms);
    say_crew(out, language, incident);
    say_eta(out, language, incident, now_ms);
    if (incident->kind == KIND_HAZARD)
        add_text(out, language, " Keep away from the place and keep others away.",
                 " Не подходите к этому месту и не подпускайте других.");
    add_own(out, incident->public_text);
}

// --- planned works ------------------------------------------------------------------------------

static void say_reason(struct buf *out, enum language language, const struct planned *planned)
{
    if (!planned->reason || !*planned->reason)
        return;
    add_text(out, language, " Reason:", " Причина:");
    add_own(out, planned->reason);
}

static void say_ahead(struct buf *out, enum language language, const struct planned *planned,
                      int64_t now_ms)
{
    bool due = planned->starts <= now_ms;

    if (language == LANGUAGE_EN) {
        buf_add_text(out, due ? "Planned works: the supply was to be off "
                              : "Planned works: the supply will be off ");
        add_time(out, language, &from, planned->starts, now_ms);
        buf_add_text(out, ", back ");
    } else {
        buf_add_text(out, due ? "Плановые работы: отключение назначено "
                              : "Плановые работы: электричества не будет ");
        add_time(out, language, &from, planned->starts, now_ms);
        buf_add_text(out, ", включить планируют ");
    }
    add_time(out, language, &by, planned->ends, now_ms);
    buf_add_char(out, '.');
}

static void say_under_way(struct buf *out, enum language language, const struct planned *planned,
                          int64_t now_ms)
{
    add_text(out, language, "Planned works are under way, the supply is off since they began ",
             "Идут плановые работы, электричество отключено ");
    add_time(out, language, language == LANGUAGE_EN ? &at : &from, planned->starts, now_ms);
    if (planned->ends >= now_ms) {
        add_text(out, language, "; it is to be back ", "; включить планируют ");
        add_time(out, language, &by, planned->ends, now_ms);
        buf_add_char(out, '.');
        return;
    }
    add_text(out, language, ". They were to end ", ". Закончить должны были ");
    add_time(out, language, &by, planned->ends, now_ms);
    add_text(out, language, " and are taking longer.", ", но работы затянулись.");
}

void say_planned(struct buf *out, enum language language, const struct planned *planned,
                 int64_t now_ms, const struct say_company *company)
{
    (void)company;
    switch ((enum planned_state)planned->state) {
    case PLANNED_STATE_CANCELLED:
        add_text(out, language, "The planned works at your address were cancelled.",
                 "Плановые работы по вашему адресу отменены.");
        return;
    case PLANNED_STATE_ENDED:
        add_text(out, language, "The planned works at your address are over.",
                 "Плановые работы по вашему адресу закончены.");
        return;
    case PLANNED_STATE_STARTED: say_under_way(out, language, planned, now_ms); break;
    case PLANNED_STATE_ANNOUNCED: say_ahead(out, language, planned, now_ms); break;
    }
    say_reason(out, language, planned);
}

// --- nothing to tell ----------------------------------------------------------------------------

static void say_phone(struct buf *out, enum language language, const struct say_company *company)
{
    if (!company || !company->phone || !*company->phone)
        return;
    if (language == LANGUAGE_EN)
        buf_printf(out, " If anything changes, call %s.", company->phone);
    else
        buf_printf(out, " Если что-то изменится, звоните: %s.", company->phone);
}

void say_nothing(struct buf *out, enum language language, const struct say_company *company)
{
    add_text(out, language,
             "We know of no outage and no planned works at your address. If your supply is off, I "
             "will report it to the dispatcher.",
             "По вашему адресу ни отключений, ни плановых работ у нас нет. Если электричества нет, "
             "я передам сообщение диспетчеру.");
    say_phone(out, language, company);
}

void say_registered(struct buf *out, enum language language, const struct say_company *company)
{
    add_text(out, language, "Your report is registered and passed on to the dispatcher.",
             "Ваше сообщение зарегистрировано и передано диспетчеру.");
    say_phone(out, language, company);
}

void say_taken(struct buf *out, enum language language)
{
    add_text(out, language, "Your request is registered.", "Ваше обращение зарегистрировано.");
}
