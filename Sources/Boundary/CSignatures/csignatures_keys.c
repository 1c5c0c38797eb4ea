// Public keys from their numbers.
#include "csignatures_key.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

const int cs_fields[CS_CURVES] = {32, 48, 66};
const char *const cs_curves[CS_CURVES] = {"P-256", "P-384", "P-521"};

const char *cs_digest(int algorithm) {
    static const char *const names[] = {"SHA256", "SHA384", "SHA512"};
    return names[algorithm % 3];
}

void cs_clear_errors(void) {
    if (ERR_peek_error()) ERR_clear_error();
}

int cs_set_padding(EVP_PKEY_CTX *work, int algorithm, const EVP_MD *digest) {
    if (algorithm <= CS_RS512) return EVP_PKEY_CTX_set_rsa_padding(work, RSA_PKCS1_PADDING) > 0;
    // The salt is as long as the digest, and the mask is made with the same one (RFC 7518 §3.5).
    return EVP_PKEY_CTX_set_rsa_padding(work, RSA_PKCS1_PSS_PADDING) > 0
        && EVP_PKEY_CTX_set_rsa_pss_saltlen(work, RSA_PSS_SALTLEN_DIGEST) > 0
        && EVP_PKEY_CTX_set_rsa_mgf1_md(work, digest) > 0;
}

// Digest and signature check of one algorithm.
static int prepare_check(struct cs_key *key, int algorithm) {
    EVP_MD *digest = EVP_MD_fetch(NULL, cs_digest(algorithm), NULL);
    EVP_MD_CTX **hash = &key->hashes[algorithm % 3];
    EVP_PKEY_CTX *check = key->checks[algorithm] = EVP_PKEY_CTX_new_from_pkey(NULL, key->public_key, NULL);
    int good = digest && check && EVP_PKEY_verify_init(check) > 0 && EVP_PKEY_CTX_set_signature_md(check, digest) > 0
        && (algorithm > CS_PS512 || cs_set_padding(check, algorithm, digest))
        && (*hash || (*hash = EVP_MD_CTX_new())) && EVP_DigestInit_ex2(*hash, digest, NULL);
    EVP_MD_free(digest);
    return good;
}

static int prepare_mac(struct cs_key *key, int algorithm, const uint8_t *octets, size_t count) {
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)cs_digest(algorithm), 0), OSSL_PARAM_construct_end()};
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *work = key->macs[algorithm % 3] = mac ? EVP_MAC_CTX_new(mac) : NULL;
    EVP_MAC_free(mac);
    return work && EVP_MAC_init(work, octets, count, parameters);
}

static int prepare_edwards(struct cs_key *key) {
    key->edwards = EVP_MD_CTX_new();
    return key->edwards && EVP_DigestVerifyInit(key->edwards, NULL, NULL, NULL, key->public_key) > 0;
}

// Takes the public key over; null in place of a key that cannot be prepared.
static struct cs_key *prepared(EVP_PKEY *public_key, int field, unsigned algorithms) {
    struct cs_key *key = public_key ? OPENSSL_zalloc(sizeof *key) : NULL;
    int good = key != NULL;
    if (key) {
        key->public_key = public_key;
        key->field = field;
    } else EVP_PKEY_free(public_key);
    for (int algorithm = 0; good && algorithm < CS_ALGORITHMS; algorithm++) {
        if (!(algorithms >> algorithm & 1)) continue;
        good = algorithm == CS_EDDSA ? prepare_edwards(key) : algorithm <= CS_ES512 && prepare_check(key, algorithm);
    }
    if (!good) {
        cs_free(key);
        key = NULL;
    }
    cs_clear_errors();
    return key;
}

// A public key of this type from a builder's parameters, checked; null when they are none.
static EVP_PKEY *built(const char *type, OSSL_PARAM_BLD *builder) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *work = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (!parameters || !work || EVP_PKEY_fromdata_init(work) <= 0
        || EVP_PKEY_fromdata(work, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        key = NULL;
    EVP_PKEY_CTX_free(work);
    OSSL_PARAM_free(parameters);
    return key;
}

struct cs_key *cs_rsa(const uint8_t *n, size_t n_count, const uint8_t *e, size_t e_count, unsigned algorithms) {
    BIGNUM *modulus = BN_bin2bn(n, (int)n_count, NULL), *exponent = BN_bin2bn(e, (int)e_count, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (modulus && exponent && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent))
        key = built("RSA", builder);
    OSSL_PARAM_BLD_free(builder);
    BN_free(modulus);
    BN_free(exponent);
    return prepared(key, 0, algorithms);
}

struct cs_key *cs_elliptic(
    int curve, const uint8_t *x, size_t x_count, const uint8_t *y, size_t y_count, unsigned algorithms) {
    size_t field = (size_t)cs_fields[curve];
    uint8_t point[1 + 2 * CS_FIELD_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    if (x_count > field || y_count > field) return NULL;
    memcpy(point + 1 + field - x_count, x, x_count);
    memcpy(point + 1 + 2 * field - y_count, y, y_count);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    // OpenSSL refuses a point that is not on the curve.
    if (builder && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, cs_curves[curve], 0)
        && OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * field))
        key = built("EC", builder);
    OSSL_PARAM_BLD_free(builder);
    return prepared(key, (int)field, algorithms);
}

struct cs_key *cs_edwards(const uint8_t *x, size_t x_count, unsigned algorithms) {
    return prepared(EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x, x_count), 0, algorithms);
}

struct cs_key *cs_secret(const uint8_t *octets, size_t count, unsigned algorithms) {
    struct cs_key *key = OPENSSL_zalloc(sizeof *key);
    int good = key != NULL;
    for (int algorithm = CS_HS256; good && algorithm <= CS_HS512; algorithm++)
        if (algorithms >> algorithm & 1) good = prepare_mac(key, algorithm, octets, count);
    if (!good) {
        cs_free(key);
        key = NULL;
    }
    cs_clear_errors();
    return key;
}

void cs_free(struct cs_key *key) {
    if (!key) return;
    for (int i = 0; i < 3; i++) {
        EVP_MD_CTX_free(key->hashes[i]);
        EVP_MAC_CTX_free(key->macs[i]);
    }
    for (int i = 0; i <= CS_ES512; i++) EVP_PKEY_CTX_free(key->checks[i]);
    EVP_MD_CTX_free(key->edwards);
    EVP_PKEY_free(key->public_key);
    OPENSSL_free(key);
}
