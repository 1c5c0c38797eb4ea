// Private keys for development and tests: made, shown, used.
#include "csignatures_private.h"
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <string.h>

// The handle is OpenSSL's key itself.
static EVP_PKEY *key_of(struct cs_pair *pair) { return (EVP_PKEY *)pair; }

struct cs_pair *cs_generate(int kind, int detail) {
    EVP_PKEY *key = NULL;
    if (kind == CS_PAIR_RSA) key = EVP_RSA_gen((size_t)detail);
    else if (kind == CS_PAIR_EC) key = EVP_EC_gen(cs_curves[detail]);
    else key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    cs_clear_errors();
    return (struct cs_pair *)key;
}

void cs_free_pair(struct cs_pair *pair) { EVP_PKEY_free(key_of(pair)); }

size_t cs_pem(struct cs_pair *pair, int is_private, uint8_t *room, size_t room_count) {
    BIO *text = BIO_new(BIO_s_secmem());
    char *inside = NULL;
    size_t count = 0;
    if (text
        && (is_private ? PEM_write_bio_PrivateKey(text, key_of(pair), NULL, NULL, 0, NULL, NULL)
                       : PEM_write_bio_PUBKEY(text, key_of(pair)))) {
        count = (size_t)BIO_get_mem_data(text, &inside);
        if (count <= room_count) memcpy(room, inside, count);
    }
    BIO_free(text);
    cs_clear_errors();
    return count;
}

size_t cs_number(struct cs_pair *pair, int which, uint8_t *room, size_t room_count) {
    static const char *const rsa[] = {OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E};
    static const char *const curve[] = {OSSL_PKEY_PARAM_EC_PUB_X, OSSL_PKEY_PARAM_EC_PUB_Y};
    EVP_PKEY *key = key_of(pair);
    BIGNUM *number = NULL;
    size_t count = 0;
    if (EVP_PKEY_is_a(key, "ED25519")) {
        count = room_count;
        if (which != CS_NUMBER_X || !EVP_PKEY_get_raw_public_key(key, room, &count)) count = 0;
    } else if (which <= CS_NUMBER_E) {
        if (EVP_PKEY_get_bn_param(key, rsa[which], &number) && (size_t)BN_num_bytes(number) <= room_count)
            count = (size_t)BN_bn2bin(number, room);
    } else if (EVP_PKEY_get_bn_param(key, curve[which - CS_NUMBER_X], &number)) {
        int field = (EVP_PKEY_get_bits(key) + 7) / 8;
        if ((size_t)field <= room_count && BN_bn2binpad(number, room, field) == field) count = (size_t)field;
    }
    BN_free(number);
    cs_clear_errors();
    return count;
}

// Turns OpenSSL's sequence into r and s, in place.
static size_t raw_signature(EVP_PKEY *key, uint8_t *room, size_t count, size_t room_count) {
    int field = (EVP_PKEY_get_bits(key) + 7) / 8;
    const uint8_t *at = room;
    ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &at, (long)count);
    size_t written = 0;
    if (parts && 2 * (size_t)field <= room_count
        && BN_bn2binpad(ECDSA_SIG_get0_r(parts), room, field) == field
        && BN_bn2binpad(ECDSA_SIG_get0_s(parts), room + field, field) == field)
        written = 2 * (size_t)field;
    ECDSA_SIG_free(parts);
    return written;
}

size_t cs_sign(
    struct cs_pair *pair, int algorithm, const uint8_t *input, size_t input_count, uint8_t *room, size_t room_count) {
    EVP_PKEY *key = key_of(pair);
    EVP_MD_CTX *work = EVP_MD_CTX_new();
    EVP_MD *digest = algorithm == CS_EDDSA ? NULL : EVP_MD_fetch(NULL, cs_digest(algorithm), NULL);
    EVP_PKEY_CTX *padding = NULL;
    size_t count = room_count;
    int good = work && EVP_DigestSignInit_ex(work, &padding, digest ? cs_digest(algorithm) : NULL, NULL, NULL, key, NULL) > 0
        && (algorithm > CS_PS512 || cs_set_padding(padding, algorithm, digest))
        && EVP_DigestSign(work, room, &count, input, input_count) > 0;
    EVP_MD_CTX_free(work);
    EVP_MD_free(digest);
    if (!good) count = 0;
    else if (algorithm >= CS_ES256 && algorithm <= CS_ES512) count = raw_signature(key, room, count, room_count);
    cs_clear_errors();
    return count;
}
