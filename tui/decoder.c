#include "tui/decoder.h"

#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/text.h"

#include <stdlib.h>
#include <string.h>

// What the bytes at the front of `waiting` are inside of.
enum state {
    STATE_GROUND,
    STATE_CSI_TAIL,    // a CSI too long to be kept: up to its final byte
    STATE_STRING,      // OSC, DCS, APC, PM, SOS: up to ST or BEL
    STATE_PASTE,       // up to ESC [201~
    STATE_MOUSE_BYTES, // the three bytes of an X10 mouse report
};

struct known {
    char bytes[DECODER_SEQUENCE_BYTES];
    enum input_key key;
    unsigned mods;
};

struct decoder {
    enum state state;
    struct buf waiting; // bytes not read yet; the first `read` of them are done with
    size_t read;
    struct buf paste;    // collected in STATE_PASTE
    struct buf released; // what the last INPUT_PASTE points to
    int mouse_bytes;
    int64_t pushed_ms; // when the last bytes came
    int64_t esc_ms;    // when a lone Esc was given up as such; 0 = none lately
    bool esc_due, paste_due, drop_due;
    struct known *known;
    size_t known_count, known_capacity;
    size_t swallowed;
};

// What take_*() made of the front.
enum taken { TAKEN_EVENT, TAKEN_NOTHING, TAKEN_MORE }; // an event; bytes without one; needs more

struct numbered {
    int number;
    enum input_key key;
};

static const struct numbered tilde_keys[] = {
    {1, INPUT_HOME},      {2, INPUT_INSERT}, {3, INPUT_DELETE}, {4, INPUT_END},  {5, INPUT_PAGE_UP},
    {6, INPUT_PAGE_DOWN}, {7, INPUT_HOME},   {8, INPUT_END},    {11, INPUT_F1},  {12, INPUT_F2},
    {13, INPUT_F3},       {14, INPUT_F4},    {15, INPUT_F5},    {17, INPUT_F6},  {18, INPUT_F7},
    {19, INPUT_F8},       {20, INPUT_F9},    {21, INPUT_F10},   {23, INPUT_F11}, {24, INPUT_F12},
};

static const struct numbered letter_keys[] = {
    {'A', INPUT_UP},   {'B', INPUT_DOWN}, {'C', INPUT_RIGHT}, {'D', INPUT_LEFT},
    {'H', INPUT_HOME}, {'F', INPUT_END},  {'P', INPUT_F1},    {'Q', INPUT_F2},
    {'R', INPUT_F3},   {'S', INPUT_F4},   {'M', INPUT_ENTER},
};

static enum input_key find_key(const struct numbered *table, size_t count, int number)
{
    for (size_t i = 0; i < count; i++)
        if (table[i].number == number)
            return table[i].key;
    return INPUT_NO_KEY;
}

#define FIND_KEY(table, number) find_key(table, sizeof table / sizeof *table, number)

struct decoder *decoder_new(void)
{
    return mem_alloc(sizeof(struct decoder));
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    buf_fini(&decoder->waiting);
    buf_fini(&decoder->paste);
    buf_fini(&decoder->released);
    free(decoder->known);
    free(decoder);
}

void decoder_add_sequence(struct decoder *decoder, const char *bytes, enum input_key key,
                          unsigned mods)
{
    if (!bytes || bytes[0] != '\033' || bytes[1] == '\0' || strlen(bytes) >= DECODER_SEQUENCE_BYTES)
        return;
    mem_grow((void **)&decoder->known, decoder->known_count, &decoder->known_capacity,
             sizeof *decoder->known);
    struct known *known = &decoder->known[decoder->known_count++];
    *known = (struct known){.key = key, .mods = mods};
    memcpy(known->bytes, bytes, strlen(bytes));
}

void decoder_push(struct decoder *decoder, const void *bytes, size_t length, int64_t now_ms)
{
    if (length == 0)
        return;
    if (decoder->read > 0) {
        size_t left = decoder->waiting.length - decoder->read;
        memmove(decoder->waiting.data, decoder->waiting.data + decoder->read, left);
        decoder->waiting.length = left;
        decoder->read = 0;
    }
    bool late = decoder->esc_ms != 0 && now_ms - decoder->esc_ms <= DECODER_LATE_MS;
    if (late && decoder->waiting.length == 0 && *(const char *)bytes == '[')
        buf_add_char(&decoder->waiting, '\033'); // invariant 5: torn by a slow link
    decoder->esc_ms = 0;
    decoder->esc_due = decoder->paste_due = decoder->drop_due = false;
    decoder->pushed_ms = now_ms;
    buf_add(&decoder->waiting, bytes, length);
}

static struct slice front(const struct decoder *decoder)
{
    return (struct slice){decoder->waiting.data + decoder->read,
                          decoder->waiting.length - decoder->read};
}

static enum taken take_key(struct decoder *decoder, size_t bytes, enum input_key key, unsigned mods,
                           struct input *input)
{
    decoder->read += bytes;
    *input = (struct input){.kind = INPUT_KEY, .key = key, .mods = mods};
    return TAKEN_EVENT;
}

static enum taken swallow(struct decoder *decoder, size_t bytes)
{
    decoder->read += bytes;
    decoder->swallowed++;
    return TAKEN_NOTHING;
}

static enum taken take_control(struct decoder *decoder, uint8_t byte, unsigned mods,
                               struct input *input)
{
    switch (byte) {
    case '\r':
    case '\n': return take_key(decoder, 1, INPUT_ENTER, mods, input);
    case '\t': return take_key(decoder, 1, INPUT_TAB, mods, input);
    case '\b':
    case 0x7F: return take_key(decoder, 1, INPUT_BACKSPACE, mods, input);
    default: break;
    }
    if (byte == 0 || byte > 26)
        return swallow(decoder, 1);
    decoder->read++;
    *input = (struct input){
        .kind = INPUT_RUNE, .mods = mods | INPUT_CTRL, .rune = (uint32_t)(byte - 1 + 'a')};
    return TAKEN_EVENT;
}

// A rune at `skip` bytes behind the front (behind an Esc).
static enum taken take_rune(struct decoder *decoder, size_t skip, unsigned mods,
                            struct input *input)
{
    struct slice text = front(decoder);
    text.data += skip;
    text.length -= skip;
    uint32_t rune;
    size_t length = text_decode(text, &rune);
    if (length == 1 && rune == TEXT_REPLACEMENT) {
        uint8_t lead = (uint8_t)*text.data;
        size_t wanted = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
        size_t tail = 1;
        while (tail < text.length && tail < wanted && ((uint8_t)text.data[tail] & 0xC0) == 0x80)
            tail++;
        if (lead <= 0xF4 && tail < wanted && tail == text.length)
            return TAKEN_MORE;
        return swallow(decoder, skip + 1);
    }
    if (rune >= 0x80 && text_forbidden(rune))
        return swallow(decoder, skip + length);
    decoder->read += skip + length;
    *input = (struct input){.kind = INPUT_RUNE, .mods = mods, .rune = rune};
    return TAKEN_EVENT;
}

static unsigned csi_mods(int parameter)
{
    if (parameter < 2 || parameter > 16)
        return 0;
    unsigned bits = (unsigned)parameter - 1;
    return (bits & 1 ? INPUT_SHIFT : 0U) | (bits & 2 ? INPUT_ALT : 0U) |
           (bits & 4 ? INPUT_CTRL : 0U);
}

// A whole CSI of `length` bytes, ESC [ included: plain digits and `;` only, else it is unknown.
static enum taken take_csi(struct decoder *decoder, struct slice csi, struct input *input)
{
    int numbers[2] = {0, 0};
    size_t count = 0;
    char final = csi.data[csi.length - 1];
    bool plain = true;
    for (size_t i = 2; i + 1 < csi.length; i++) {
        char byte = csi.data[i];
        if (byte == ';')
            count++;
        else if (byte >= '0' && byte <= '9' && count < 2 && numbers[count] < 1000)
            numbers[count] = numbers[count] * 10 + (byte - '0');
        else
            plain = false;
    }
    if (!plain || count > 1)
        return swallow(decoder, csi.length);
    unsigned mods = csi_mods(numbers[1]);
    if (final == 'n' && count == 0 && (numbers[0] == 0 || numbers[0] == 3)) {
        decoder->read += csi.length;
        *input = (struct input){.kind = INPUT_REPLY};
        return TAKEN_EVENT;
    }
    if (final == '~' && numbers[0] == 200) {
        decoder->read += csi.length;
        decoder->state = STATE_PASTE;
        buf_clear(&decoder->paste);
        return TAKEN_NOTHING;
    }
    if (final == 'Z' && csi.length == 3)
        return take_key(decoder, csi.length, INPUT_TAB, INPUT_SHIFT, input);
    if (final == 'M' && csi.length == 3) {
        decoder->state = STATE_MOUSE_BYTES;
        decoder->mouse_bytes = 3;
        return swallow(decoder, csi.length);
    }
    enum input_key key = INPUT_NO_KEY;
    if (final == '~')
        key = FIND_KEY(tilde_keys, numbers[0]);
    else if (final != 'M' && (csi.length == 3 || numbers[0] == 1))
        key = FIND_KEY(letter_keys, final);
    if (key != INPUT_NO_KEY)
        return take_key(decoder, csi.length, key, mods, input);
    return swallow(decoder, csi.length);
}

static enum taken take_known(struct decoder *decoder, struct slice text, struct input *input)
{
    bool may_become = false;
    for (size_t i = 0; i < decoder->known_count; i++) {
        const struct known *known = &decoder->known[i];
        size_t length = strlen(known->bytes);
        size_t common = length < text.length ? length : text.length;
        if (memcmp(known->bytes, text.data, common) != 0)
            continue;
        if (length <= text.length)
            return take_key(decoder, length, known->key, known->mods, input);
        may_become = true;
    }
    return may_become ? TAKEN_MORE : TAKEN_NOTHING;
}

static enum taken scan_csi(struct decoder *decoder, struct slice text, struct input *input)
{
    if (text.length > 2 && text.data[2] == '[') { // the Linux console's F1-F5
        if (text.length == 3)
            return TAKEN_MORE;
        char letter = text.data[3];
        if (letter >= 'A' && letter <= 'E')
            return take_key(decoder, 4, (enum input_key)(INPUT_F1 + (letter - 'A')), 0, input);
        return swallow(decoder, (uint8_t)letter < 0x20 || (uint8_t)letter > 0x7E ? 3 : 4);
    }
    for (size_t i = 2; i < text.length; i++) {
        uint8_t byte = (uint8_t)text.data[i];
        if (byte >= 0x40 && byte <= 0x7E)
            return take_csi(decoder, (struct slice){text.data, i + 1}, input);
        if (byte < 0x20 || byte > 0x7E) // broken off: what broke it is read on its own
            return swallow(decoder, i);
        if (i + 1 >= DECODER_SEQUENCE_BYTES) {
            decoder->state = STATE_CSI_TAIL;
            return swallow(decoder, i + 1);
        }
    }
    return TAKEN_MORE;
}

static enum taken scan_ss3(struct decoder *decoder, struct slice text, struct input *input)
{
    // ESC O 5 P: a digit is a modifier in old xterms.
    size_t at = 2;
    while (at < text.length && at < 4 &&
           ((text.data[at] >= '0' && text.data[at] <= '9') || text.data[at] == ';'))
        at++;
    if (at >= text.length)
        return TAKEN_MORE;
    uint8_t final = (uint8_t)text.data[at];
    if (final < 0x20 || final > 0x7E)
        return swallow(decoder, at);
    enum input_key key = FIND_KEY(letter_keys, final);
    unsigned mods = at > 2 ? csi_mods(text.data[at - 1] - '0') : 0;
    if (key != INPUT_NO_KEY)
        return take_key(decoder, at + 1, key, mods, input);
    return swallow(decoder, at + 1);
}

static enum taken take_escape(struct decoder *decoder, struct input *input)
{
    struct slice text = front(decoder);
    if (text.length == 1) {
        if (!decoder->esc_due)
            return TAKEN_MORE;
        decoder->esc_ms = decoder->pushed_ms + DECODER_ESC_MS;
        return take_key(decoder, 1, INPUT_ESC, 0, input);
    }
    uint8_t second = (uint8_t)text.data[1];
    bool sequence = second == '[' || second == 'O';
    enum taken taken = take_known(decoder, text, input);
    if (taken == TAKEN_EVENT || (taken == TAKEN_MORE && !decoder->drop_due))
        return taken;
    if (second == '[')
        taken = scan_csi(decoder, text, input);
    else if (second == 'O')
        taken = scan_ss3(decoder, text, input);
    if (sequence && taken == TAKEN_MORE && decoder->drop_due)
        return swallow(decoder, text.length);
    if (sequence)
        return taken;
    if (second == ']' || second == 'P' || second == '_' || second == '^' || second == 'X') {
        decoder->state = STATE_STRING;
        return swallow(decoder, 2);
    }
    if (second >= '0' && second <= '9') {
        int number = second == '0' ? 10 : second - '0';
        return take_key(decoder, 2, (enum input_key)(INPUT_F1 + number - 1), 0, input);
    }
    if (second < 0x20 || second == 0x7F) // Esc typed ahead of another key
        return take_key(decoder, 1, INPUT_ESC, 0, input);
    return take_rune(decoder, 1, INPUT_ALT, input);
}

static enum taken skip_csi_tail(struct decoder *decoder)
{
    struct slice text = front(decoder);
    size_t at = 0;
    while (at < text.length && text.data[at] >= 0x20 && text.data[at] < 0x40)
        at++;
    if (at < text.length) {
        at += text.data[at] >= 0x40 && text.data[at] <= 0x7E;
        decoder->state = STATE_GROUND;
    } else if (decoder->drop_due) {
        decoder->state = STATE_GROUND;
    }
    decoder->read += at;
    return TAKEN_NOTHING;
}

static enum taken skip_string(struct decoder *decoder)
{
    struct slice text = front(decoder);
    size_t at = 0;
    while (at < text.length && text.data[at] != '\a' && text.data[at] != '\030' &&
           text.data[at] != '\033')
        at++;
    decoder->read += at;
    if (at == text.length) {
        if (decoder->drop_due)
            decoder->state = STATE_GROUND;
        return TAKEN_NOTHING;
    }
    if (text.data[at] == '\033' && at + 1 == text.length && !decoder->drop_due)
        return TAKEN_MORE;
    decoder->state = STATE_GROUND;
    if (text.data[at] != '\033')
        decoder->read++;
    else if (at + 1 < text.length && text.data[at + 1] == '\\')
        decoder->read += 2;
    return TAKEN_NOTHING; // another sequence broke the string off: it is read on its own
}

static enum taken release_paste(struct decoder *decoder, struct input *input)
{
    buf_clear(&decoder->released);
    text_filter((struct slice){decoder->paste.data, decoder->paste.length}, &decoder->released);
    buf_clear(&decoder->paste);
    decoder->state = STATE_GROUND;
    *input = (struct input){.kind = INPUT_PASTE,
                            .paste = {buf_text(&decoder->released), decoder->released.length}};
    return TAKEN_EVENT;
}

static enum taken take_paste(struct decoder *decoder, struct input *input)
{
    static const char end[] = "\033[201~";
    struct slice text = front(decoder);
    size_t at = 0;
    while (at < text.length) {
        size_t left = text.length - at;
        size_t common = left < sizeof end - 1 ? left : sizeof end - 1;
        if (text.data[at] == '\033' && memcmp(text.data + at, end, common) == 0) {
            if (common == sizeof end - 1 || !decoder->paste_due)
                break;
        }
        if (decoder->paste.length < DECODER_PASTE_BYTES)
            buf_add_char(&decoder->paste, text.data[at]);
        at++;
    }
    decoder->read += at;
    if (text.length - at >= sizeof end - 1) {
        decoder->read += sizeof end - 1;
        return release_paste(decoder, input);
    }
    return decoder->paste_due ? release_paste(decoder, input) : TAKEN_MORE;
}

static enum taken take(struct decoder *decoder, struct input *input)
{
    switch (decoder->state) {
    case STATE_CSI_TAIL: return skip_csi_tail(decoder);
    case STATE_STRING: return skip_string(decoder);
    case STATE_PASTE: return take_paste(decoder, input);
    case STATE_MOUSE_BYTES:
        if (--decoder->mouse_bytes == 0)
            decoder->state = STATE_GROUND;
        decoder->read++;
        return TAKEN_NOTHING;
    case STATE_GROUND: break;
    }
    uint8_t byte = (uint8_t)*front(decoder).data;
    if (byte == '\033')
        return take_escape(decoder, input);
    if (byte < 0x20 || byte == 0x7F)
        return take_control(decoder, byte, 0, input);
    return take_rune(decoder, 0, 0, input);
}

bool decoder_next(struct decoder *decoder, struct input *input)
{
    bool pending = decoder->state == STATE_PASTE && decoder->paste_due;
    while (pending || front(decoder).length > 0) {
        pending = false;
        enum taken taken = take(decoder, input);
        if (taken != TAKEN_NOTHING)
            return taken == TAKEN_EVENT;
    }
    return false;
}

// The silence after which decoder_tick() acts; 0 = nothing is unfinished.
static int unfinished_ms(const struct decoder *decoder)
{
    struct slice text = front(decoder);
    switch (decoder->state) {
    case STATE_PASTE: return DECODER_PASTE_MS;
    case STATE_CSI_TAIL:
    case STATE_STRING:
    case STATE_MOUSE_BYTES: return DECODER_SEQUENCE_MS;
    case STATE_GROUND: break;
    }
    if (text.length == 0 || *text.data != '\033')
        return 0; // an unfinished rune may wait for ever
    return text.length == 1 ? DECODER_ESC_MS : DECODER_SEQUENCE_MS;
}

int decoder_timeout_ms(const struct decoder *decoder, int64_t now_ms)
{
    int silence_ms = unfinished_ms(decoder);
    if (silence_ms == 0)
        return -1;
    int64_t left_ms = decoder->pushed_ms + silence_ms - now_ms;
    return left_ms > 0 ? (int)left_ms : 0;
}

void decoder_tick(struct decoder *decoder, int64_t now_ms)
{
    int silence_ms = unfinished_ms(decoder);
    if (silence_ms == 0 || now_ms < decoder->pushed_ms + silence_ms)
        return;
    switch (decoder->state) {
    case STATE_PASTE: decoder->paste_due = true; break;
    case STATE_GROUND:
        decoder->esc_due = front(decoder).length == 1;
        decoder->drop_due = !decoder->esc_due;
        break;
    case STATE_STRING:
        decoder->drop_due = true;
        if (front(decoder).length == 0)
            decoder->state = STATE_GROUND;
        break;
    case STATE_CSI_TAIL:
    case STATE_MOUSE_BYTES: decoder->state = STATE_GROUND; break;
    }
}

size_t decoder_swallowed(const struct decoder *decoder)
{
    return decoder->swallowed;
}
