#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/crypto.h"

static void assert_hex(const uint8_t *digest, const char *wanted)
{
    char text[2 * CRYPTO_DIGEST_BYTES + 1];
    crypto_hex(digest, CRYPTO_DIGEST_BYTES, text);
    assert_string_equal(text, wanted);
}

// FIPS 180-4's examples.
static void sha256_agrees_with_its_standard(void **state)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES];
    (void)state;
    crypto_sha256("abc", 3, digest);
    assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256("", 0, digest);
    assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    crypto_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, digest);
    assert_hex(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_pair_is_hashed_as_one_text(void **state)
{
    static const char text[] = "abcdef";
    uint8_t whole[CRYPTO_DIGEST_BYTES], pair[CRYPTO_DIGEST_BYTES];
    (void)state;
    crypto_sha256("abcdef", 6, whole);
    for (size_t cut = 0; cut <= 6; cut++) {
        crypto_sha256_pair((struct slice){text, cut}, (struct slice){text + cut, 6 - cut}, pair);
        assert_memory_equal(whole, pair, sizeof whole);
    }
    crypto_sha256_pair((struct slice){NULL, 0}, slice_of("abcdef"), pair);
    assert_memory_equal(whole, pair, sizeof whole);
}

// RFC 4231, cases 1 to 3; keys are padded with 0 to the block by HMAC itself, so that a key of 32
// bytes with zeros behind is the same key.
static void hmac_agrees_with_its_standard(void **state)
{
    uint8_t key[CRYPTO_KEY_BYTES] = {0}, digest[CRYPTO_DIGEST_BYTES], text[50];
    (void)state;
    memset(key, 0x0b, 20);
    crypto_hmac(key, "Hi There", 8, digest);
    assert_hex(digest, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    memset(key, 0, sizeof key);
    memcpy(key, "Jefe", 4);
    crypto_hmac(key, "what do ya want for nothing?", 28, digest);
    assert_hex(digest, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0, sizeof key);
    memset(key, 0xaa, 20);
    memset(text, 0xdd, sizeof text);
    crypto_hmac(key, text, sizeof text, digest);
    assert_hex(digest, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
}

static void derived_keys_differ_by_their_label(void **state)
{
    const uint8_t master[CRYPTO_KEY_BYTES] = {1, 2, 3};
    uint8_t a[CRYPTO_KEY_BYTES], b[CRYPTO_KEY_BYTES], again[CRYPTO_KEY_BYTES];
    (void)state;
    crypto_derive(master, "personal", a);
    crypto_derive(master, "lookup", b);
    crypto_derive(master, "personal", again);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_equal(a, again, sizeof a);
    assert_memory_not_equal(a, master, sizeof a);
}

static const uint8_t key[CRYPTO_KEY_BYTES] = "0123456789abcdef0123456789abcde";
static const char plain[] = "Иванова, +7 912 555-01-41";

static void what_was_sealed_opens(void **state)
{
    (void)state;
    for (size_t length = 0; length <= sizeof plain; length++) {
        uint8_t sealed[sizeof plain + CRYPTO_SEAL_EXTRA_BYTES], opened[sizeof plain] = {0};
        crypto_seal(key, slice_of("17"), plain, length, sealed);
        assert_true(
            crypto_open(key, slice_of("17"), sealed, length + CRYPTO_SEAL_EXTRA_BYTES, opened));
        assert_memory_equal(opened, plain, length);
    }
}

static void any_changed_bit_is_found(void **state)
{
    uint8_t sealed[sizeof plain + CRYPTO_SEAL_EXTRA_BYTES], opened[sizeof plain];
    (void)state;
    crypto_seal(key, slice_of("17"), plain, sizeof plain, sealed);
    for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(crypto_open(key, slice_of("17"), sealed, sizeof sealed, opened));
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_true(crypto_open(key, slice_of("17"), sealed, sizeof sealed, opened));
}

static void a_sealed_text_cannot_be_moved_cut_or_opened_with_another_key(void **state)
{
    uint8_t sealed[sizeof plain + CRYPTO_SEAL_EXTRA_BYTES], opened[sizeof plain];
    uint8_t other[CRYPTO_KEY_BYTES];
    (void)state;
    memcpy(other, key, sizeof other);
    other[31] ^= 1;
    crypto_seal(key, slice_of("17"), plain, sizeof plain, sealed);
    assert_false(crypto_open(key, slice_of("18"), sealed, sizeof sealed, opened));
    assert_false(crypto_open(key, slice_of(""), sealed, sizeof sealed, opened));
    assert_false(crypto_open(other, slice_of("17"), sealed, sizeof sealed, opened));
    for (size_t length = 0; length < sizeof sealed; length++)
        assert_false(crypto_open(key, slice_of("17"), sealed, length, opened));
}

static void a_failed_opening_gives_nothing_away(void **state)
{
    uint8_t sealed[sizeof plain + CRYPTO_SEAL_EXTRA_BYTES], opened[sizeof plain];
    static const uint8_t nothing[sizeof plain];
    (void)state;
    crypto_seal(key, slice_of("17"), plain, sizeof plain, sealed);
    sealed[sizeof sealed - 1] ^= 1;
    memset(opened, 'x', sizeof opened);
    assert_false(crypto_open(key, slice_of("17"), sealed, sizeof sealed, opened));
    assert_memory_equal(opened, nothing, sizeof opened);
}

static void the_same_text_is_never_sealed_the_same(void **state)
{
    uint8_t a[sizeof plain + CRYPTO_SEAL_EXTRA_BYTES], b[sizeof a];
    (void)state;
    crypto_seal(key, slice_of("17"), plain, sizeof plain, a);
    crypto_seal(key, slice_of("17"), plain, sizeof plain, b);
    assert_memory_not_equal(a, b, sizeof a);
}

// NIST's vector (gcmEncryptExtIV256: key and nonce of zeros): our layout is nonce ‖ ciphertext ‖ tag.
static void a_foreign_ciphertext_opens(void **state)
{
    const uint8_t zeros[CRYPTO_KEY_BYTES] = {0};
    uint8_t sealed[16 + CRYPTO_SEAL_EXTRA_BYTES] = {0}, opened[16];
    (void)state;
    assert_true(crypto_unhex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919", 64,
                             sealed + 12, 32));
    assert_true(crypto_open(zeros, slice_of(""), sealed, sizeof sealed, opened));
    assert_memory_equal(opened, zeros, sizeof opened);
}

static void hex_reads_back_and_nothing_else_does(void **state)
{
    uint8_t bytes[4] = {0x00, 0x7f, 0xab, 0xff}, read[4];
    char text[9];
    (void)state;
    crypto_hex(bytes, sizeof bytes, text);
    assert_string_equal(text, "007fabff");
    assert_true(crypto_unhex(text, 8, read, sizeof read));
    assert_memory_equal(bytes, read, sizeof bytes);
    assert_true(crypto_unhex("007FABFF", 8, read, sizeof read));
    static const char *const wrong[] = {"007fabf",  "007fabff0", "007fabfg", "007fabf@",
                                        "007fabf`", " 07fabff",  "0x7fabff", ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(crypto_unhex(wrong[i], strlen(wrong[i]), read, sizeof read));
}

static void wiped_memory_is_zero(void **state)
{
    char secret[] = "secret";
    static const char nothing[sizeof secret];
    (void)state;
    crypto_wipe(secret, sizeof secret);
    assert_memory_equal(secret, nothing, sizeof secret);
}

// RFC 9562 §5.7: its example time, the version and the variant.
static void uuids_carry_their_time(void **state)
{
    char text[37], other[37];
    (void)state;
    for (int i = 0; i < 100; i++) {
        crypto_uuid7(0x017F22E279B0, text);
        assert_int_equal(strlen(text), 36);
        assert_memory_equal(text, "017f22e2-79b0-7", 15);
        assert_true(text[18] == '-' && text[23] == '-');
        assert_non_null(strchr("89ab", text[19]));
        assert_int_equal(strspn(text, "0123456789abcdef-"), 36);
    }
    crypto_uuid7(0x017F22E279B0, other);
    assert_string_not_equal(text, other);
    crypto_uuid7(0x017F22E279B1, other);
    assert_true(strcmp(text, other) < 0);
}

static void *hash_many(void *data)
{
    uint8_t digest[CRYPTO_DIGEST_BYTES], mac[CRYPTO_DIGEST_BYTES];
    bool *good = data;
    for (int i = 0; i < 2000 && *good; i++) {
        char text[16] = "";
        uint8_t sealed[sizeof text + CRYPTO_SEAL_EXTRA_BYTES], opened[sizeof text];
        crypto_sha256("abc", 3, digest);
        crypto_hmac(key, "abc", 3, mac);
        snprintf(text, sizeof text, "%d", i);
        crypto_seal(key, slice_of(text), text, sizeof text, sealed);
        *good = digest[0] == 0xba &&
                crypto_open(key, slice_of(text), sealed, sizeof sealed, opened) &&
                memcmp(text, opened, sizeof text) == 0;
    }
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    enum { THREADS = 4 };
    pthread_t threads[THREADS];
    bool good[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++) {
        good[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, hash_many, &good[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_true(good[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_agrees_with_its_standard),
        cmocka_unit_test(a_pair_is_hashed_as_one_text),
        cmocka_unit_test(hmac_agrees_with_its_standard),
        cmocka_unit_test(derived_keys_differ_by_their_label),
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(any_changed_bit_is_found),
        cmocka_unit_test(a_sealed_text_cannot_be_moved_cut_or_opened_with_another_key),
        cmocka_unit_test(a_failed_opening_gives_nothing_away),
        cmocka_unit_test(the_same_text_is_never_sealed_the_same),
        cmocka_unit_test(a_foreign_ciphertext_opens),
        cmocka_unit_test(hex_reads_back_and_nothing_else_does),
        cmocka_unit_test(wiped_memory_is_zero),
        cmocka_unit_test(uuids_carry_their_time),
        cmocka_unit_test(threads_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
