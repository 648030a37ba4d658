// Address search over a million premises on 44,000 streets: every keystroke of 200 queries. Street
// names are those of St Petersburg's suburbs (../shared/data/cyrillic), multiplied by prefixes and
// settlements; without that file, a short list of its own.
#include "lib/address.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    STREETS = 47500, // as drawn; some are drawn twice
    SETTLEMENTS = 400,
    PREMISES = 1000000,
    QUERIES = 200,
    NAMES = 4000,
    KEYSTROKES = 20000,
    SHOWN = 10,
};

static const char *const few_names[] = {"Садовая ул.",  "Карла Маркса ул.", "8 Марта ул.",
                                        "Мира пр.",     "2-я Линия",        "Лесной пер.",
                                        "Заводское ш.", "Ленина ул."};
static const char *const prefixes[] = {"",       "Ново", "Старо",  "Верхне", "Нижне",    "Мало",
                                       "Красно", "Бело", "Средне", "Южно",   "Восточно", "Западно"};

struct town {
    char *names[NAMES];
    size_t name_count;
    char settlements[SETTLEMENTS][64];
    struct {
        uint32_t settlement, name, prefix, premises;
    } streets[STREETS];
};

static uint64_t seed = 20260112;

static uint32_t below(uint32_t n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % n);
}

static void read_names(struct town *town)
{
    const char *shared = getenv("PULT_SHARED");
    char path[1024], line[1024];
    snprintf(path, sizeof path, "%s/data/cyrillic/spb_streets.csv", shared ? shared : "../shared");
    FILE *file = fopen(path, "r");
    while (file && town->name_count < NAMES && fgets(line, sizeof line, file)) {
        char *name = strrchr(line, ',');
        if (!name || town->name_count++ == 0)
            continue; // the header
        name[strcspn(name, "\r\n")] = '\0';
        town->names[town->name_count - 2] = mem_string(name + 1);
    }
    if (file)
        fclose(file);
    if (town->name_count)
        town->name_count--;
    for (size_t i = 0; !file && i < sizeof few_names / sizeof *few_names; i++)
        town->names[town->name_count++] = mem_string(few_names[i]);
}

static void street_name(const struct town *town, size_t street, char name[256])
{
    snprintf(name, 256, "%s%s", prefixes[town->streets[street].prefix],
             town->names[town->streets[street].name]);
}

static struct address_index *build(struct town *town)
{
    struct address_index *index = address_index_new();
    char street[256], house[16], flat[16];
    int64_t premise = 0;
    for (size_t i = 0; i < SETTLEMENTS; i++)
        snprintf(town->settlements[i], sizeof town->settlements[i], "%s %.40s%s",
                 i % 7 ? "пос." : "г.", i % 3 ? "Ново" : "", i % 2 ? "градск" : "луговое");
    for (uint32_t i = 0; i < SETTLEMENTS; i++) // a name of its own for each
        snprintf(town->settlements[i] + strlen(town->settlements[i]), 16, "-%u", i + 1);
    for (size_t s = 0; s < STREETS; s++) {
        // Half of all streets are in the ten largest settlements.
        town->streets[s].settlement = s % 2 ? below(10) : below(SETTLEMENTS);
        town->streets[s].name = below((uint32_t)town->name_count);
        town->streets[s].prefix = below(sizeof prefixes / sizeof *prefixes);
        street_name(town, s, street);
        int64_t until = (int64_t)(s + 1) * PREMISES / STREETS;
        for (uint32_t number = 1; premise < until; number++) {
            snprintf(house, sizeof house, "%u%s", number, below(9) ? "" : "А");
            uint32_t flats = number % 4 ? 1 : 6;
            for (uint32_t f = 1; f <= flats && premise < until; f++) {
                snprintf(flat, sizeof flat, "%u", f);
                address_index_add(
                    index, &(struct address_place){++premise,
                                                   town->settlements[town->streets[s].settlement],
                                                   street, house, flats > 1 ? flat : ""});
            }
        }
    }
    address_index_finish(index);
    return index;
}

// As people type: small letters, now and then with the settlement, a slip, or the other layout.
static void query_text(const struct town *town, char query[512])
{
    size_t street = below(STREETS);
    char name[256];
    street_name(town, street, name);
    struct buf folded = {0};
    text_fold(slice_of(name), &folded);
    snprintf(query, 512, "%s %u%s%s", buf_text(&folded), 1 + below(20), below(3) ? "" : " кв 2",
             "");
    if (below(4) == 0) {
        size_t length = strlen(query);
        snprintf(query + length, 512 - length, " %s",
                 town->settlements[town->streets[street].settlement]);
    }
    if (below(5) == 0 && strlen(query) > 8)
        memmove(query + 4, query + 6, strlen(query) - 5); // one Cyrillic letter left out
    if (below(10) == 0)
        snprintf(query, 512, "%s %u", below(2) ? "yjdjcfljdfz ek" : "ulitsa novosadovaya",
                 below(30));
    if (below(20) == 0) // nothing like it: trigrams
        snprintf(query, 512, "вололдаровскава проспекто %u", below(30));
    buf_fini(&folded);
}

static double cpu_ms(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
    double one = *(const double *)a, other = *(const double *)b;
    return one < other ? -1 : one > other;
}

// Every beginning of the query that ends between two letters.
static size_t type_query(const struct address_index *index, const char *query, double *spent,
                         size_t count, double *slowest, char slowest_text[512])
{
    struct address_match out[SHOWN];
    char typed[512];
    for (size_t end = 1; end <= strlen(query) && count < KEYSTROKES; end++) {
        if (((unsigned char)query[end] & 0xC0) == 0x80)
            continue;
        snprintf(typed, sizeof typed, "%.*s", (int)end, query);
        double start = cpu_ms();
        address_search(index, typed, out, SHOWN);
        spent[count] = cpu_ms() - start;
        if (spent[count] > *slowest) {
            *slowest = spent[count];
            snprintf(slowest_text, 512, "%s", typed);
        }
        count++;
    }
    return count;
}

int main(void)
{
    struct town *town = mem_alloc(sizeof *town);
    read_names(town);
    double start = cpu_ms();
    struct address_index *index = build(town);
    double build_ms = cpu_ms() - start;
    struct address_counts counts = address_index_counts(index);
    double *spent = mem_alloc(KEYSTROKES * sizeof *spent), slowest = 0;
    size_t keystrokes = 0;
    char query[512], slowest_text[512] = "";
    for (size_t i = 0; i < QUERIES; i++) {
        query_text(town, query);
        keystrokes = type_query(index, query, spent, keystrokes, &slowest, slowest_text);
    }
    qsort(spent, keystrokes, sizeof *spent, by_value);
    double p50 = spent[keystrokes / 2], p99 = spent[keystrokes * 99 / 100];
    double bytes = (double)counts.bytes / (double)counts.premises;
    printf("%-28s %10zu on %zu streets in %zu settlements, %zu words\n", "premises",
           counts.premises, counts.streets, counts.settlements, counts.words);
    printf("%-28s %10.0f ms\n%-28s %10.1f MB, %.1f bytes a premise\n", "built in", build_ms,
           "memory", (double)counts.bytes / 1e6, bytes);
    printf("%-28s %10zu of %d queries\n", "keystrokes", keystrokes, QUERIES);
    printf("%-28s %10.2f ms\n%-28s %10.2f ms   (aim: 30)\n%-28s %10.2f ms   \"%s\"\n",
           "half of them within, CPU", p50, "99 of 100 within", p99, "slowest", slowest,
           slowest_text);
    printf("{\"bench\":\"search-keys\",\"premises\":%zu,\"streets\":%zu,\"words\":%zu,\"build_ms\":"
           "%.0f,"
           "\"bytes_per_premise\":%.1f,\"keystrokes\":%zu,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
           "\"max_ms\":%.3f}\n",
           counts.premises, counts.streets, counts.words, build_ms, bytes, keystrokes, p50, p99,
           slowest);
    for (size_t i = 0; i < town->name_count; i++)
        free(town->names[i]);
    free(town);
    free(spent);
    address_index_free(index);
    return p99 <= 30 ? 0 : 1;
}
