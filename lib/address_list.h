// Lists of addresses as notices of planned works write them: "г. Донецк: ул. Ясная 3, 5, 7-15
// (нечёт.), пер. Мирный; ул. Лесная с 2 по 30 чётные".
//
// A settlement and a street hold for what follows until another one is named. Nothing is guessed: a
// piece counts only where every word of its place is known and it can mean one place alone (a typing
// error is none), and every word of its houses is understood. A range takes all houses between its
// ends, or the odd or even ones; a street without houses is the whole street.
#pragma once

#include "lib/address.h"
#include "lib/slice.h"

struct address_list {
    void (*place)(void *context, const struct address_match *match); // settlement ... premise
    // A piece that is left to people, as it was written; a house that its street does not have comes
    // with the street.
    void (*left)(void *context, struct slice text);
    void *context;
};

void address_list_read(const struct address_index *index, struct slice text,
                       const struct address_list *list);
