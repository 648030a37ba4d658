#include "busd/answers.h"

#include "lib/file.h"
#include "lib/mem.h"
#include "lib/words.h"
#include "lib/yaml.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 64 * 1024 };

static enum err_code fault(const char *file, const char *en, const char *ru, struct err *err)
{
    err_set(err, ERR_INVALID, "answers", "%s: %s%.0s", "%s: %.0s%s", file, en, ru);
    err_set_path(err, "%s:1:1", file);
    return ERR_INVALID;
}

static char *copy_text(const struct json *value)
{
    return value && value->type == JSON_STRING ? mem_string_of(value->text.data, value->text.length)
                                               : NULL;
}

// {ru: …, en: …}, or one text for both.
static const struct json *in_language(const struct json *value, enum language language)
{
    return value && value->type == JSON_OBJECT ? json_get(value, language_name(language)) : value;
}

// What it is found by: title and text, and what stands beside them.
static void index_text(struct answer_text *text, const char *beside)
{
    struct buf searched = {0};

    buf_printf(&searched, "%s %s", beside ? beside : "", text->text ? text->text : "");
    text->titles = words_fold(text->title, NULL);
    text->found_by = words_fold(text->title, buf_text(&searched));
    buf_fini(&searched);
}

static enum err_code read_entry(const char *file, const struct json *tree, struct answer *entry,
                                struct err *err)
{
    entry->id = copy_text(json_get(tree, "id"));
    entry->topic = copy_text(json_get(tree, "kind"));
    entry->phone = copy_text(json_get(tree, "phone"));
    entry->site = copy_text(json_get(tree, "site"));
    entry->address = copy_text(json_get(tree, "address"));
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        struct answer_text *text = &entry->in[language];

        text->title = copy_text(in_language(json_get(tree, "name"), (enum language)language));
        text->text = copy_text(in_language(json_get(tree, "about"), (enum language)language));
        index_text(text, entry->phone);
        if (!text->title)
            return fault(file, "an entry needs id, and name in ru and en",
                         "записи нужны id и name на ru и en", err);
    }
    return entry->id ? ERR_OK : fault(file, "an entry needs an id", "записи нужен id", err);
}

static enum err_code read_directory(struct answers *answers, const char *file, struct err *err)
{
    struct json_doc *doc = json_doc_new();
    const struct json *root = yaml_read(doc, file, err);
    const struct json *list = json_get(root, "directory");
    enum err_code code = root ? ERR_OK : err->code;

    if (root && root->type != JSON_NULL && (!list || list->type != JSON_ARRAY))
        code =
            fault(file, "the file holds directory: [{…}]", "в файле стоит directory: [{…}]", err);
    if (list && code == ERR_OK)
        answers->directory = mem_alloc((list->count + 1) * sizeof *answers->directory);
    for (const struct json *item = list ? list->first : NULL; item && code == ERR_OK;
         item = item->next)
        code = read_entry(file, item, &answers->directory[answers->directory_count++], err);
    json_doc_free(doc);
    return code;
}

static struct answer *find_or_add(struct answers *answers, const char *id, size_t *capacity)
{
    for (size_t i = 0; i < answers->text_count; i++) {
        if (strcmp(answers->texts[i].id, id) == 0)
            return &answers->texts[i];
    }
    mem_grow((void **)&answers->texts, answers->text_count, capacity, sizeof *answers->texts);
    answers->texts[answers->text_count] = (struct answer){.id = mem_string(id)};
    return &answers->texts[answers->text_count++];
}

// "---", YAML, "---", then the text.
static enum err_code read_text(const char *file, const struct buf *content, enum language language,
                               struct answer *answer, struct err *err)
{
    const char *text = buf_text(content);
    const char *end = strncmp(text, "---\n", 4) == 0 ? strstr(text + 4, "\n---\n") : NULL;

    if (!end)
        return fault(file, "the file begins with ---, its title and topic, and ---",
                     "файл начинается с ---, title и topic, и ---", err);
    struct json_doc *doc = json_doc_new();
    const struct json *front = yaml_parse(doc, text + 4, (size_t)(end - text) - 3, file, err);
    struct answer_text *into = &answer->in[language];
    const char *body = end + 5 + strspn(end + 5, "\n");
    enum err_code code = front ? ERR_OK : err->code;

    if (front) {
        into->title = copy_text(json_get(front, "title"));
        into->text = mem_string(body);
        into->keywords = copy_text(json_get(front, "keywords"));
        index_text(into, into->keywords);
        if (!answer->topic)
            answer->topic = copy_text(json_get(front, "topic"));
        if (!into->title || !answer->topic)
            code = fault(file, "title and topic are needed", "нужны title и topic", err);
    }
    json_doc_free(doc);
    return code;
}

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct answer *)left)->id, ((const struct answer *)right)->id);
}

static enum err_code read_file(struct answers *answers, const char *folder, const char *name,
                               size_t *capacity, struct err *err)
{
    struct buf path = {0}, content = {0}, id = {0};
    const char *dot = strchr(name, '.');
    enum err_code code = ERR_OK;

    for (int language = 0; dot && language < LANGUAGE_COUNT && code == ERR_OK; language++) {
        const char *word = language_name((enum language)language);

        if (strncmp(dot + 1, word, strlen(word)) != 0 || strcmp(dot + 1 + strlen(word), ".md") != 0)
            continue;
        buf_printf(&path, "%s/%s", folder, name);
        buf_printf(&id, "%.*s", (int)(dot - name), name);
        struct answer *answer = find_or_add(answers, buf_text(&id), capacity);
        code = file_read_trusted(buf_text(&path), TEXT_BYTES, &content, err);
        if (code == ERR_OK)
            code = read_text(buf_text(&path), &content, (enum language)language, answer, err);
    }
    buf_fini(&path);
    buf_fini(&content);
    buf_fini(&id);
    return code;
}

static enum err_code read_folder(struct answers *answers, const char *folder, struct err *err)
{
    DIR *directory = opendir(folder);
    const struct dirent *file;
    size_t capacity = 0;
    enum err_code code = ERR_OK;

    if (!directory)
        return err_set(err, ERR_NOT_FOUND, "answers", "The directory %s cannot be read: %s.",
                       "Каталог %s не прочитать: %s.", folder, strerror(errno));
    while (code == ERR_OK && (file = readdir(directory)))
        code = read_file(answers, folder, file->d_name, &capacity, err);
    closedir(directory);
    if (answers->text_count)
        qsort(answers->texts, answers->text_count, sizeof *answers->texts, by_name);
    return code;
}

enum err_code answers_read(struct answers *answers, const char *directory_file, const char *folder,
                           struct err *err)
{
    enum err_code code = ERR_OK;

    *answers = (struct answers){.directory = NULL};
    if (directory_file)
        code = read_directory(answers, directory_file, err);
    return code == ERR_OK && folder ? read_folder(answers, folder, err) : code;
}

static void answer_fini(struct answer *answer)
{
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        free(answer->in[language].title);
        free(answer->in[language].text);
        free(answer->in[language].keywords);
        free(answer->in[language].titles);
        free(answer->in[language].found_by);
    }
    free(answer->id), free(answer->topic), free(answer->phone), free(answer->site);
    free(answer->address);
}

void answers_fini(struct answers *answers)
{
    for (size_t i = 0; i < answers->directory_count; i++)
        answer_fini(&answers->directory[i]);
    for (size_t i = 0; i < answers->text_count; i++)
        answer_fini(&answers->texts[i]);
    free(answers->directory);
    free(answers->texts);
    *answers = (struct answers){.directory = NULL};
}

int answer_fit(const struct answer *answer, enum language language, struct slice typed)
{
    const struct answer_text *text = &answer->in[language];

    // Not in this language: it does not fit.
    return text->found_by ? words_fit(text->titles, text->found_by, typed) : 0;
}
