#include "CSignatures.h"

#include <openssl/evp.h>

// A context that is used again: OpenSSL 3.0 then takes memory once for each digest, not three times.
struct cs_digester *cs_new_digester(void) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    // Fetched once: the library would look it up for each digest.
    EVP_MD *algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!context || !algorithm || EVP_DigestInit_ex(context, algorithm, NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    EVP_MD_free(algorithm);
    return (struct cs_digester *)context;
}

void cs_free_digester(struct cs_digester *digester) { EVP_MD_CTX_free((EVP_MD_CTX *)digester); }

int cs_sha256(struct cs_digester *digester, const uint8_t *octets, size_t count, uint64_t *words) {
    EVP_MD_CTX *context = (EVP_MD_CTX *)digester;
    // Without a type the one it has is begun anew.
    if (EVP_DigestInit_ex(context, NULL, NULL) != 1 || EVP_DigestUpdate(context, octets, count) != 1) return 0;
    return EVP_DigestFinal_ex(context, (unsigned char *)words, NULL) == 1;
}
