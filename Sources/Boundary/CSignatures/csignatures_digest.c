#include "CSignatures.h"

#include <openssl/evp.h>

int cs_sha256(const uint8_t *octets, size_t count, uint8_t *digest) {
    unsigned int length = 0;
    return EVP_Digest(octets, count, digest, &length, EVP_sha256(), NULL) == 1 && length == 32 ? 0 : -1;
}
