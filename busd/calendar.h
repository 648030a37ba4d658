// config/calendar.yaml: days off and moved working days, as dates of the company's zone. Without them a
// week has five working days.
#pragma once

#include "busd/engine_calendar.h"
#include "lib/err.h"

// Years that the calendar covers; before and behind, every day counts.
enum { CALENDAR_FIRST_YEAR = 2024, CALENDAR_LAST_YEAR = 2040 };

// Reads `file`; NULL = weekends alone. ERR_INVALID with a sentence: what is no date of these years, or
// stands in both lists. Whatever happens, `calendar` goes to calendar_fini().
enum err_code calendar_read(struct engine_calendar *calendar, const char *file, struct err *err);
void calendar_fini(struct engine_calendar *calendar);
