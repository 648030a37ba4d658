// The menu of screens: a digit opens one. One table, painted and obeyed.
#include "intake/post.h"

static const struct {
    enum intake_text title;
    void (*open)(struct post *post);
} screens[] = {
    {TEXT_QUEUE, post_open_queue},
    {TEXT_VISITS, post_open_visits},
    {TEXT_HISTORY, post_open_history},
    {TEXT_QUESTIONS, post_open_questions},
};
enum { SCREENS = sizeof(screens) / sizeof(screens[0]), BOX_COLUMNS = 50 };

void post_menu_input(struct post *post, const struct input *input)
{
    post->menu = false;
    if (input->kind != INPUT_RUNE || input->rune < '1' || input->rune >= '1' + SCREENS)
        return;
    screens[input->rune - '1'].open(post);
}

void post_menu_paint(const struct post *post, struct surface *surface, struct rect rect)
{
    struct rect box =
        rect_inner(rect, 3, (rect.columns - BOX_COLUMNS) / 2, SCREENS + 2, BOX_COLUMNS);

    if (!post->menu)
        return;
    struct rect inside = surface_box(surface, box, post_text(post, TEXT_MENU));
    for (int i = 0; i < SCREENS; i++) {
        surface_printf(surface, inside, i, 1, ROLE_KEY, "%d", i + 1);
        surface_text(surface, inside, i, 3, ROLE_NORMAL, post_text(post, screens[i].title));
    }
}
