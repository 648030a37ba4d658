// `pult keygen`: a pair of keys for a client, or for the broker itself. The secret one is written and
// never shown.
#include "pult/command.h"

#include "lib/curve.h"

#include <string.h>

int command_keygen(const struct command_line *given)
{
    struct command_line line = *given;
    const char *directory = command_option(&line, "dir");
    struct curve_pair pair;
    struct err err;

    if (line.argc != 2 || !command_has_words(&line, 1))
        return command_usage(&line);
    if (!directory)
        directory = ".";
    curve_generate(&pair);
    if (curve_write(directory, line.argv[1], &pair, &err) != ERR_OK) {
        curve_wipe(&pair);
        return command_fail(&line, &err);
    }
    if (line.people) {
        bool russian = line.language == LANGUAGE_RU;

        printf(russian ? "Секретный ключ (никому не показывайте): %s/%s.key_secret\n"
                         "Открытый ключ: %s/%s.key\n\nСтрока для keys.yaml брокера:\n"
                       : "The secret key (show it to nobody): %s/%s.key_secret\n"
                         "The public key: %s/%s.key\n\nThe broker's keys.yaml takes this:\n",
               directory, line.argv[1], directory, line.argv[1]);
        printf("  %s: {public: \"%s\", roles: [script]}\n", line.argv[1], pair.public_key);
    } else {
        struct buf text = {0};
        struct json_out out;
        char path[1024];

        json_out_init(&out, &text);
        json_out_object(&out, NULL);
        json_out_text(&out, "name", line.argv[1]);
        json_out_text(&out, "public", pair.public_key);
        snprintf(path, sizeof path, "%s/%s.key", directory, line.argv[1]);
        json_out_text(&out, "public_file", path);
        snprintf(path, sizeof path, "%s/%s.key_secret", directory, line.argv[1]);
        json_out_text(&out, "secret_file", path);
        json_out_end(&out, '}');
        puts(buf_text(&text));
        buf_fini(&text);
    }
    curve_wipe(&pair);
    return 0;
}
