// The table of all commands of the console, and what each does. Keys, help, F-bar and hints come
// from here (tui/keymap.h).
#include "console/desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_target(const void *program)
{
    return desk_target(program) != NULL;
}

static bool has_open_target(const void *program)
{
    const struct board_row *row = desk_target(program);
    return row && board_is_open(row);
}

static bool can_confirm(const void *program)
{
    const struct board_row *row = desk_target(program);
    return row && row->state < BOARD_CONFIRMED;
}

static bool can_close(const void *program)
{
    const struct board_row *row = desk_target(program);
    return row && board_is_listed(row);
}

static bool can_verify(const void *program)
{
    const struct board_row *row = desk_target(program);
    return row && row->state == BOARD_RESTORED;
}

static bool has_tags(const void *program)
{
    const struct desk *desk = program;
    return list_tag_count(desk->list) >= 2;
}

// Publishes one event `{"incident":N}` for each target that `fits`.
static void publish_each(struct desk *desk, const char *action, const char *type,
                         bool (*fits)(const struct board_row *row))
{
    size_t count;
    const uint64_t *targets = desk_targets(desk, &count);
    bool stored = true;
    for (size_t i = 0; i < count && stored; i++) {
        char data[48];
        const struct board_row *row = board_find(desk->board, (int64_t)targets[i]);
        if (!row || !fits(row))
            continue;
        int length = snprintf(data, sizeof data, "{\"incident\":%" PRIu64 "}", targets[i]);
        stored = desk_publish(desk, desk_action(action), type, (int64_t)targets[i],
                              (struct slice){data, (size_t)length});
    }
    if (desk->view == VIEW_QUEUE)
        list_untag_all(desk->list);
}

static bool is_unconfirmed(const struct board_row *row)
{
    return row->state < BOARD_CONFIRMED;
}

static bool is_restored(const struct board_row *row)
{
    return row->state == BOARD_RESTORED;
}

static void run_help(void *program)
{
    struct desk *desk = program;
    desk->help = true;
    desk->help_selected = 0;
    field_clear(&desk->help_field);
}

static void run_eta(void *program)
{
    dialog_open(program, DIALOG_ETA);
}

static void run_view(void *program)
{
    struct desk *desk = program;
    const struct board_row *row = desk_target(desk);
    if (row)
        desk_open_detail(desk, row->number);
}

static void run_edit(void *program)
{
    dialog_open(program, DIALOG_EDIT);
}

static void run_accept(void *program)
{
    publish_each(program, "accept", "dispatch.accepted", board_is_open);
}

static void run_confirm(void *program)
{
    publish_each(program, "confirm", "incident.confirmed", is_unconfirmed);
}

static void run_verify(void *program)
{
    publish_each(program, "verify", "incident.verified", is_restored);
}

static void run_merge(void *program)
{
    dialog_open(program, DIALOG_MERGE);
}

static void open_prompt(struct desk *desk, enum desk_prompt prompt, const char *text)
{
    desk->prompt = prompt;
    field_set(&desk->prompt_field, slice_of(text));
}

static void run_search(void *program)
{
    open_prompt(program, PROMPT_SEARCH, "");
}

static void run_next(void *program)
{
    desk_search(program, 1);
}

static void run_previous(void *program)
{
    desk_search(program, -1);
}

static void run_filter(void *program)
{
    struct desk *desk = program;
    open_prompt(desk, PROMPT_FILTER, desk->filter_text ? desk->filter_text : "");
}

static void run_close(void *program)
{
    dialog_open(program, DIALOG_CLOSE);
}

static void run_cancel(void *program)
{
    dialog_open(program, DIALOG_CANCEL);
}

static void run_restored(void *program)
{
    dialog_open(program, DIALOG_RESTORE);
}

static void run_crew(void *program)
{
    dialog_open(program, DIALOG_CREW);
}

static void run_note(void *program)
{
    dialog_open(program, DIALOG_NOTE);
}

static void run_back(void *program)
{
    struct desk *desk = program;
    if (desk->view == VIEW_QUEUE)
        desk->quit = true;
    else
        desk_set_view(desk, desk->view == VIEW_DETAIL ? VIEW_QUEUE : desk->came_from);
}

static void run_queue(void *program)
{
    desk_set_view(program, VIEW_QUEUE);
}

static void run_log(void *program)
{
    desk_set_view(program, VIEW_LOG);
}

static void run_planned(void *program)
{
    desk_set_view(program, VIEW_PLANNED);
}

static void run_tag(void *program)
{
    struct desk *desk = program;
    list_tag_toggle(desk->list, list_selected(desk->list));
    list_move(desk->list, 1);
}

static void run_tag_all(void *program)
{
    struct desk *desk = program;
    for (size_t i = 0; i < list_count(desk->list); i++)
        list_tag(desk->list, list_row(desk->list, i).id, true);
}

static void run_untag(void *program)
{
    struct desk *desk = program;
    list_untag_all(desk->list);
}

static void run_hold(void *program)
{
    struct desk *desk = program;
    desk->held_by_user = !desk->held_by_user;
    list_hold(desk->list, desk->held_by_user);
    if (!desk->held_by_user)
        list_apply(desk->list);
    desk_print(desk, ROLE_NORMAL, desk->held_by_user ? TEXT_ORDER_HELD : TEXT_ORDER_FREE);
}

static void run_alarm(void *program)
{
    struct desk *desk = program;
    struct board_counts counts = board_count_all(desk->board, desk->now_ms);
    if (!counts.alarm) {
        desk_print(desk, ROLE_NORMAL, TEXT_NO_ALARM);
        return;
    }
    uint64_t number = (uint64_t)counts.alarm->number;
    desk_set_view(desk, VIEW_QUEUE);
    if (list_select(desk->list, number))
        return;
    list_apply(desk->list); // it came while the order was held
    if (!list_select(desk->list, number))
        desk_open_detail(desk, (int64_t)number); // a filter hides it
}

static void run_language(void *program)
{
    struct desk *desk = program;
    desk->language = desk->language == LANGUAGE_RU ? LANGUAGE_EN : LANGUAGE_RU;
    desk_print(desk, ROLE_NORMAL, TEXT_LANGUAGE_NOW);
}

static void run_mute(void *program)
{
    struct desk *desk = program;
    desk->muted = !desk->muted;
    desk_print(desk, ROLE_NORMAL, desk->muted ? TEXT_BELL_OFF : TEXT_BELL_ON);
}

static void run_repaint(void *program)
{
    struct desk *desk = program;
    desk->repaint_whole = true;
}

static void set_priority(struct desk *desk, int priority)
{
    desk->only_priority = priority;
    list_untag_all(desk->list);
    desk_sort(desk);
    list_apply(desk->list);
}

#define RUN_PRIORITY(number)                         \
    static void run_priority_##number(void *program) \
    {                                                \
        set_priority(program, number);               \
    }
RUN_PRIORITY(0)
RUN_PRIORITY(1)
RUN_PRIORITY(2)
RUN_PRIORITY(3)
RUN_PRIORITY(4)
RUN_PRIORITY(5)

#define RUN_TAB(name, tab_id)                 \
    static void run_tab_##name(void *program) \
    {                                         \
        struct desk *desk = program;          \
        desk->tab = tab_id;                   \
        desk->detail_scroll = 0;              \
    }
RUN_TAB(timeline, TAB_TIMELINE)
RUN_TAB(calls, TAB_CALLS)
RUN_TAB(etas, TAB_ETAS)
RUN_TAB(why, TAB_WHY)

static void run_tab(void *program)
{
    struct desk *desk = program;
    desk->tab = (desk->tab + 1) % TAB_COUNT;
    desk->detail_scroll = 0;
}

// What scrolls in a view that is no list.
static size_t *scroll_of(struct desk *desk)
{
    return desk->view == VIEW_LOG       ? &desk->log_scroll
           : desk->view == VIEW_PLANNED ? &desk->planned_scroll
                                        : &desk->detail_scroll;
}

static void move_by(struct desk *desk, long rows)
{
    if (desk->view == VIEW_QUEUE) {
        list_move(desk->list, rows);
        return;
    }
    size_t *scroll = scroll_of(desk); // the views stop it at their end
    *scroll = rows < 0 && (size_t)-rows > *scroll ? 0 : *scroll + (size_t)rows;
}

static void run_up(void *program)
{
    move_by(program, -1);
}

static void run_down(void *program)
{
    move_by(program, 1);
}

static long page_of(const struct desk *desk)
{
    return desk->view == VIEW_QUEUE ? list_page(desk->list) : desk->page > 1 ? desk->page - 1 : 1;
}

static void run_page_up(void *program)
{
    move_by(program, -page_of(program));
}

static void run_page_down(void *program)
{
    move_by(program, page_of(program));
}

static void run_home(void *program)
{
    struct desk *desk = program;
    if (desk->view != VIEW_QUEUE) {
        *scroll_of(desk) = 0;
        return;
    }
    desk->held_by_user = false;
    list_hold(desk->list, false);
    list_apply(desk->list);
    list_move_to(desk->list, 0);
}

static void run_end(void *program)
{
    struct desk *desk = program;
    if (desk->view == VIEW_QUEUE)
        list_move_to(desk->list, list_count(desk->list));
    else
        *scroll_of(desk) = SIZE_MAX / 2;
}

enum {
    ROWS = VIEW_QUEUE | VIEW_DETAIL, // where there is an incident to act on
    ALL = DESK_VIEWS,
};

#define NO_LABEL   \
    {              \
        NULL, NULL \
    }

const struct action desk_actions[] = {
    {1,
     "help",
     {"help", "помощь"},
     {"Help", "Помощь"},
     {"this help: search and run any command", "эта справка: найти и выполнить команду"},
     ALL,
     "F1 h ?",
     NULL,
     run_help},
    {2,
     "eta",
     {"eta", "срок"},
     {"ETA", "Срок"},
     {"set the ETA of the row or of all tagged", "назначить срок: строке или всем отмеченным"},
     ROWS,
     "F2 e",
     has_open_target,
     run_eta},
    {3,
     "view",
     {"view", "просмотр"},
     {"View", "Просм"},
     {"open the incident", "открыть инцидент"},
     VIEW_QUEUE,
     "F3 Enter",
     has_target,
     run_view},
    {4,
     "edit",
     {"edit", "правка"},
     {"Edit", "Правка"},
     {"edit priority, customers, cause, text for all",
      "изменить важность, абонентов, причину, текст для всех"},
     ROWS,
     "F4 Ins",
     has_target,
     run_edit},
    {5,
     "accept",
     {"accept", "принять"},
     {"Ack", "Принят"},
     {"accept: all its reports are read", "принять: все сообщения прочитаны"},
     ROWS,
     "F5 a",
     has_open_target,
     run_accept},
    {6,
     "merge",
     {"merge", "объединить"},
     {"Group", "Группа"},
     {"merge the tagged ones into the selected", "объединить отмеченные с выбранным"},
     VIEW_QUEUE,
     "F6 g",
     has_tags,
     run_merge},
    {7,
     "search",
     {"search", "поиск"},
     {"Search", "Поиск"},
     {"search by number, object, address", "искать по номеру, объекту, адресу"},
     VIEW_QUEUE,
     "F7 /",
     NULL,
     run_search},
    {8,
     "close",
     {"close", "закрыть"},
     {"Close", "Закрыт"},
     {"close the incident; asks for the cause", "закрыть инцидент; спросит причину"},
     ROWS,
     "F8 x",
     can_close,
     run_close},
    {9,
     "menu",
     {"menu", "меню"},
     {"Menu", "Меню"},
     {"all commands", "все команды"},
     ALL,
     "F9",
     NULL,
     run_help},
    {10,
     "back",
     {"back", "назад"},
     {"Quit", "Выход"},
     {"back; in the queue: quit", "назад; в очереди — выход"},
     ALL,
     "F10 q Esc",
     NULL,
     run_back},
    {11,
     "confirm",
     {"confirm", "подтвердить"},
     NO_LABEL,
     {"confirm a suspected incident", "подтвердить предполагаемый инцидент"},
     ROWS,
     "k",
     can_confirm,
     run_confirm},
    {12,
     "restored",
     {"restored", "восстановлен"},
     NO_LABEL,
     {"power is back (asks when)", "питание восстановлено (спросит когда)"},
     ROWS,
     "r",
     has_open_target,
     run_restored},
    {13,
     "verify",
     {"verify", "проверен"},
     NO_LABEL,
     {"restoration checked", "восстановление проверено"},
     ROWS,
     "y",
     can_verify,
     run_verify},
    {14,
     "cancel",
     {"cancel", "отменить"},
     NO_LABEL,
     {"no outage after all: customer's side, nothing found",
      "отключения нет: у потребителя, не обнаружено"},
     ROWS,
     "u",
     has_target,
     run_cancel},
    {15,
     "crew",
     {"crew", "бригада"},
     NO_LABEL,
     {"crew: which and what it is doing", "бригада: какая и что делает"},
     ROWS,
     "c",
     has_open_target,
     run_crew},
    {16,
     "note",
     {"note", "заметка"},
     NO_LABEL,
     {"note for the log", "заметка в журнал"},
     ALL,
     "w",
     NULL,
     run_note},
    {17,
     "filter",
     {"filter", "фильтр"},
     NO_LABEL,
     {"filter: text or key:value", "фильтр: текст или ключ:значение"},
     VIEW_QUEUE,
     "\\",
     NULL,
     run_filter},
    {18,
     "next",
     {"next", "дальше"},
     NO_LABEL,
     {"next match", "следующее совпадение"},
     VIEW_QUEUE,
     "n",
     NULL,
     run_next},
    {19,
     "previous",
     {"previous", "обратно"},
     NO_LABEL,
     {"previous match", "предыдущее совпадение"},
     VIEW_QUEUE,
     "N",
     NULL,
     run_previous},
    {20,
     "tag",
     {"tag", "отметить"},
     NO_LABEL,
     {"tag or untag the row", "отметить строку или снять отметку"},
     VIEW_QUEUE,
     "Space",
     has_target,
     run_tag},
    {21,
     "tag-all",
     {"tag-all", "отметить-все"},
     NO_LABEL,
     {"tag all shown", "отметить все показанные"},
     VIEW_QUEUE,
     "+",
     has_target,
     run_tag_all},
    {22,
     "untag",
     {"untag", "снять-отметки"},
     NO_LABEL,
     {"remove all tags", "снять все отметки"},
     VIEW_QUEUE,
     "-",
     NULL,
     run_untag},
    {23,
     "hold",
     {"hold", "удержать"},
     NO_LABEL,
     {"hold the order, or let it go", "удержать порядок строк или отпустить"},
     VIEW_QUEUE,
     "o",
     NULL,
     run_hold},
    {24,
     "alarm",
     {"alarm", "тревога"},
     NO_LABEL,
     {"go to the alarm in the strip", "перейти к тревоге из полосы"},
     ALL,
     "p",
     NULL,
     run_alarm},
    {25,
     "priority-0",
     {"priority-0", "важность-0"},
     NO_LABEL,
     {"all priorities", "любая важность"},
     VIEW_QUEUE,
     "0",
     NULL,
     run_priority_0},
    {26,
     "priority-1",
     {"priority-1", "важность-1"},
     NO_LABEL,
     {"only priority 1", "только важность 1"},
     VIEW_QUEUE,
     "1",
     NULL,
     run_priority_1},
    {27,
     "priority-2",
     {"priority-2", "важность-2"},
     NO_LABEL,
     {"only priority 2", "только важность 2"},
     VIEW_QUEUE,
     "2",
     NULL,
     run_priority_2},
    {28,
     "priority-3",
     {"priority-3", "важность-3"},
     NO_LABEL,
     {"only priority 3", "только важность 3"},
     VIEW_QUEUE,
     "3",
     NULL,
     run_priority_3},
    {29,
     "priority-4",
     {"priority-4", "важность-4"},
     NO_LABEL,
     {"only priority 4", "только важность 4"},
     VIEW_QUEUE,
     "4",
     NULL,
     run_priority_4},
    {30,
     "priority-5",
     {"priority-5", "важность-5"},
     NO_LABEL,
     {"only priority 5", "только важность 5"},
     VIEW_QUEUE,
     "5",
     NULL,
     run_priority_5},
    {31,
     "timeline",
     {"timeline", "хронология"},
     NO_LABEL,
     {"timeline of the incident", "хронология инцидента"},
     VIEW_DETAIL,
     "1",
     NULL,
     run_tab_timeline},
    {32,
     "calls",
     {"calls", "звонки"},
     NO_LABEL,
     {"calls of the incident", "звонки по инциденту"},
     VIEW_DETAIL,
     "2",
     NULL,
     run_tab_calls},
    {33,
     "etas",
     {"etas", "сроки"},
     NO_LABEL,
     {"history of its ETA", "история срока"},
     VIEW_DETAIL,
     "3",
     NULL,
     run_tab_etas},
    {34,
     "why",
     {"why", "почему"},
     NO_LABEL,
     {"why each call is here", "почему каждый звонок здесь"},
     VIEW_DETAIL,
     "4",
     NULL,
     run_tab_why},
    {35,
     "tab",
     {"tab", "вкладка"},
     NO_LABEL,
     {"next of timeline, calls, ETAs, why", "следующая вкладка"},
     VIEW_DETAIL,
     "Tab",
     NULL,
     run_tab},
    {36,
     "queue",
     {"queue", "очередь"},
     NO_LABEL,
     {"the queue", "очередь"},
     VIEW_DETAIL | VIEW_LOG | VIEW_PLANNED,
     "d",
     NULL,
     run_queue},
    {37,
     "log",
     {"log", "журнал"},
     NO_LABEL,
     {"shift log", "журнал смены"},
     VIEW_QUEUE | VIEW_DETAIL | VIEW_PLANNED,
     "l",
     NULL,
     run_log},
    {38,
     "planned",
     {"planned", "плановые"},
     NO_LABEL,
     {"planned works", "плановые работы"},
     VIEW_QUEUE | VIEW_DETAIL | VIEW_LOG,
     "m",
     NULL,
     run_planned},
    {39,
     "language",
     {"language", "язык"},
     NO_LABEL,
     {"English / Russian", "русский / английский"},
     ALL,
     "t",
     NULL,
     run_language},
    {40,
     "mute",
     {"mute", "звук"},
     NO_LABEL,
     {"bell on or off", "звук включить или выключить"},
     ALL,
     "!",
     NULL,
     run_mute},
    {41,
     "repaint",
     {"repaint", "перерисовать"},
     NO_LABEL,
     {"paint the screen anew", "перерисовать экран"},
     ALL,
     "Ctrl-L",
     NULL,
     run_repaint},
    {42, "up", {"up", "вверх"}, NO_LABEL, {"a row up", "строкой выше"}, ALL, "Up", NULL, run_up},
    {43,
     "down",
     {"down", "вниз"},
     NO_LABEL,
     {"a row down", "строкой ниже"},
     ALL,
     "Down",
     NULL,
     run_down},
    {44,
     "page-up",
     {"page-up", "страница-вверх"},
     NO_LABEL,
     {"a page up", "страницей выше"},
     ALL,
     "PgUp",
     NULL,
     run_page_up},
    {45,
     "page-down",
     {"page-down", "страница-вниз"},
     NO_LABEL,
     {"a page down", "страницей ниже"},
     ALL,
     "PgDn",
     NULL,
     run_page_down},
    {46,
     "home",
     {"home", "начало"},
     NO_LABEL,
     {"to the first row; applies the order", "к первой строке; применить порядок"},
     ALL,
     "Home",
     NULL,
     run_home},
    {47,
     "end",
     {"end", "конец"},
     NO_LABEL,
     {"to the last row", "к последней строке"},
     ALL,
     "End",
     NULL,
     run_end},
};
const size_t desk_action_count = sizeof desk_actions / sizeof *desk_actions;
