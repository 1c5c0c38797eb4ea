// A verification key from inside.
#ifndef CSIGNATURES_KEY_H
#define CSIGNATURES_KEY_H
#include "csignatures_private.h"

struct cs_key {
    EVP_PKEY *public_key;
    // Octets of a coordinate; 0 when the key is on no curve of ECDSA.
    int field;
    // By digest: SHA-256, SHA-384, SHA-512. Each is initialised, and initialised again before it is used.
    EVP_MD_CTX *hashes[3];
    EVP_MAC_CTX *macs[3];
    // By algorithm, as far as prepared: all that is the same in each check.
    EVP_PKEY_CTX *checks[CS_ES512 + 1];
    EVP_MD_CTX *edwards;
};
#endif
