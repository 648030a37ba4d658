// The regulator's register of contacts (Единые стандарты, прил. 7, п. 4.9): its columns in order, as they are
// called on the bus and in files. The broker fills them, reports print them.
#pragma once

enum {
    REGISTER_COLUMNS = 31,
    // Counted from 1, as in the regulation: these say yes or no, of each group one at most.
    REGISTER_FIRST_FLAG = 5,
    REGISTER_LAST_FLAG = 29,
};

extern const char *const register_columns[REGISTER_COLUMNS + 1]; // ends with NULL
