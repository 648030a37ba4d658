// Bytes of a terminal: whatever they are, however they are split, no letter comes out of a sequence
// cut in two that does not come out of it whole, and the decoder always takes letters again.
#include "tui/decoder.h"
#include "lib/buf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add_events(struct decoder *decoder, struct buf *out)
{
    struct input input;
    while (decoder_next(decoder, &input)) {
        buf_printf(out, "%d/%u/%u/%d;", (int)input.kind, input.mods, input.rune, (int)input.key);
        buf_add(out, input.paste.data, input.kind == INPUT_PASTE ? input.paste.length : 0);
    }
}

static void decode(const uint8_t *data, size_t size, size_t cut, struct buf *out)
{
    struct decoder *decoder = decoder_new();
    decoder_push(decoder, data, cut, 1);
    add_events(decoder, out);
    decoder_push(decoder, data + cut, size - cut, 2);
    add_events(decoder, out);
    for (int64_t now_ms = 2000; now_ms <= 8000; now_ms += 1500) {
        decoder_tick(decoder, now_ms);
        add_events(decoder, out);
    }
    struct buf after = {0};
    decoder_push(decoder, "!q", 2, 9000);
    add_events(decoder, &after);
    assert(strstr(buf_text(&after), "/113/")); // q
    buf_fini(&after);
    decoder_free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole = {0};
    struct buf parts = {0};
    if (size > 4096)
        return 0;
    decode(data, size, 0, &whole);
    decode(data, size, size ? data[0] % size : 0, &parts);
    assert(whole.length == parts.length &&
           memcmp(buf_text(&whole), buf_text(&parts), whole.length) == 0);
    buf_fini(&whole);
    buf_fini(&parts);
    return 0;
}
