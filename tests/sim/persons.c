#include "tests/sim/persons.h"

#include "busd/batch_personal.h"
#include "tests/sim/sim.h"

#include <stdio.h>

static const char by[] = "pult:user:admin";

static struct slice phone_text(int phone, char text[24])
{
    snprintf(text, 24, "8 (912) 555-%02d-%02d", phone / 100, phone % 100);
    return slice_of(text);
}

// Nothing that was sealed of them is left.
static void check_erased(struct sim *sim, const struct batch_person *person, int phone)
{
    const struct oracle *oracle = &sim->oracle;

    for (size_t i = 0; i < oracle->contact_count; i++) {
        const struct oracle_contact *contact = &oracle->contacts[i];
        bool meant = person->phone.length ? contact->phone == phone
                                          : slice_is(person->reg_no, contact->reg_no);

        if (meant && contact->sealed && !contact->purged)
            sim_fail(sim, "contact %s was to be forgotten and is not", contact->reg_no);
    }
}

static void erase(struct sim *sim, int phone)
{
    const struct oracle *oracle = &sim->oracle;
    struct batch_person person = {.phone = {NULL, 0}};
    int64_t count = 0;
    struct err err;
    char text[24];

    err_clear(&err);
    if (oracle->contact_count && sim_percent(&sim->chance, 30))
        person.reg_no =
            slice_of(oracle->contacts[sim_below(&sim->chance, (int)oracle->contact_count)].reg_no);
    else
        person.phone = phone_text(phone, text);
    enum err_code code =
        batch_erase_person(&sim->broker.batch, &person, by, sim_broker_stamp_ms(sim), &count, &err);
    sim_tell(sim, "%.*s%.*s is to be forgotten: %s", (int)person.phone.length, person.phone.data,
             (int)person.reg_no.length, person.reg_no.data, err_word(code));
    sim_broker_done_own(sim, code);
    if (code != ERR_OK)
        return;
    if (sim->broker.held[phone] == SIM_HELD && person.phone.length)
        sim_fail(sim, "a person whose data are held was forgotten");
    check_erased(sim, &person, phone);
}

static void hold(struct sim *sim, int phone, bool held)
{
    char text[24];
    struct batch_person person = {.phone = phone_text(phone, text)};
    enum sim_hold *known = &sim->broker.held[phone], was = *known;
    struct err err;

    err_clear(&err);
    enum err_code code = batch_hold_person(&sim->broker.batch, &person, held, by, slice_of("court"),
                                           sim_broker_stamp_ms(sim), &err);
    sim_tell(sim, "a hold of %s is %s: %s", text, held ? "set" : "lifted", err_word(code));
    *known = code == ERR_UNAVAILABLE ? SIM_HOLD_UNKNOWN : held ? SIM_HELD : SIM_FREE;
    if (code == ERR_OK ? was == *known
                       : code == ERR_CONFLICT && was != *known && was != SIM_HOLD_UNKNOWN)
        sim_fail(sim, "the hold was not as it was left");
    sim_broker_done_own(sim, code);
}

void persons_act(struct sim *sim)
{
    int phone = sim_below(&sim->chance, SIM_PHONES);

    if (sim_percent(&sim->chance, 60))
        erase(sim, phone);
    else
        hold(sim, phone, sim_percent(&sim->chance, 60));
}
