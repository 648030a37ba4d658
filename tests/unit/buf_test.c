#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"

static void a_buffer_is_always_a_string(void **state)
{
    struct buf buf = {0};
    (void)state;
    assert_string_equal(buf_text(&buf), "");
    buf_add(&buf, NULL, 0);
    assert_string_equal(buf_text(&buf), "");
    buf_add_text(&buf, "one");
    buf_add_char(&buf, ' ');
    buf_printf(&buf, "%s %d", "two", 3);
    assert_string_equal(buf.data, "one two 3");
    assert_int_equal(buf.length, 9);
    buf_clear(&buf);
    assert_string_equal(buf.data, "");
    assert_true(buf.capacity > 0);
    buf_fini(&buf);
    assert_null(buf.data);
    buf_add_text(&buf, "again");
    assert_string_equal(buf_text(&buf), "again");
    buf_fini(&buf);
}

static void it_grows_by_any_step(void **state)
{
    (void)state;
    for (size_t step = 1; step < 1000; step += 37) {
        struct buf buf = {0};
        char text[1000];
        memset(text, 'x', sizeof text);
        for (size_t i = 1; i <= 50; i++) {
            buf_add(&buf, text, step);
            assert_int_equal(buf.length, i * step);
            assert_int_equal(strlen(buf.data), buf.length);
        }
        buf_fini(&buf);
    }
}

static void bytes_of_any_value_fit(void **state)
{
    struct buf buf = {0};
    (void)state;
    buf_add(&buf, "a\0b", 3);
    assert_int_equal(buf.length, 3);
    assert_memory_equal(buf.data, "a\0b\0", 4);
    buf_fini(&buf);
}

static void a_caller_may_write_into_the_room(void **state)
{
    struct buf buf = {0};
    (void)state;
    buf_add_text(&buf, "at ");
    for (size_t wanted = 0; wanted < 300; wanted++) {
        char *room = buf_room(&buf, wanted);
        memset(room, 'y', wanted);
        buf_extend(&buf, wanted / 2);
        assert_int_equal(strlen(buf.data), buf.length);
    }
    buf_fini(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_buffer_is_always_a_string),
        cmocka_unit_test(it_grows_by_any_step),
        cmocka_unit_test(bytes_of_any_value_fit),
        cmocka_unit_test(a_caller_may_write_into_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
