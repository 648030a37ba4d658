// `pult keygen`: a pair of keys for a client, or for the broker itself. The secret one is written and
// never shown.
#include "pult/command.h"

#include "lib/crypto.h"
#include "lib/curve.h"
#include "lib/pin.h"

#include <string.h>

enum { PIN_LEAST = 4 };

// The line of persons.yaml for a person whose PIN is typed.
static int hash_pin(const struct command_line *line, const char *name)
{
    char pin[PIN_BYTES] = "", hash[CRYPTO_PIN_BYTES];
    struct err err;

    if (!pin_ask("PIN: ", pin) || strlen(pin) < PIN_LEAST) {
        crypto_wipe(pin, sizeof pin);
        err_set(&err, ERR_INVALID, "pin", "a PIN has %d characters or more", "в PIN от %d знаков",
                PIN_LEAST);
        return command_fail(line, &err);
    }
    crypto_pin_hash(slice_of(pin), hash);
    crypto_wipe(pin, sizeof pin);
    printf("  %s: \"%s\"\n", name, hash);
    return 0;
}

int command_keygen(const struct command_line *given)
{
    struct command_line line = *given;
    const char *directory = command_option(&line, "dir");
    bool pin = command_flag(&line, "pin");
    struct curve_pair pair;
    struct err err;

    if (!pin && !directory && command_flag(&line, "personal"))
        return command_rotate_key(&line);
    err_clear(&err);
    if (pin && !directory && line.argc == 2 && command_has_words(&line, 1))
        return hash_pin(&line, line.argv[1]);
    if (pin || line.argc != 2 || !command_has_words(&line, 1))
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
