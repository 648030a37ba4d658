#include "busd/tune_command.h"

#include "busd/tune.h"
#include "lib/json.h"

// What was learnt, by set.
struct learnt {
    struct rules rules;
    struct tune_gain gains[GROUP_RULES_SETS];
    bool known[GROUP_RULES_SETS];
};

static void write_pair(struct json_out *out, const char *name, double old, double new)
{
    json_out_object(out, name);
    json_out_number(out, "old", old);
    json_out_number(out, "new", new);
    json_out_end(out, '}');
}

static void write_gain(struct json_out *out, const char *name, const struct tune_gain *gain)
{
    json_out_object(out, name);
    json_out_integer(out, "faults", (int64_t)gain->learnt);
    json_out_integer(out, "held_out", (int64_t)gain->held_out);
    write_pair(out, "log2_likelihood", gain->log_old, gain->log_new);
    for (int i = 0; i < TUNE_MOMENTS; i++) {
        char key[32];

        snprintf(key, sizeof(key), "exact_at_%dpct", tune_percents[i]);
        write_pair(out, key, gain->exact_old[i], gain->exact_new[i]);
    }
    json_out_end(out, '}');
}

static void write_json(const struct learnt *learnt, const struct buf *yaml, FILE *file)
{
    struct buf text = {0};
    struct json_out out;

    json_out_init(&out, &text);
    json_out_object(&out, NULL);
    for (int set = 0; set < GROUP_RULES_SETS; set++) {
        if (learnt->known[set])
            write_gain(&out, rules_set_names[set], &learnt->gains[set]);
        else
            json_out_null(&out, rules_set_names[set]);
    }
    json_out_string(&out, "rules", slice_of(buf_text(yaml)));
    json_out_end(&out, '}');
    fprintf(file, "%s\n", buf_text(&text));
    buf_fini(&text);
}

static void say_gain(struct buf *head, int set, const struct tune_gain *gain, bool russian)
{
    buf_printf(head,
               russian ? "# %s: отказов %zu; по первым двум третям, на последних %zu:\n"
                         "#   log2 правдоподобия отказа было %.3f, стало %.3f\n"
                       : "# %s: %zu faults; learnt from the first two thirds, on the last %zu:\n"
                         "#   log2 of a fault's likelihood was %.3f, is %.3f\n",
               rules_set_names[set], gain->learnt, gain->held_out, gain->log_old, gain->log_new);
    for (int i = 0; i < TUNE_MOMENTS; i++)
        buf_printf(head,
                   russian ? "#   устройство названо верно при %d %% звонков: было %.1f %%, "
                             "стало %.1f %%\n"
                           : "#   device named rightly at %d %% of the calls: was %.1f %%, is "
                             "%.1f %%\n",
                   tune_percents[i], 100 * gain->exact_old[i], 100 * gain->exact_new[i]);
}

static void write_head(const struct learnt *learnt, enum language language, struct buf *head)
{
    bool russian = language == LANGUAGE_RU;

    buf_add_text(head, russian ? "# Правила группировки, предложенные по своему журналу (pult "
                                 "tune); ничего не изменено.\n"
                               : "# Rules of grouping as the own journal suggests them (pult "
                                 "tune); nothing was changed.\n");
    for (int set = 0; set < GROUP_RULES_SETS; set++) {
        if (learnt->known[set])
            say_gain(head, set, &learnt->gains[set], russian);
        else
            buf_printf(head,
                       russian ? "# %s: подтверждённых отказов со звонками %zu, нужно %d; набор "
                                 "оставлен как есть.\n"
                               : "# %s: %zu confirmed faults with calls, %d are needed; the set is "
                                 "as it was.\n",
                       rules_set_names[set], learnt->gains[set].learnt, TUNE_FAULTS);
    }
}

enum err_code tune_command(const struct tune_command *command, struct err *err)
{
    struct learnt learnt;
    struct rules present;
    struct past past = {.model = NULL};
    struct buf head = {0}, yaml = {0};
    enum err_code code = rules_read(&present, command->rules, err);

    if (code == ERR_OK)
        code = past_read(&past, command->data, err);
    if (code == ERR_OK) {
        for (int set = 0; set < GROUP_RULES_SETS; set++)
            learnt.known[set] = tune_set(&past, set == GROUP_RULES_STORM, &present.sets[set],
                                         &learnt.rules.sets[set], &learnt.gains[set]);
        write_head(&learnt, command->language, &head);
        rules_print(&learnt.rules, buf_text(&head), &yaml);
        if (command->yaml)
            fputs(buf_text(&yaml), command->out);
        else
            write_json(&learnt, &yaml, command->out);
    }
    past_fini(&past);
    buf_fini(&head);
    buf_fini(&yaml);
    return code;
}
