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

static void run_ask(void *program)
{
    dialog_open(program, DIALOG_ASK);
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

static void run_clear(void *program)
{
    struct desk *desk = program;
    list_untag_all(desk->list);
    desk->only_priority = 0;
    desk_set_filter(desk, slice_of(""));
    free(desk->message.text);
    desk->message.text = NULL;
}

static bool is_storm(const void *program)
{
    const struct desk *desk = program;
    return board_mode(desk->board).storm;
}

static void run_mode(void *program)
{
    dialog_open(program, DIALOG_MODE);
}

static bool has_approvals(const void *program)
{
    const struct desk *desk = program;
    return approvals_count(desk->approvals, desk->now_ms) > 0;
}

static void run_agree(void *program)
{
    dialog_open(program, DIALOG_AGREE);
}

static void run_fold(void *program)
{
    struct desk *desk = program;
    desk->unfolded = !desk->unfolded;
    desk_sort(desk);
    list_apply(desk->list);
    desk_print(desk, ROLE_NORMAL, desk->unfolded ? TEXT_UNFOLDED : TEXT_FOLDED);
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
    if (desk->bus.language)
        desk->bus.language(desk->bus.context, desk->language);
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

// Number, word in both languages (the English one is the name), keys, views, when it can, what it
// does, help in both languages; one with an F-key has its label too.
#define FUNCTION(id, en, ru, label_en, label_ru, keys, views, can_run, run, help_en, help_ru) \
    {                                                                                         \
        id, en, {en, ru}, {label_en, label_ru}, {help_en, help_ru}, views, keys, can_run, run \
    }
#define COMMAND(id, en, ru, keys, views, can_run, run, help_en, help_ru) \
    FUNCTION(id, en, ru, NULL, NULL, keys, views, can_run, run, help_en, help_ru)

const struct action desk_actions[] = {
    FUNCTION(1, "help", "помощь", "Help", "Помощь", "F1 h ?", ALL, NULL, run_help,
             "this help: search and run any command", "эта справка: найти и выполнить команду"),
    FUNCTION(2, "eta", "срок", "ETA", "Срок", "F2 e", ROWS, has_open_target, run_eta,
             "set the ETA of the row or of all tagged",
             "назначить срок: строке или всем отмеченным"),
    FUNCTION(3, "view", "просмотр", "View", "Просм", "F3 Enter", VIEW_QUEUE, has_target, run_view,
             "open the incident", "открыть инцидент"),
    FUNCTION(4, "edit", "правка", "Edit", "Правка", "F4 Ins", ROWS, has_target, run_edit,
             "edit priority, customers, cause, text for all",
             "изменить важность, абонентов, причину, текст для всех"),
    FUNCTION(5, "accept", "принять", "Ack", "Принят", "F5 a", ROWS, has_open_target, run_accept,
             "accept: all its reports are read", "принять: все сообщения прочитаны"),
    FUNCTION(6, "merge", "объединить", "Group", "Группа", "F6 g", VIEW_QUEUE, has_target, run_merge,
             "merge the tagged ones into the selected", "объединить отмеченные с выбранным"),
    FUNCTION(7, "search", "поиск", "Search", "Поиск", "F7 /", VIEW_QUEUE, NULL, run_search,
             "search by number, object, address", "искать по номеру, объекту, адресу"),
    FUNCTION(8, "close", "закрыть", "Close", "Закрыт", "F8 x", ROWS, can_close, run_close,
             "close the incident; asks for the cause", "закрыть инцидент; спросит причину"),
    FUNCTION(9, "menu", "меню", "Menu", "Меню", "F9", ALL, NULL, run_help, "all commands",
             "все команды"),
    FUNCTION(10, "quit", "выход", "Quit", "Выход", "F10 q", ALL, NULL, run_back,
             "back; in the queue: quit", "назад; в очереди — выход"),
    COMMAND(11, "back", "назад", "Esc", VIEW_DETAIL | VIEW_LOG | VIEW_PLANNED, NULL, run_back,
            "back", "назад"),
    COMMAND(12, "clear", "сбросить", "Esc", VIEW_QUEUE, NULL, run_clear,
            "take off filter, tags and message", "снять фильтр, отметки и сообщение"),
    COMMAND(13, "confirm", "подтвердить", "k", ROWS, can_confirm, run_confirm,
            "confirm a suspected incident", "подтвердить предполагаемый инцидент"),
    COMMAND(14, "restored", "восстановлен", "r", ROWS, has_open_target, run_restored,
            "power is back (asks when)", "питание восстановлено (спросит когда)"),
    COMMAND(15, "verify", "проверен", "y", ROWS, can_verify, run_verify, "restoration checked",
            "восстановление проверено"),
    COMMAND(16, "cancel", "отменить", "u", ROWS, has_target, run_cancel,
            "no outage after all: customer's side, nothing found",
            "отключения нет: у потребителя, не обнаружено"),
    COMMAND(17, "crew", "бригада", "c", ROWS, has_open_target, run_crew,
            "crew: which and what it is doing", "бригада: какая и что делает"),
    COMMAND(18, "note", "заметка", "w", ALL, NULL, run_note, "note for the log",
            "заметка в журнал"),
    COMMAND(19, "filter", "фильтр", "\\", VIEW_QUEUE, NULL, run_filter, "filter: text or key:value",
            "фильтр: текст или ключ:значение"),
    COMMAND(20, "next", "дальше", "n", VIEW_QUEUE, NULL, run_next, "next match",
            "следующее совпадение"),
    COMMAND(21, "previous", "обратно", "N", VIEW_QUEUE, NULL, run_previous, "previous match",
            "предыдущее совпадение"),
    COMMAND(22, "tag", "отметить", "Space", VIEW_QUEUE, has_target, run_tag, "tag or untag the row",
            "отметить строку или снять отметку"),
    COMMAND(23, "tag-all", "отметить-все", "+", VIEW_QUEUE, has_target, run_tag_all,
            "tag all shown", "отметить все показанные"),
    COMMAND(24, "untag", "снять-отметки", "-", VIEW_QUEUE, NULL, run_untag, "remove all tags",
            "снять все отметки"),
    COMMAND(25, "hold", "удержать", "o", VIEW_QUEUE, NULL, run_hold, "hold the order, or let it go",
            "удержать порядок строк или отпустить"),
    COMMAND(26, "alarm", "тревога", "p", ALL, NULL, run_alarm, "go to the alarm in the strip",
            "перейти к тревоге из полосы"),
    COMMAND(27, "priority-0", "важность-0", "0", VIEW_QUEUE, NULL, run_priority_0, "all priorities",
            "любая важность"),
    COMMAND(28, "priority-1", "важность-1", "1", VIEW_QUEUE, NULL, run_priority_1,
            "only priority 1", "только важность 1"),
    COMMAND(29, "priority-2", "важность-2", "2", VIEW_QUEUE, NULL, run_priority_2,
            "only priority 2", "только важность 2"),
    COMMAND(30, "priority-3", "важность-3", "3", VIEW_QUEUE, NULL, run_priority_3,
            "only priority 3", "только важность 3"),
    COMMAND(31, "priority-4", "важность-4", "4", VIEW_QUEUE, NULL, run_priority_4,
            "only priority 4", "только важность 4"),
    COMMAND(32, "priority-5", "важность-5", "5", VIEW_QUEUE, NULL, run_priority_5,
            "only priority 5", "только важность 5"),
    COMMAND(33, "timeline", "хронология", "1", VIEW_DETAIL, NULL, run_tab_timeline,
            "timeline of the incident", "хронология инцидента"),
    COMMAND(34, "calls", "звонки", "2", VIEW_DETAIL, NULL, run_tab_calls, "calls of the incident",
            "звонки по инциденту"),
    COMMAND(35, "etas", "сроки", "3", VIEW_DETAIL, NULL, run_tab_etas, "history of its ETA",
            "история срока"),
    COMMAND(36, "why", "почему", "4", VIEW_DETAIL, NULL, run_tab_why, "why each call is here",
            "почему каждый звонок здесь"),
    COMMAND(37, "tab", "вкладка", "Tab", VIEW_DETAIL, NULL, run_tab,
            "next of timeline, calls, ETAs, why", "следующая вкладка"),
    COMMAND(38, "queue", "очередь", "d", VIEW_DETAIL | VIEW_LOG | VIEW_PLANNED, NULL, run_queue,
            "the queue", "очередь"),
    COMMAND(39, "log", "журнал", "l", VIEW_QUEUE | VIEW_DETAIL | VIEW_PLANNED, NULL, run_log,
            "shift log", "журнал смены"),
    COMMAND(40, "planned", "плановые", "m", VIEW_QUEUE | VIEW_DETAIL | VIEW_LOG, NULL, run_planned,
            "planned works", "плановые работы"),
    COMMAND(41, "language", "язык", "t", ALL, NULL, run_language, "English / Russian",
            "русский / английский"),
    COMMAND(42, "mute", "звук", "!", ALL, NULL, run_mute, "bell on or off",
            "звук включить или выключить"),
    COMMAND(43, "repaint", "перерисовать", "Ctrl-L", ALL, NULL, run_repaint,
            "paint the screen anew", "перерисовать экран"),
    COMMAND(44, "up", "вверх", "Up", ALL, NULL, run_up, "a row up", "строкой выше"),
    COMMAND(45, "down", "вниз", "Down", ALL, NULL, run_down, "a row down", "строкой ниже"),
    COMMAND(46, "page-up", "страница-вверх", "PgUp", ALL, NULL, run_page_up, "a page up",
            "страницей выше"),
    COMMAND(47, "page-down", "страница-вниз", "PgDn", ALL, NULL, run_page_down, "a page down",
            "страницей ниже"),
    COMMAND(48, "home", "начало", "Home", ALL, NULL, run_home,
            "to the first row; applies the order", "к первой строке; применить порядок"),
    COMMAND(49, "end", "конец", "End", ALL, NULL, run_end, "to the last row", "к последней строке"),
    COMMAND(50, "mode", "режим", "s", ALL, NULL, run_mode,
            "storm or normal, and the message to all (- takes it back)",
            "шторм или обычный режим и сообщение для всех (- снимает его)"),
    COMMAND(51, "fold", "свернуть", "f", VIEW_QUEUE, is_storm, run_fold,
            "in a storm: fold priorities 4 and 5, or show them",
            "в шторм: свернуть важность 4 и 5 или показать"),
    COMMAND(52, "agree", "согласиться", "v", ALL, has_approvals, run_agree,
            "see what waits for another person, and agree",
            "посмотреть, что ждёт согласия другого, и согласиться"),
    COMMAND(53, "ask", "спросить", "i", VIEW_DETAIL, has_target, run_ask,
            "ask the operator about a call, or return it",
            "спросить оператора о звонке или вернуть звонок"),
};
const size_t desk_action_count = sizeof desk_actions / sizeof *desk_actions;
