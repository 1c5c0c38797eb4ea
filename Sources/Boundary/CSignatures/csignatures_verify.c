// The check of one signature: nothing is fetched, configured or parsed here that could have been before.
#include "csignatures_key.h"
#include <openssl/crypto.h>
#include <string.h>

// An integer in DER from a number with its highest octet first: the octets written, at most 3 more than the number has.
static size_t der_integer(uint8_t *out, const uint8_t *number, size_t count) {
    while (count > 1 && *number == 0) number++, count--;
    // A set highest bit would be a sign.
    size_t pad = *number >> 7;
    out[0] = 2;
    out[1] = (uint8_t)(count + pad);
    out[2] = 0;
    memcpy(out + 2 + pad, number, count);
    return 2 + pad + count;
}

enum { INTEGER_MAX = 3 + CS_FIELD_MAX, DER_MAX = 3 + 2 * INTEGER_MAX };

// r and s, each as long as the field (RFC 7518 §3.4), as the sequence that OpenSSL reads; its start is returned.
static const uint8_t *der_signature(uint8_t out[DER_MAX], const uint8_t *raw, size_t field, size_t *count) {
    uint8_t *content = out + 3;
    size_t inside = der_integer(content, raw, field);
    inside += der_integer(content + inside, raw + field, field);
    int is_long = inside > 127;
    uint8_t *start = content - 2 - is_long;
    start[0] = 0x30;
    if (is_long) start[1] = 0x81;
    content[-1] = (uint8_t)inside;
    *count = inside + 2 + (size_t)is_long;
    return start;
}

static int check_asymmetric(
    struct cs_key *key, int algorithm, const uint8_t *signature, size_t signature_count, const uint8_t *input,
    size_t input_count) {
    EVP_MD_CTX *hash = key->hashes[algorithm % 3];
    EVP_PKEY_CTX *check = key->checks[algorithm];
    uint8_t digest[EVP_MAX_MD_SIZE], der[DER_MAX];
    unsigned digest_count = 0;
    if (!check) return 0;
    if (algorithm >= CS_ES256) {
        size_t field = (size_t)key->field;
        if (signature_count != 2 * field) return 0;
        signature = der_signature(der, signature, field, &signature_count);
    }
    return EVP_DigestInit_ex2(hash, NULL, NULL) && EVP_DigestUpdate(hash, input, input_count)
        && EVP_DigestFinal_ex(hash, digest, &digest_count)
        && EVP_PKEY_verify(check, signature, signature_count, digest, digest_count) == 1;
}

static int check_mac(
    struct cs_key *key, int algorithm, const uint8_t *signature, size_t signature_count, const uint8_t *input,
    size_t input_count) {
    EVP_MAC_CTX *mac = key->macs[algorithm % 3];
    uint8_t expected[EVP_MAX_MD_SIZE];
    size_t count = 0;
    return mac && EVP_MAC_init(mac, NULL, 0, NULL) && EVP_MAC_update(mac, input, input_count)
        && EVP_MAC_final(mac, expected, &count, sizeof expected) && count == signature_count
        && CRYPTO_memcmp(expected, signature, count) == 0;
}

static int check_edwards(
    EVP_MD_CTX *work, const uint8_t *signature, size_t signature_count, const uint8_t *input, size_t input_count) {
    if (!work) return 0;
    // Later versions of OpenSSL mark a context as used up by its first check, though this one keeps nothing of it.
#ifdef EVP_MD_CTX_FLAG_FINALISED
    EVP_MD_CTX_clear_flags(work, EVP_MD_CTX_FLAG_FINALISED);
#endif
    return EVP_DigestVerify(work, signature, signature_count, input, input_count) == 1;
}

int cs_verify(
    struct cs_key *key, int algorithm, const uint8_t *signature, size_t signature_count, const uint8_t *input,
    size_t input_count) {
    int good = 0;
    if (algorithm < 0 || algorithm >= CS_ALGORITHMS || signature_count == 0) return 0;
    if (algorithm == CS_EDDSA) good = check_edwards(key->edwards, signature, signature_count, input, input_count);
    else if (algorithm >= CS_HS256) good = check_mac(key, algorithm, signature, signature_count, input, input_count);
    else good = check_asymmetric(key, algorithm, signature, signature_count, input, input_count);
    cs_clear_errors();
    return good;
}
