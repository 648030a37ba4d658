// Inside the query thread: what one query is given, and the small vocabulary its answers share.
// queries.c runs them; each query_*.c answers the queries of one subject.
#pragma once

#include "busd/access.h"
#include "busd/engine_record.h"
#include "busd/journal_keys.h"
#include "busd/network.h"
#include "busd/queries.h"
#include "busd/store_area.h"
#include "busd/store_read.h"
#include "busd/store_seen.h"
#include "lib/json.h"
#include "lib/phone.h"
#include "lib/query_shape.h"

struct sqlite3_stmt;

// What of callers' data the answer shows: one entry of the access record.
struct query_shown {
    int64_t sequence, contacts; // the last contact's event; how many contacts
    struct buf reg_no, call, fields;
    uint8_t subject[SEEN_SUBJECT_BYTES];
    bool has_subject;
};

struct query {
    struct reader *reader;           // within its snapshot
    const struct journal_keys *keys; // for personal data and digests
    struct network *network;
    const struct query_request *request;
    const struct say_company *company;
    const struct offices *offices;
    const struct answers *answers;
    const struct json *args; // checked: known names, right types
    struct json_doc *doc;    // scratch
    struct json_out *out;    // within "rows"
    struct store_area area;
    int64_t head, limit;
    struct buf next; // JSON of `next`; empty = no further page
    struct seen *seen;
    struct query_shown shown;
};

// query_eta.c
enum err_code query_eta(struct query *query, struct err *err);
enum err_code query_planned(struct query *query, struct err *err);
// query_incident.c
enum err_code query_incidents(struct query *query, struct err *err);
enum err_code query_incident(struct query *query, struct err *err);
// query_contact.c
enum err_code query_contacts(struct query *query, struct err *err);
enum err_code query_contact(struct query *query, struct err *err);
// query_register.c
enum err_code query_register(struct query *query, struct err *err);
// query_hours.c
enum err_code query_hours(struct query *query, struct err *err);
// query_access.c
enum err_code query_access(struct query *query, struct err *err);
// query_person.c
enum err_code query_person_export(struct query *query, struct err *err);
// query_place.c
enum err_code query_premises(struct query *query, struct err *err);
enum err_code query_nodes(struct query *query, struct err *err);
// query_answer.c
enum err_code query_directory(struct query *query, struct err *err);
enum err_code query_answers(struct query *query, struct err *err);
enum err_code query_meters(struct query *query, struct err *err);
enum err_code query_readings(struct query *query, struct err *err);
// query_office.c
enum err_code query_offices(struct query *query, struct err *err);
enum err_code query_slots(struct query *query, struct err *err);
enum err_code query_appointments(struct query *query, struct err *err);
// query_stats.c
enum err_code query_stats(struct query *query, struct err *err);
enum err_code query_events(struct query *query, struct err *err);
enum err_code query_chain(struct query *query, struct err *err);
enum err_code query_approvals(struct query *query, struct err *err);

// Arguments.
struct slice query_text(const struct query *query, const char *name); // {NULL,0} when absent
bool query_has(const struct query *query, const char *name);
// ERR_INVALID when an argument that the query cannot do without is missing.
enum err_code query_need(const struct query *query, const char *name, struct err *err);
int64_t query_integer(const struct query *query, const char *name, int64_t otherwise);
int64_t query_time(const struct query *query, const char *name, int64_t otherwise);
// Binds a text, which must live until the row is reset; {NULL,0} is NULL.
void query_bind_text(struct sqlite3_stmt *row, int at, struct slice text);
// Whether a page that has `count` rows takes no more: then the next one begins behind `last`.
bool query_page_is_full(struct query *query, int64_t count, int64_t last);
// For rows that are sorted in memory, which `after` counts: whether the next one is on the page. The
// position begins at 0 and moves on; `next` is written where the page ends.
bool query_page_has(struct query *query, int64_t *position);

// Members that are left out when there is nothing to say.
void query_put_text(struct json_out *out, const char *key, const char *text);
void query_put_word(struct json_out *out, const char *key, const char *words, int index);
void query_put_number(struct json_out *out, const char *key, int64_t number); // 0 = absent
void query_put_time(struct json_out *out, const char *key, int64_t time_ms);  // 0 = absent

// The incident's row as `incidents` gives it, without its braces; `eta` too.
void query_put_incident(struct query *query, const struct incident *incident);
void query_put_eta(struct json_out *out, const struct incident *incident, int64_t now_ms);
bool query_is_open(const struct incident *incident);
extern const char query_open_states[]; // "'suspected','probable',…" for SQL

// A contact as a row, with its braces. Nothing personal but what `what` asks for and the role may
// read: free text for those with the right `text`, everything for those with `personal`.
enum query_contact_part { QUERY_CONTACT_ROW, QUERY_CONTACT_TEXT, QUERY_CONTACT_ALL };
void query_put_contact(struct query *query, const struct contact *contact,
                       enum query_contact_part what);

// Reads a record by its number or key: 1 found, 0 not, -1 error. The caller record_fini()s it.
int query_get_incident(struct query *query, int64_t number, struct incident *incident,
                       struct err *err);
// ERR_NOT_FOUND with the sentence for an incident that was asked for.
enum err_code query_no_incident(int64_t number, struct err *err);

// What covers a place: a growing set of (record, number), found through cover keys.
struct query_found {
    bool planned;
    bool restored; // the place itself has its supply back (partly restored)
    int64_t number;
};
struct query_places {
    struct query_found *found;
    size_t count, capacity;
};
enum { QUERY_PREMISES_MAX = 5000 }; // of one place that is looked at
void query_places_fini(struct query_places *places);
// Adds what covers a premise, by its key, its house, street, settlement, and every node above it.
enum err_code query_cover_premise(struct query *query, int64_t premise, struct query_places *places,
                                  struct err *err);
// Adds what a statement names, a row each: is it planned works, its number, whether the place itself
// has its supply back. The statement is stepped through and reset.
enum err_code query_cover_rows(struct query *query, struct sqlite3_stmt *row,
                               struct query_places *places, struct err *err);
// The same for every premise at or below an address match.
enum err_code query_cover_match(struct query *query, const struct address_match *match,
                                struct query_places *places, struct err *err);

// The same for a node by its id: it and every node above it.
enum err_code query_cover_node(struct query *query, struct slice node, struct query_places *places,
                               struct err *err);
// How many premises lie under a set of covers, each counted once.
int64_t query_count_covered(struct query *query, const struct cover_list *covers);
// Keys of the premises under covers, ascending, each once; the caller frees them.
int64_t *query_covered_keys(struct query *query, const struct cover_list *covers, size_t *count);
// `planned`: the numbers of works under way that hold premises of these (query_overlap.c).
enum err_code query_put_overlaps(struct query *query, const struct cover_list *covers,
                                 struct err *err);
// What the record covers, added to `covers`, which the caller frees with its record.
enum err_code query_read_covers(struct query *query, const char *record, int64_t number,
                                struct cover_list *covers, struct err *err);
int query_get_planned(struct query *query, int64_t number, struct planned *planned,
                      struct err *err);

// Members of an address: address, settlement, street, house, flat.
void query_put_address(struct query *query, const struct address_match *match);

// The premise of an account; NULL and ERR_NOT_FOUND when there is none.
const struct model_premise *query_find_account(const struct query *query, struct slice account,
                                               struct err *err);

// query_personal.c
// The personal fields of a contact that the role may read, under their own names, noted in
// query->shown; the caller masked where the role sees no more.
void query_put_personal(struct query *query, const struct contact *contact,
                        enum query_contact_part what);
// Writes the entry of the access record, if anything was shown. A fault: the answer must not leave.
enum err_code query_record_shown(struct query *query, struct seen *seen, struct err *err);
void query_shown_fini(struct query_shown *shown);
// Who stands in the personal fields of an event, masked, for those who may see that much.
void query_put_masked(struct query *query, int64_t sequence);
// The personal fields of an event ({pointer: value}) in query->doc; NULL when there are none.
const struct json *query_personal(struct query *query, int64_t sequence);
// Whether the role may read this event, as streamed.
bool query_may_read(const struct query *query, struct slice topic, struct slice bytes);
// Whether this query, or that of another name, is narrowed to the areas of one's own desks.
bool query_is_own(const struct query *query, const char *name); // NULL = this one
// ERR_DENIED with the sentence for one record that lies elsewhere.
enum err_code query_not_own(struct err *err, const char *path);
