#include "tui/decoder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/text.h"

// Events as text: "a", "^l" Ctrl, "M-a" Alt, "<F5>", "<S-Tab>", "[pasted]", "!" a reply.
static const char *const key_names[INPUT_KEY_COUNT] = {
    "",    "F1",   "F2",   "F3",  "F4",  "F5",    "F6",   "F7",    "F8",
    "F9",  "F10",  "F11",  "F12", "Up",  "Down",  "Left", "Right", "Home",
    "End", "PgUp", "PgDn", "Ins", "Del", "Enter", "Tab",  "BkSp",  "Esc"};

static void print_input(const struct input *input, struct buf *out)
{
    char bytes[4];
    switch (input->kind) {
    case INPUT_RUNE:
        buf_add_text(out, input->mods & INPUT_ALT ? "M-" : "");
        buf_add_text(out, input->mods & INPUT_CTRL ? "^" : "");
        buf_add(out, bytes, text_encode(input->rune, bytes));
        break;
    case INPUT_KEY:
        buf_printf(out, "<%s%s%s%s>", input->mods & INPUT_SHIFT ? "S-" : "",
                   input->mods & INPUT_ALT ? "M-" : "", input->mods & INPUT_CTRL ? "C-" : "",
                   key_names[input->key]);
        break;
    case INPUT_PASTE: buf_printf(out, "[%.*s]", (int)input->paste.length, input->paste.data); break;
    case INPUT_REPLY: buf_add_char(out, '!'); break;
    }
}

static void drain(struct decoder *decoder, struct buf *out)
{
    struct input input;
    while (decoder_next(decoder, &input))
        print_input(&input, out);
}

// Decodes `bytes` cut at `first` and `second`; then lets 10 s pass.
static char *decode_cut(const char *bytes, size_t length, size_t first, size_t second)
{
    struct decoder *decoder = decoder_new();
    struct buf out = {0};
    decoder_add_sequence(decoder, "\033OA", INPUT_UP, 0);
    decoder_add_sequence(decoder, "\033[[25~", INPUT_F11, 0); // a terminal's own
    decoder_push(decoder, bytes, first, 1000);
    drain(decoder, &out);
    decoder_push(decoder, bytes + first, second - first, 1001);
    drain(decoder, &out);
    decoder_push(decoder, bytes + second, length - second, 1002);
    drain(decoder, &out);
    for (int64_t now_ms = 1100; now_ms < 11000; now_ms += 100) {
        decoder_tick(decoder, now_ms);
        drain(decoder, &out);
    }
    assert_int_equal(decoder_timeout_ms(decoder, 11000), -1);
    decoder_free(decoder);
    char *text = strdup(buf_text(&out));
    buf_fini(&out);
    return text;
}

static void expect(const char *bytes, size_t length, const char *events)
{
    for (size_t first = 0; first <= length; first++)
        for (size_t second = first; second <= length; second++) {
            char *got = decode_cut(bytes, length, first, second);
            if (strcmp(got, events) != 0)
                print_error("%zu|%zu of %s\n", first, second, bytes);
            assert_string_equal(got, events);
            free(got);
        }
}

#define EXPECT(bytes, events) expect(bytes, sizeof(bytes) - 1, events)

static void every_split_of_cyrillic_gives_the_same_letters(void **state)
{
    (void)state;
    EXPECT("йЦу€𝄞", "йЦу€𝄞");
    EXPECT("е\xCC\x81щё", "е\xCC\x81щё");
}

static void the_fixed_tables_are_known_whatever_terminfo_says(void **state)
{
    (void)state;
    EXPECT("\033OP\033OQ\033OR\033OS", "<F1><F2><F3><F4>");
    EXPECT("\033[11~\033[12~\033[13~\033[14~", "<F1><F2><F3><F4>");
    EXPECT("\033[[A\033[[B\033[[C\033[[D\033[[E", "<F1><F2><F3><F4><F5>");
    EXPECT("\033[15~\033[17~\033[18~\033[19~\033[20~", "<F5><F6><F7><F8><F9>");
    EXPECT("\033[21~\033[23~\033[24~", "<F10><F11><F12>");
    EXPECT("\033[A\033OA\033[B\033OB\033[C\033[D", "<Up><Up><Down><Down><Right><Left>");
    EXPECT("\033[H\033[F\033[1~\033[4~\033[7~\033[8~\033OH\033OF",
           "<Home><End><Home><End><Home><End><Home><End>");
    EXPECT("\033[2~\033[3~\033[5~\033[6~", "<Ins><Del><PgUp><PgDn>");
    EXPECT("\033[1;5C\033[1;2A\033[3;3~\033[Z", "<C-Right><S-Up><M-Del><S-Tab>");
    EXPECT("\033OM\r\n\t\177\b", "<Enter><Enter><Enter><Tab><BkSp><BkSp>");
}

static void a_terminals_own_sequences_are_added(void **state)
{
    (void)state;
    EXPECT("\033[[25~a", "<F11>a");
}

static void escape_and_a_digit_is_a_function_key(void **state)
{
    (void)state;
    struct decoder *decoder = decoder_new();
    struct buf out = {0};
    decoder_push(decoder, "\0331\0339\0330\033a\033й", 11, 0);
    drain(decoder, &out);
    assert_string_equal(buf_text(&out), "<F1><F9><F10>M-aM-й");
    buf_fini(&out);
    decoder_free(decoder);
}

static void an_unknown_sequence_is_swallowed_whole(void **state)
{
    (void)state;
    EXPECT("x\033[999;9uy", "xy"); // ncurses hands these on as letters: a chain of commands
    EXPECT("x\033[<0;12;7My", "xy");
    EXPECT("x\033[M !!y", "xy");
    EXPECT("x\033[?1;2cy", "xy");
    EXPECT("x\033[Iy\033[Oz", "xyz");
    EXPECT("x\033Oyz", "xz");
    EXPECT("x\033]11;rgb:0000/0000/0000\033\\y", "xy");
    EXPECT("x\033]11;rgb:0000\ay", "xy");
    EXPECT("x\033P1$r0m\033\\y", "xy");
    EXPECT("x\033[38;2;1;2;3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25my", "xy");
    EXPECT("x\033[1\033[A", "x<Up>"); // broken off by another
}

static void an_unfinished_sequence_does_not_eat_what_comes_later(void **state)
{
    (void)state;
    struct decoder *decoder = decoder_new();
    struct buf out = {0};
    decoder_push(decoder, "\033[12", 4, 0);
    drain(decoder, &out);
    assert_int_equal(decoder_timeout_ms(decoder, 400), DECODER_SEQUENCE_MS - 400);
    decoder_tick(decoder, DECODER_SEQUENCE_MS);
    drain(decoder, &out);
    decoder_push(decoder, "a\033]title", 8, 2000);
    drain(decoder, &out);
    decoder_tick(decoder, 2000 + DECODER_SEQUENCE_MS);
    drain(decoder, &out);
    decoder_push(decoder, "b", 1, 4000);
    drain(decoder, &out);
    assert_string_equal(buf_text(&out), "ab");
    assert_true(decoder_swallowed(decoder) >= 2);
    buf_fini(&out);
    decoder_free(decoder);
}

static void a_lone_escape_is_a_key_after_25_ms(void **state)
{
    (void)state;
    struct decoder *decoder = decoder_new();
    struct input input;
    decoder_push(decoder, "\033", 1, 1000);
    assert_false(decoder_next(decoder, &input));
    assert_int_equal(decoder_timeout_ms(decoder, 1010), 15);
    decoder_tick(decoder, 1024);
    assert_false(decoder_next(decoder, &input));
    decoder_tick(decoder, 1025);
    assert_true(decoder_next(decoder, &input));
    assert_int_equal(input.key, INPUT_ESC);
    decoder_push(decoder, "a", 1, 1100);
    assert_true(decoder_next(decoder, &input));
    assert_int_equal(input.rune, 'a');
    assert_int_equal(input.mods, 0);
    decoder_free(decoder);
}

static void a_sequence_torn_by_a_slow_link_gives_no_letters(void **state)
{
    (void)state;
    struct decoder *decoder = decoder_new();
    struct buf out = {0};
    decoder_push(decoder, "\033", 1, 1000);
    decoder_tick(decoder, 1025);
    drain(decoder, &out);
    decoder_push(decoder, "[15~", 4, 1200);
    drain(decoder, &out);
    assert_string_equal(buf_text(&out), "<Esc><F5>");
    buf_fini(&out);
    decoder_free(decoder);
}

static void a_paste_is_one_filtered_event(void **state)
{
    (void)state;
    EXPECT("a\033[200~8 912\r\n555\033[A\t\xE2\x80\xAE!\033[201~b", "a[8 912 555[A !]b");
}

static void a_paste_without_end_is_released_after_2_s(void **state)
{
    (void)state;
    struct decoder *decoder = decoder_new();
    struct buf out = {0};
    decoder_push(decoder, "\033[200~abc\033[20", 13, 0);
    drain(decoder, &out);
    assert_int_equal(out.length, 0);
    decoder_tick(decoder, 1999);
    drain(decoder, &out);
    assert_int_equal(out.length, 0);
    decoder_tick(decoder, 2000);
    drain(decoder, &out);
    decoder_push(decoder, "q", 1, 3000);
    drain(decoder, &out);
    assert_string_equal(buf_text(&out), "[abc[20]q");
    buf_fini(&out);
    decoder_free(decoder);
}

static void a_status_reply_is_an_event(void **state)
{
    (void)state;
    EXPECT("a\033[0nb", "a!b");
}

static void bytes_that_are_no_text_are_dropped(void **state)
{
    (void)state;
    EXPECT("a\xFF\xC0\x80z", "az");
    EXPECT("a\xD0z", "az");
    EXPECT("a\xE2\x80\xAEz", "az"); // U+202E
    EXPECT("\001\032\034", "^a^z");
}

static void any_bytes_end_in_a_state_that_takes_letters(void **state)
{
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        static const char alphabet[] = "\033\033[]OP_~;0129ABMnu\a\\\x9b\xD0\xB9 a";
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = alphabet[(size_t)rand() % (sizeof alphabet - 1)];
        struct decoder *decoder = decoder_new();
        struct buf out = {0};
        decoder_push(decoder, bytes, sizeof bytes, 0);
        drain(decoder, &out);
        for (int64_t now_ms = 1000; now_ms <= 6000; now_ms += 1000) {
            decoder_tick(decoder, now_ms);
            drain(decoder, &out);
        }
        buf_clear(&out);
        decoder_push(decoder, "!q", 2, 7000);
        drain(decoder, &out);
        assert_non_null(strstr(buf_text(&out), "q"));
        buf_fini(&out);
        decoder_free(decoder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_split_of_cyrillic_gives_the_same_letters),
        cmocka_unit_test(the_fixed_tables_are_known_whatever_terminfo_says),
        cmocka_unit_test(a_terminals_own_sequences_are_added),
        cmocka_unit_test(escape_and_a_digit_is_a_function_key),
        cmocka_unit_test(an_unknown_sequence_is_swallowed_whole),
        cmocka_unit_test(an_unfinished_sequence_does_not_eat_what_comes_later),
        cmocka_unit_test(a_lone_escape_is_a_key_after_25_ms),
        cmocka_unit_test(a_sequence_torn_by_a_slow_link_gives_no_letters),
        cmocka_unit_test(a_paste_is_one_filtered_event),
        cmocka_unit_test(a_paste_without_end_is_released_after_2_s),
        cmocka_unit_test(a_status_reply_is_an_event),
        cmocka_unit_test(bytes_that_are_no_text_are_dropped),
        cmocka_unit_test(any_bytes_end_in_a_state_that_takes_letters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
