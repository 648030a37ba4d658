#include "busd/sign_on.h"

#include "lib/crypto.h"
#include "lib/log.h"
#include "lib/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Wrong tries in a row of an account, for one person or (person empty) for all together.
struct tries {
    char identity[ACCESS_IDENTITY_BYTES], person[ACCESS_PERSON_BYTES];
    int wrong;
    int64_t until_ms; // nothing is checked before
    int64_t last_ms;
};

struct sign_ons {
    struct tries items[SIGN_ON_KEPT];
    size_t count;
};

struct sign_ons *sign_ons_new(void)
{
    return mem_alloc(sizeof(struct sign_ons));
}

void sign_ons_free(struct sign_ons *sign_ons)
{
    free(sign_ons);
}

static struct tries *tries_of(struct sign_ons *sign_ons, const char *identity, struct slice person,
                              int64_t now_ms)
{
    struct tries *oldest = &sign_ons->items[0], *tries;

    for (size_t i = 0; i < sign_ons->count; i++) {
        tries = &sign_ons->items[i];
        if (strcmp(tries->identity, identity) == 0 && slice_is(person, tries->person))
            return tries;
        if (tries->last_ms < oldest->last_ms)
            oldest = tries;
    }
    tries = sign_ons->count < SIGN_ON_KEPT ? &sign_ons->items[sign_ons->count++] : oldest;
    *tries = (struct tries){.last_ms = now_ms};
    snprintf(tries->identity, sizeof tries->identity, "%s", identity);
    snprintf(tries->person, sizeof tries->person, "%.*s", (int)person.length, person.data);
    return tries;
}

static bool is_locked(const struct tries *tries, int64_t now_ms, struct err *err)
{
    if (now_ms >= tries->until_ms)
        return false;
    err_set(err, ERR_LIMIT, "tries", "too many wrong PINs; the next try is in %lld min",
            "слишком много неверных PIN; следующая попытка через %lld мин",
            (long long)(tries->until_ms - now_ms + 59999) / 60000);
    err->retry_ms = (int)(tries->until_ms - now_ms);
    return true;
}

static void count_wrong(struct tries *tries, int most, int64_t now_ms)
{
    tries->last_ms = now_ms;
    if (++tries->wrong < most)
        return;
    tries->wrong = 0;
    tries->until_ms = now_ms + SIGN_ON_LOCK_MS;
}

// So that a person that there is not takes as long.
static bool check_pin(const struct access_person *person, struct slice pin)
{
    char nobody[CRYPTO_PIN_BYTES];

    if (person)
        return crypto_pin_check(pin, access_person_pin(person));
    crypto_pin_hash(pin, nobody);
    return false;
}

const struct access_person *sign_on(struct sign_ons *sign_ons, const struct access *access,
                                    const char *identity, struct slice name, struct slice pin,
                                    int64_t monotonic_ms, struct err *err)
{
    const struct access_person *person = access_find_person(access, name);
    // Names that nobody has are one name: else they would push out the others'.
    struct slice known = person ? name : slice_of("?");
    struct tries *all, *own;

    if (access_person_count(access) == 0) {
        err_set(err, ERR_DENIED, "person",
                "no persons are registered at this broker; leave out person and pin, your account "
                "names you",
                "на этом брокере нет списка сотрудников; не указывайте person и pin, вас называет "
                "учётная запись");
        err_set_path(err, "/person");
        return NULL;
    }
    all = tries_of(sign_ons, identity, (struct slice){"", 0}, monotonic_ms);
    all->last_ms = monotonic_ms; // not the oldest for the next look
    own = tries_of(sign_ons, identity, known, monotonic_ms);
    if (is_locked(all, monotonic_ms, err) || is_locked(own, monotonic_ms, err))
        return NULL;
    if (check_pin(person, pin)) {
        all->wrong = own->wrong = 0;
        return person;
    }
    count_wrong(all, SIGN_ON_TRIES_ALL, monotonic_ms);
    count_wrong(own, SIGN_ON_TRIES, monotonic_ms);
    // What was given as a name may be anything, a PIN in the wrong field too.
    log_warning("a sign-on was refused account=%s person=%s", identity,
                person ? access_person_name(person) : "unknown");
    err_set(err, ERR_DENIED, "pin", "this person and PIN do not go together",
            "такой сотрудник с таким PIN не найден");
    err_set_path(err, "/pin");
    return NULL;
}
