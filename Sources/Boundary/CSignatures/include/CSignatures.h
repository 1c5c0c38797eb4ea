// Signatures of tokens by OpenSSL's EVP. No type of OpenSSL is seen from outside: keys are handles, everything else is octets.
// OpenSSL's error queue is empty after each call.
#ifndef CSIGNATURES_H
#define CSIGNATURES_H
#include <stddef.h>
#include <stdint.h>

// The algorithms of RFC 7518 §3.1 and RFC 8037 §3.1. `Signatures` numbers them the same way.
enum {
    CS_RS256, CS_RS384, CS_RS512, CS_PS256, CS_PS384, CS_PS512, CS_ES256, CS_ES384, CS_ES512, CS_HS256, CS_HS384, CS_HS512,
    CS_EDDSA, CS_ALGORITHMS
};
enum { CS_P256, CS_P384, CS_P521, CS_CURVES };

// --- Verification ----------------------------------------------------------------------------------------------------
// A key with all that its algorithms need, made once. Used by one thread at a time.
struct cs_key;

// Each takes the set of algorithms to prepare, one bit for each number, all of which must be of the key's type. Null when the
// numbers are no key, or without memory. Free with cs_free.
struct cs_key *cs_rsa(const uint8_t *n, size_t n_count, const uint8_t *e, size_t e_count, unsigned algorithms);
// Coordinates of at most the field's size, without their leading zeros or with them.
struct cs_key *cs_elliptic(
    int curve, const uint8_t *x, size_t x_count, const uint8_t *y, size_t y_count, unsigned algorithms);
struct cs_key *cs_edwards(const uint8_t *x, size_t x_count, unsigned algorithms);
struct cs_key *cs_secret(const uint8_t *octets, size_t count, unsigned algorithms);
void cs_free(struct cs_key *key);
// 1 when the signature is good, else 0: a bad one, or an algorithm that was not prepared.
int cs_verify(
    struct cs_key *key, int algorithm, const uint8_t *signature, size_t signature_count, const uint8_t *input,
    size_t input_count);

// --- Development keys ------------------------------------------------------------------------------------------------
// A private key with its public half.
struct cs_pair;
enum { CS_PAIR_RSA, CS_PAIR_EC, CS_PAIR_ED25519 };
enum { CS_NUMBER_N, CS_NUMBER_E, CS_NUMBER_X, CS_NUMBER_Y };

// `detail`: bits of an RSA modulus, or one of CS_P256…; null on failure.
struct cs_pair *cs_generate(int kind, int detail);
void cs_free_pair(struct cs_pair *pair);
// PEM of the private half (`is_private`) or of the public one: how many octets it has; they are written when there is room.
size_t cs_pem(struct cs_pair *pair, int is_private, uint8_t *room, size_t room_count);
// A number of the public half, highest octet first, for a curve as long as its field; its octets, or 0 on failure.
size_t cs_number(struct cs_pair *pair, int which, uint8_t *room, size_t room_count);
// The signature as tokens carry it (ES: r and s); its octets, or 0 on failure.
size_t cs_sign(
    struct cs_pair *pair, int algorithm, const uint8_t *input, size_t input_count, uint8_t *room, size_t room_count);
// --- Digests ---------------------------------------------------------------------------------------------------------
struct cs_digester;

// Null without memory.
struct cs_digester *cs_new_digester(void);
void cs_free_digester(struct cs_digester *digester);
// SHA-256 of these octets, in four words as they lie in memory; 1, or 0 on failure.
int cs_sha256(struct cs_digester *digester, const uint8_t *octets, size_t count, uint64_t *words);

#endif
