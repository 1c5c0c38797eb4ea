// What verification and signing share.
#ifndef CSIGNATURES_PRIVATE_H
#define CSIGNATURES_PRIVATE_H
#include "CSignatures.h"
#include <openssl/evp.h>

// Octets of a coordinate of the largest curve, P-521.
enum { CS_FIELD_MAX = 66 };

// Octets of a coordinate by curve.
extern const int cs_fields[CS_CURVES];
// OpenSSL's names of the curves.
extern const char *const cs_curves[CS_CURVES];
// The name of an algorithm's digest.
const char *cs_digest(int algorithm);
// Padding and digests of an RSA signature in progress. 0 on failure.
int cs_set_padding(EVP_PKEY_CTX *work, int algorithm, const EVP_MD *digest);
void cs_clear_errors(void);
#endif
