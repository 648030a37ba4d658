#include "tui/eta_text.h"

#include "lib/clock.h"
#include "lib/text.h"
#include "tui/strings.h"

#include <string.h>

enum { MINUTE_MS = 60 * 1000, LONGEST_MINUTES = 60 * 24 * 60 }; // sixty days ahead is a slip

// The rest of the text that is being read.
struct reader {
    const char *at;
};

static void skip_blanks(struct reader *reader)
{
    reader->at += strspn(reader->at, " ");
}

static bool skip_word(struct reader *reader, const char *const *words)
{
    for (; *words; words++) {
        size_t length = strlen(*words);
        if (strncmp(reader->at, *words, length) == 0) {
            reader->at += length;
            return true;
        }
    }
    return false;
}

// Reads at most 5 digits; how many there were.
static int read_number(struct reader *reader, int *number)
{
    int digits = 0;
    *number = 0;
    while (digits < 5 && *reader->at >= '0' && *reader->at <= '9') {
        *number = *number * 10 + (*reader->at++ - '0');
        digits++;
    }
    return digits;
}

static bool at_end(struct reader *reader)
{
    skip_blanks(reader);
    return *reader->at == '\0';
}

// Longest first: a word is taken when the text begins with it.
static const char *const days[] = {"дней", "дня", "день", "дн", "д", "days", "day", "d", NULL};
static const char *const hours[] = {"часов", "часа", "час", "ч", "hours", "hour", "h", NULL};
static const char *const minutes[] = {"минут", "мин", "м", "minutes", "min", "m", NULL};
static const char *const tomorrow[] = {"завтра",   "завт", "зав", "зв", "з",
                                       "tomorrow", "tmrw", "tm",  "t",  NULL};

// `+90`, `+2ч`, `+1:30`, `+1ч30`, `+2д`, behind the plus.
static enum eta_text_kind parse_span(struct reader *reader, int64_t now_ms, int64_t *at_ms)
{
    int number;
    int more = 0;
    skip_blanks(reader);
    if (read_number(reader, &number) == 0)
        return *reader->at == '\0' ? ETA_TEXT_PARTIAL : ETA_TEXT_INVALID;
    skip_blanks(reader);
    int64_t span = number;
    if (*reader->at == ':') {
        reader->at++;
        int digits = read_number(reader, &more);
        if (digits < 2)
            return at_end(reader) ? ETA_TEXT_PARTIAL : ETA_TEXT_INVALID;
        span = (int64_t)number * 60 + more;
    } else if (skip_word(reader, hours)) {
        skip_blanks(reader);
        if (read_number(reader, &more) > 0) {
            skip_blanks(reader);
            skip_word(reader, minutes);
        }
        span = (int64_t)number * 60 + more;
    } else if (skip_word(reader, days)) {
        span = (int64_t)number * 24 * 60;
    } else {
        skip_word(reader, minutes);
    }
    if (!at_end(reader) || more > 59 || span > LONGEST_MINUTES)
        return ETA_TEXT_INVALID;
    int64_t whole_ms = now_ms - now_ms % MINUTE_MS;
    *at_ms = whole_ms + span * MINUTE_MS;
    return ETA_TEXT_TIME;
}

// `9`, `930`, `1730`, `17:30`, `17.30`.
static enum eta_text_kind parse_clock(struct reader *reader, int *hour, int *minute)
{
    int number;
    int digits = read_number(reader, &number);
    if (digits == 0)
        return at_end(reader) ? ETA_TEXT_PARTIAL : ETA_TEXT_INVALID;
    *hour = digits <= 2 ? number : number / 100;
    *minute = digits <= 2 ? 0 : number % 100;
    if (*reader->at == ':' || *reader->at == '.' || *reader->at == '-') {
        reader->at++;
        int behind = read_number(reader, minute);
        if (digits > 2 || behind > 2)
            return ETA_TEXT_INVALID;
        if (behind < 2)
            return at_end(reader) && *hour <= 24 ? ETA_TEXT_PARTIAL : ETA_TEXT_INVALID;
        digits = 4;
    }
    if (!at_end(reader) || digits > 4)
        return ETA_TEXT_INVALID;
    if (*hour > 24 || *minute > 59 || (*hour == 24 && *minute > 0))
        return digits < 4 ? ETA_TEXT_PARTIAL : ETA_TEXT_INVALID; // 173 may become 1730
    return ETA_TEXT_TIME;
}

// `23.11` before a blank or the end; `17.30` is no date.
static bool skip_date(struct reader *reader, int *day, int *month)
{
    struct reader trial = *reader;
    if (read_number(&trial, day) == 0 || *trial.at != '.')
        return false;
    trial.at++;
    if (read_number(&trial, month) == 0 || *month < 1 || *month > 12 || *day < 1 || *day > 31)
        return false;
    trial.at += *trial.at == '.';
    if (*trial.at != ' ' && *trial.at != '\0')
        return false;
    skip_blanks(&trial);
    *reader = trial;
    return true;
}

static enum eta_text_kind parse_moment(struct reader *reader, int64_t now_ms, int64_t *at_ms)
{
    struct tm local;
    int day = 0;
    int month = 0;
    int hour = 0;
    int minute = 0;
    clock_local(now_ms, &local);
    bool next_day = skip_word(reader, tomorrow);
    skip_blanks(reader);
    bool dated = !next_day && skip_date(reader, &day, &month);
    enum eta_text_kind kind = parse_clock(reader, &hour, &minute);
    if (kind != ETA_TEXT_TIME)
        return kind;
    struct tm moment = {.tm_year = local.tm_year,
                        .tm_mon = local.tm_mon,
                        .tm_mday = local.tm_mday + next_day,
                        .tm_hour = hour,
                        .tm_min = minute,
                        .tm_isdst = -1};
    if (dated) {
        moment.tm_mon = month - 1;
        moment.tm_mday = day;
        if (month - 1 < local.tm_mon - 6) // in December, 3.01 is next year's
            moment.tm_year++;
    }
    struct tm again = moment;
    *at_ms = clock_from_local(&moment);
    if (!next_day && !dated && *at_ms < now_ms - ETA_TEXT_BACK_MS) {
        again.tm_mday++;
        *at_ms = clock_from_local(&again);
    }
    if (dated) {
        struct tm check;
        clock_local(*at_ms, &check);
        if (hour < 24 && (check.tm_mday != day || check.tm_mon != month - 1)) // 31.04
            return ETA_TEXT_INVALID;
    }
    return ETA_TEXT_TIME;
}

void eta_text_parse(struct slice text, int64_t now_ms, struct eta_text *eta)
{
    struct buf folded = {0};
    *eta = (struct eta_text){.kind = ETA_TEXT_EMPTY};
    text_fold(text, &folded);
    struct reader reader = {buf_text(&folded)};
    if (at_end(&reader)) {
        buf_fini(&folded);
        return;
    }
    if (*reader.at == '?') {
        reader.at++;
        eta->kind = at_end(&reader) ? ETA_TEXT_CLARIFY : ETA_TEXT_INVALID;
    } else if (*reader.at == '+') {
        reader.at++;
        eta->kind = parse_span(&reader, now_ms, &eta->at_ms);
    } else {
        eta->kind = parse_moment(&reader, now_ms, &eta->at_ms);
    }
    if (eta->kind == ETA_TEXT_TIME) {
        eta->past = eta->at_ms < now_ms - now_ms % MINUTE_MS;
        eta->far = eta->at_ms > now_ms + ETA_TEXT_FAR_MS;
    }
    buf_fini(&folded);
}

static void print_time(const struct eta_text *eta, int64_t now_ms, enum language language,
                       struct buf *out)
{
    struct tm local;
    clock_local(eta->at_ms, &local);
    const char *weekday = strings_weekday(language, local.tm_wday);
    if (language == LANGUAGE_RU)
        buf_printf(out, "%s %d.%02d в %d:%02d (", weekday, local.tm_mday, local.tm_mon + 1,
                   local.tm_hour, local.tm_min);
    else
        buf_printf(out, "%s %d %s %d:%02d (", weekday, local.tm_mday,
                   strings_month(language, local.tm_mon), local.tm_hour, local.tm_min);
    int64_t ahead_ms = eta->at_ms - (now_ms - now_ms % MINUTE_MS);
    if (ahead_ms >= 0)
        buf_add_text(out, language == LANGUAGE_RU ? "через " : "in ");
    if (ahead_ms > -MINUTE_MS && ahead_ms < MINUTE_MS)
        ahead_ms = 0;
    if (ahead_ms == 0)
        buf_add_text(out, language == LANGUAGE_RU ? "0 мин" : "0 min");
    else
        strings_span(out, language, ahead_ms);
    if (ahead_ms < 0)
        buf_add_text(out, language == LANGUAGE_RU ? " назад" : " ago");
    buf_add_char(out, ')');
}

void eta_text_print(const struct eta_text *eta, int64_t now_ms, enum language language,
                    struct buf *out)
{
    static const struct string hints[] = {
        [ETA_TEXT_EMPTY] = {{"17:30  +90  +2h  t 9  ?", "17:30  +90  +2ч  з 9  ?"}},
        [ETA_TEXT_PARTIAL] = {{"…", "…"}},
        [ETA_TEXT_INVALID] = {{"not a time: 17:30, +90, +2h, t 9, 23.11 9:00 or ?",
                               "не время: 17:30, +90, +2ч, з 9, 23.11 9:00 или ?"}},
        [ETA_TEXT_CLARIFY] = {{"being clarified: the ETA is withdrawn",
                               "уточняется: срок будет снят"}},
    };
    if (eta->kind == ETA_TEXT_TIME)
        print_time(eta, now_ms, language, out);
    else
        buf_add_text(out, hints[eta->kind].in[language]);
}

void eta_text_cell(int64_t at_ms, int64_t now_ms, enum language language, struct buf *out)
{
    struct tm now;
    struct tm at;
    clock_local(now_ms, &now);
    clock_local(at_ms, &at);
    struct tm next = {.tm_year = now.tm_year,
                      .tm_mon = now.tm_mon,
                      .tm_mday = now.tm_mday + 1,
                      .tm_hour = 12,
                      .tm_isdst = -1};
    struct tm following;
    clock_local(clock_from_local(&next), &following);
    if (at.tm_year == now.tm_year && at.tm_yday == now.tm_yday)
        buf_printf(out, "%d:%02d", at.tm_hour, at.tm_min);
    else if (at.tm_year == following.tm_year && at.tm_yday == following.tm_yday)
        buf_printf(out, language == LANGUAGE_RU ? "зв%d:%02d" : "+1 %d:%02d", at.tm_hour,
                   at.tm_min);
    else
        buf_printf(out, "%d.%02d", at.tm_mday, at.tm_mon + 1);
}
