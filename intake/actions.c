// The table of everything the operator's screen can do: keys, F-bar and help are printed from it.
#include "intake/post.h"

static void run_help(void *context)
{
    ((struct post *)context)->help = true;
}

static void set_view(struct post *post, enum post_view view)
{
    if (view == POST_CALLS) {
        calls_seen(&post->calls);
        post->calls_selected = post->calls.count ? post->calls.count - 1 : 0;
    }
    post->view = view;
}

static void run_form(void *context)
{
    set_view(context, POST_FORM);
}

static void run_lookup(void *context)
{
    set_view(context, POST_LOOKUP);
}

static void run_calls(void *context)
{
    set_view(context, POST_CALLS);
}

static void run_answers(void *context)
{
    post_open_reading(context);
}

static void run_screens(void *context)
{
    ((struct post *)context)->menu = true;
}

static void run_take(void *context)
{
    post_take_in_work(context);
}

static void run_answer(void *context)
{
    post_ask_for(context, POPUP_ANSWER);
}

static void run_close(void *context)
{
    post_close_contact(context);
}

static void run_route(void *context)
{
    post_ask_for(context, POPUP_ROUTE);
}

static void run_leave(void *context)
{
    post_ask_for(context, POPUP_LEAVE);
}

static void run_reopen(void *context)
{
    post_ask_for(context, POPUP_REOPEN);
}

static void run_reply(void *context)
{
    post_ask_for(context, POPUP_REPLY);
}

static void run_repeat(void *context)
{
    post_repeat_contact(context);
}

static void run_same(void *context)
{
    post_repeat_last(context);
}

static void run_move(void *context)
{
    post_move_visit(context);
}

static void run_cancel(void *context)
{
    post_cancel_visit(context);
}

static void run_came(void *context)
{
    post_end_visit(context, true);
}

static void run_missed(void *context)
{
    post_end_visit(context, false);
}

static void run_clear(void *context)
{
    struct post *post = context;

    if (post->view == POST_ANSWERS) {
        post_open_reading(post);
        return;
    }
    if (post->view == POST_LOOKUP) {
        field_clear(&post->lookup_field);
        post_look_up(post);
    } else {
        post_clear(post);
    }
}

static void run_save(void *context)
{
    post_save(context);
}

static void run_more(void *context)
{
    post_take_more(context);
}

static void run_again(void *context)
{
    struct post *post = context;

    post->known.due = post->known.state != KNOWN_NO_PLACE;
    post->lookup.due = post->lookup.state != KNOWN_NO_PLACE;
}

static void run_language(void *context)
{
    struct post *post = context;

    post_set_language(post, post->language == LANGUAGE_RU ? LANGUAGE_EN : LANGUAGE_RU);
}

static void run_back(void *context)
{
    struct post *post = context;

    if (post->view == POST_FORM)
        post_quit(post);
    else
        set_view(post, post->view == POST_CONTACT ? post->before : POST_FORM);
}

static void run_repaint(void *context)
{
    ((struct post *)context)->force = true;
}

const struct action post_actions[] = {
    {1,
     "help",
     {"help", "помощь"},
     {"Help", "Помощь"},
     {"this help", "эта помощь"},
     POST_VIEWS,
     "F1",
     NULL,
     run_help},
    {2,
     "eta",
     {"eta", "срок"},
     {"ETA", "Сроки"},
     {"when will it be back: by address, account, phone, incident",
      "когда включат: по адресу, счёту, телефону, инциденту"},
     POST_VIEWS & ~(unsigned)POST_LOOKUP,
     "F2 e",
     NULL,
     run_lookup},
    {3,
     "call",
     {"call", "звонок"},
     {"Call", "Звонок"},
     {"the form of the call", "бланк звонка"},
     POST_VIEWS & ~(unsigned)POST_FORM,
     "F3 c",
     NULL,
     run_form},
    {4,
     "clear",
     {"clear", "очистить"},
     {"Clear", "Очист."},
     {"clear the form; again brings it back; when empty: the call has ended",
      "очистить бланк; ещё раз — вернуть; пустой: звонок окончен"},
     POST_FORM | POST_LOOKUP | POST_ANSWERS,
     "F4",
     NULL,
     run_clear},
    {5,
     "calls",
     {"calls", "обращения"},
     {"Calls", "Мои"},
     {"calls that were taken here, and what became of them", "принятые здесь звонки и что с ними"},
     POST_VIEWS & ~(unsigned)POST_CALLS,
     "F5",
     NULL,
     run_calls},
    {6,
     "again",
     {"again", "снова"},
     {"Again", "Снова"},
     {"ask once more", "спросить ещё раз"},
     POST_LOOKUP,
     "F7",
     NULL,
     run_again},
    {7,
     "save",
     {"save", "записать"},
     {"Save", "Запись"},
     {"save and send the call", "записать и отправить звонок"},
     POST_FORM,
     "F8",
     NULL,
     run_save},
    {12,
     "more",
     {"more", "ещё"},
     {"More", "Ещё"},
     {"save, and take another contact of the same call: caller and address stay",
      "записать и принять ещё обращение этого же звонка"},
     POST_FORM,
     "F7",
     NULL,
     run_more},
    {8,
     "language",
     {"language", "язык"},
     {"Рус", "Eng"},
     {"Russian or English", "русский или английский"},
     POST_VIEWS,
     "F9",
     NULL,
     run_language},
    {9,
     "quit",
     {"quit", "выход"},
     {"Back", "Выход"},
     {"back to the form; from it: quit", "назад к бланку; из него — выход"},
     POST_VIEWS,
     "F10",
     NULL,
     run_back},
    {10,
     "repaint",
     {"repaint", "обновить"},
     {NULL, NULL},
     {"paint the screen anew", "нарисовать экран заново"},
     POST_VIEWS,
     "Ctrl-L",
     NULL,
     run_repaint},
    {11,
     "answers",
     {"answers", "ответы"},
     {"Answer", "Ответы"},
     {"texts to read out, and whom to turn to; Enter answers the contact",
      "что прочесть звонящему и куда обратиться; Enter — ответ обращения"},
     POST_FORM,
     "F3",
     NULL,
     run_answers},
    {20,
     "screens",
     {"screens", "экраны"},
     {"Screen", "Экраны"},
     {"other screens, by a digit", "другие экраны — цифрой"},
     POST_VIEWS,
     "F6",
     NULL,
     run_screens},
    {13,
     "take",
     {"take", "взять"},
     {"Take", "Взять"},
     {"take the contact in work", "взять обращение в работу"},
     POST_CONTACTS,
     "F4 t",
     post_can_act,
     run_take},
    {14,
     "answer",
     {"answer", "ответить"},
     {"Answer", "Ответ"},
     {"answer the contact", "ответить на обращение"},
     POST_CONTACTS,
     "F8 a",
     post_can_act,
     run_answer},
    {15,
     "close",
     {"close", "закрыть"},
     {"Close", "Закр."},
     {"close the contact that is answered", "закрыть обращение, на которое ответили"},
     POST_CONTACTS,
     "F7 x",
     post_can_act,
     run_close},
    {16,
     "route",
     {"route", "передать"},
     {NULL, NULL},
     {"send it to another department", "передать в другой отдел"},
     POST_CONTACTS,
     "r",
     post_can_act,
     run_route},
    {17,
     "leave",
     {"leave", "оставить"},
     {NULL, NULL},
     {"leave it without review, on one of three grounds",
      "оставить без рассмотрения, по одному из трёх оснований"},
     POST_CONTACTS,
     "l",
     post_can_act,
     run_leave},
    {18,
     "reopen",
     {"reopen", "возобновить"},
     {NULL, NULL},
     {"reopen it", "возобновить"},
     POST_CONTACTS,
     "o",
     post_can_act,
     run_reopen},
    {19,
     "reply",
     {"reply", "диспетчеру"},
     {NULL, NULL},
     {"reply to the dispatcher", "ответить диспетчеру"},
     POST_CONTACTS,
     "d",
     post_can_act,
     run_reply},
    {25,
     "repeat",
     {"repeat", "повторить"},
     {NULL, NULL},
     {"a new call of the same caller about the same", "новый звонок того же заявителя о том же"},
     POST_CONTACT,
     "p",
     post_can_repeat,
     run_repeat},
    {26,
     "same",
     {"same", "то-же"},
     {NULL, NULL},
     {"another caller about the same as the last one", "другой звонящий о том же, что последний"},
     POST_FORM,
     "Ctrl-R",
     post_can_repeat,
     run_same},
    {21,
     "move",
     {"move", "перенести"},
     {NULL, NULL},
     {"give the visit another time", "перенести приём"},
     POST_VISITS,
     "m",
     post_can_move_visit,
     run_move},
    {22,
     "cancel",
     {"cancel", "отменить"},
     {"Cancel", "Отмена"},
     {"cancel the visit", "отменить приём"},
     POST_VISITS,
     "F7 x",
     post_can_change_visit,
     run_cancel},
    {23,
     "came",
     {"came", "пришёл"},
     {NULL, NULL},
     {"the visitor came", "приём состоялся"},
     POST_VISITS,
     "k",
     post_can_change_visit,
     run_came},
    {24,
     "missed",
     {"missed", "не-пришёл"},
     {NULL, NULL},
     {"the visitor did not come", "на приём не пришли"},
     POST_VISITS,
     "n",
     post_can_change_visit,
     run_missed},
};
const size_t post_action_count = sizeof(post_actions) / sizeof(post_actions[0]);
