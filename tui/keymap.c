#include "tui/keymap.h"

#include "lib/text.h"
#include "tui/surface.h"

#include <stdio.h>
#include <string.h>

// Debian's xkb `ru`: the same places on every Russian layout (TERMINAL §6.3). Letters only; х ъ ж э б
// ю ё stand on punctuation keys, which move between layouts and are not bound.
static const struct {
    uint32_t cyrillic;
    char latin;
} letters[] = {
    {0x439, 'q'}, {0x446, 'w'}, {0x443, 'e'}, {0x43A, 'r'}, {0x435, 't'}, {0x43D, 'y'},
    {0x433, 'u'}, {0x448, 'i'}, {0x449, 'o'}, {0x437, 'p'}, {0x444, 'a'}, {0x44B, 's'},
    {0x432, 'd'}, {0x430, 'f'}, {0x43F, 'g'}, {0x440, 'h'}, {0x43E, 'j'}, {0x43B, 'k'},
    {0x434, 'l'}, {0x44F, 'z'}, {0x447, 'x'}, {0x441, 'c'}, {0x43C, 'v'}, {0x438, 'b'},
    {0x442, 'n'}, {0x44C, 'm'},
};

static const struct {
    const char *name;
    enum input_key key;
    const char *shown;
} names[] = {
    {"F1", INPUT_F1, "F1"},
    {"F2", INPUT_F2, "F2"},
    {"F3", INPUT_F3, "F3"},
    {"F4", INPUT_F4, "F4"},
    {"F5", INPUT_F5, "F5"},
    {"F6", INPUT_F6, "F6"},
    {"F7", INPUT_F7, "F7"},
    {"F8", INPUT_F8, "F8"},
    {"F9", INPUT_F9, "F9"},
    {"F10", INPUT_F10, "F10"},
    {"Up", INPUT_UP, "↑"},
    {"Down", INPUT_DOWN, "↓"},
    {"Left", INPUT_LEFT, "←"},
    {"Right", INPUT_RIGHT, "→"},
    {"Home", INPUT_HOME, "Home"},
    {"End", INPUT_END, "End"},
    {"PgUp", INPUT_PAGE_UP, "PgUp"},
    {"PgDn", INPUT_PAGE_DOWN, "PgDn"},
    {"Ins", INPUT_INSERT, "Ins"},
    {"Del", INPUT_DELETE, "Del"},
    {"Enter", INPUT_ENTER, "Enter"},
    {"Tab", INPUT_TAB, "Tab"},
    {"Backspace", INPUT_BACKSPACE, "BkSp"},
    {"Esc", INPUT_ESC, "Esc"},
};

// Punctuation that stands on the same key in both layouts, and the two that are aliased.
static const char bindable[] = "0123456789-_=+()!\\* /?";

uint32_t keymap_physical(uint32_t rune)
{
    bool capital = rune >= 0x410 && rune <= 0x42F;
    uint32_t small = capital ? rune + 0x20 : rune;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if (letters[i].cyrillic == small)
            return (uint32_t)(letters[i].latin - (capital ? 32 : 0));
    return rune == '.' ? '/' : rune == ',' ? '?' : rune;
}

uint32_t keymap_cyrillic(uint32_t rune)
{
    bool capital = rune >= 'A' && rune <= 'Z';
    uint32_t small = capital ? rune + 32 : rune;
    for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
        if ((uint32_t)letters[i].latin == small)
            return letters[i].cyrillic - (capital ? 0x20 : 0);
    return 0;
}

static bool parse_word(struct slice word, struct input *input)
{
    *input = (struct input){.kind = INPUT_KEY};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (slice_is(word, names[i].name)) {
            input->key = names[i].key;
            return true;
        }
    if (slice_is(word, "S-Tab")) {
        *input = (struct input){.kind = INPUT_KEY, .key = INPUT_TAB, .mods = INPUT_SHIFT};
        return true;
    }
    *input = (struct input){.kind = INPUT_RUNE};
    if (slice_is(word, "Space")) {
        input->rune = ' ';
        return true;
    }
    if (word.length == 6 && memcmp(word.data, "Ctrl-", 5) == 0 && word.data[5] >= 'A' &&
        word.data[5] <= 'Z') {
        input->mods = INPUT_CTRL;
        input->rune = (uint32_t)(word.data[5] + 32);
        return true;
    }
    if (word.length != 1)
        return false;
    input->rune = (uint32_t)(unsigned char)*word.data;
    return keymap_cyrillic(input->rune) != 0 || strchr(bindable, *word.data) != NULL;
}

bool keymap_parse_key(const char **at, struct input *input)
{
    const char *start = *at + strspn(*at, " ");
    size_t length = strcspn(start, " ");
    *at = start + length;
    return length > 0 && parse_word((struct slice){start, length}, input);
}

static uint32_t small_letter(uint32_t rune)
{
    return rune >= 'A' && rune <= 'Z' ? rune + 32 : rune;
}

// Whether an input is the key; `exact` compares the case of letters.
static bool is_key(const struct input *input, const struct input *key, bool exact)
{
    if (input->kind != key->kind)
        return false;
    if (input->kind == INPUT_KEY)
        return input->key == key->key && input->mods == key->mods;
    if (input->mods != key->mods)
        return false;
    uint32_t rune = input->mods ? input->rune : keymap_physical(input->rune);
    return rune == key->rune || (!exact && small_letter(rune) == small_letter(key->rune));
}

static bool has_key(const struct action *action, const struct input *input, bool exact)
{
    struct input key;
    const char *at = action->keys;
    while (keymap_parse_key(&at, &key))
        if (is_key(input, &key, exact))
            return true;
    return false;
}

static bool belongs_to_field(const struct input *input)
{
    if (input->kind == INPUT_RUNE)
        return (input->mods & INPUT_CTRL) == 0;
    switch (input->key) {
    case INPUT_HOME:
    case INPUT_END:
    case INPUT_UP:
    case INPUT_DOWN:
    case INPUT_LEFT:
    case INPUT_RIGHT:
    case INPUT_INSERT:
    case INPUT_DELETE:
    case INPUT_BACKSPACE:
    case INPUT_TAB:
    case INPUT_ENTER: return true;
    default: return false;
    }
}

const struct action *keymap_find(const struct action *actions, size_t count, unsigned view,
                                 enum keymap_context context, const struct input *input)
{
    bool key = input->kind == INPUT_RUNE || input->kind == INPUT_KEY;
    if (!key || (context == KEYMAP_FIELD && belongs_to_field(input)))
        return NULL;
    for (int exact = 1; exact >= 0; exact--)
        for (size_t i = 0; i < count; i++)
            if ((actions[i].views & view) && has_key(&actions[i], input, exact))
                return &actions[i];
    return NULL;
}

const struct action *keymap_find_name(const struct action *actions, size_t count, struct slice word)
{
    for (size_t i = 0; i < count; i++)
        if (slice_is(word, actions[i].name) || slice_is(word, actions[i].word[LANGUAGE_EN]) ||
            slice_is(word, actions[i].word[LANGUAGE_RU]))
            return &actions[i];
    return NULL;
}

static const char *shown_name(enum input_key key)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].key == key)
            return names[i].shown;
    return "";
}

static void print_key(const struct input *key, struct buf *out)
{
    char bytes[4];
    if (key->kind == INPUT_KEY) {
        buf_add_text(out, key->mods & INPUT_SHIFT ? "Shift-" : "");
        buf_add_text(out, shown_name(key->key));
    } else if (key->mods & INPUT_CTRL) {
        buf_printf(out, "Ctrl-%c", (char)(key->rune - 32));
    } else if (key->rune == ' ') {
        buf_add_text(out, "Space");
    } else {
        buf_add_char(out, (char)key->rune);
        uint32_t cyrillic = keymap_cyrillic(key->rune);
        if (cyrillic) {
            buf_add_char(out, '/');
            buf_add(out, bytes, text_encode(cyrillic, bytes));
        }
    }
}

void keymap_print_keys(const struct action *action, bool short_form, struct buf *out)
{
    struct input key;
    const char *at = action->keys;
    bool first = true;
    while (keymap_parse_key(&at, &key)) {
        bool letter = key.kind == INPUT_RUNE && key.mods == 0 && key.rune != ' ';
        if (short_form && !letter)
            continue;
        if (!first)
            buf_add_char(out, ' ');
        print_key(&key, out);
        first = false;
        if (short_form)
            return;
    }
    at = action->keys;
    if (short_form && keymap_parse_key(&at, &key)) // it has no letter: its first key
        print_key(&key, out);
}

const struct action *keymap_function(const struct action *actions, size_t count, unsigned view,
                                     int number)
{
    struct input key = {.kind = INPUT_KEY, .key = (enum input_key)(INPUT_F1 + number - 1)};
    return keymap_find(actions, count, view, KEYMAP_COMMAND, &key);
}

void keymap_paint_bar(const struct action *actions, size_t count, unsigned view,
                      enum language language, const void *program, struct surface *surface,
                      struct rect rect)
{
    for (int number = 1; number <= 10; number++) {
        int column = (number - 1) * rect.columns / 10;
        int next = number * rect.columns / 10;
        int digits = number == 10 ? 2 : 1;
        const struct action *action = keymap_function(actions, count, view, number);
        const char *label = action && action->label[language] ? action->label[language] : "";
        bool works = action && (!action->can_run || action->can_run(program));
        surface_printf(surface, rect, 0, column, ROLE_KEY, "%d", number);
        surface_cell_text(surface, rect, 0, column + digits, next - column - digits - (number < 10),
                          works ? ROLE_LABEL : ROLE_DIM, slice_of(label));
    }
}

static bool fault(struct err *err, const struct action *action, const char *en, const char *ru)
{
    err_set(err, ERR_INVALID, "keymap", "action \"%s\": %s%.0s", "действие «%s»: %.0s%s",
            action->name ? action->name : "?", en, ru);
    return false;
}

static bool check_texts(const struct action *action, struct err *err)
{
    if (!action->name || !action->keys || !action->run || action->id <= 0)
        return fault(err, action, "id, name, keys or run is missing",
                     "нет номера, имени, клавиш или функции");
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        if (!action->help[i] || !*action->help[i] || !action->word[i] || !*action->word[i])
            return fault(err, action, "a text is missing", "нет текста");
        if (action->label[i] && text_width(slice_of(action->label[i])) > KEYMAP_LABEL_COLUMNS)
            return fault(err, action, "the label is wider than 6 cells", "подпись шире 6 знаков");
        if (!action->label[i] != !action->label[0])
            return fault(err, action, "a label is missing", "нет подписи");
    }
    return true;
}

static int words(const char *text)
{
    int count = 0;
    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        text += strcspn(text, " ");
        count++;
    }
    return count;
}

static bool check_keys(const struct action *actions, size_t count, size_t index, struct err *err)
{
    const struct action *action = &actions[index];
    struct input key;
    const char *at = action->keys;
    int keys = 0;
    while (keymap_parse_key(&at, &key)) {
        keys++;
        bool function = key.kind == INPUT_KEY && key.key >= INPUT_F1 && key.key <= INPUT_F10;
        if (function && !action->label[0])
            return fault(err, action, "an F-key without a label", "F-клавиша без подписи");
        for (size_t i = 0; i < count; i++)
            if (i != index && (actions[i].views & action->views) &&
                has_key(&actions[i], &key, true))
                return fault(err, action, "another action has this key",
                             "клавиша занята другим действием");
    }
    if (keys == 0 || keys != words(action->keys))
        return fault(err, action, "an unknown key", "неизвестная клавиша");
    return true;
}

bool keymap_check(const struct action *actions, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!check_texts(&actions[i], err) || !check_keys(actions, count, i, err))
            return false;
        for (size_t j = 0; j < i; j++)
            if (actions[j].id == actions[i].id || strcmp(actions[j].name, actions[i].name) == 0)
                return fault(err, &actions[i], "its id or name comes twice",
                             "номер или имя повторяется");
    }
    return true;
}
