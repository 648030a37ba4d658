// The queue's filter: words that must all fit. A bare word is looked for in number, object and
// reference (folded, anywhere); `key:value` compares a field. Either language:
//   prio:1-2 приор:1   state:new сост:нов (suspected … merged too)   kind:quality вид:качество
//   eta:none срок:нет, eta:passed срок:вышел   node:X узел:X   calls:10 звонков:10 (at least)
//   place:none место:нет (not known)
// A word that begins with `!` must not fit. A key that is unknown is a bare word.
#pragma once

#include "console/board.h"
#include "lib/slice.h"

enum { QUEUE_FILTER_WORDS = 12 };

struct queue_filter;
struct queue_filter *queue_filter_new(struct slice text); // NULL when the text is blank: all fit
void queue_filter_free(struct queue_filter *filter);
// `object` is what the row shows as its object (it may be NULL).
bool queue_filter_fits(const struct queue_filter *filter, const struct board_row *row,
                       const char *object, int64_t now_ms);
