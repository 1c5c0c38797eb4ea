// What certificates and OCSP responses say, without OpenSSL's typed stacks and its clock.
#define _GNU_SOURCE
#include "COpenSSL.h"
#include <limits.h>
#include <string.h>
#include <time.h>

int co_each_alternative_name(
    const X509 *x, void *argument, void (*each)(void *argument, int kind, const uint8_t *octets, size_t count)) {
    GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
    if (!names) return 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        const ASN1_STRING *text = NULL;
        int kind = 0;
        switch (name->type) {
        case GEN_DNS: kind = CO_NAME_DNS, text = name->d.dNSName; break;
        case GEN_URI: kind = CO_NAME_URI, text = name->d.uniformResourceIdentifier; break;
        case GEN_EMAIL: kind = CO_NAME_EMAIL, text = name->d.rfc822Name; break;
        case GEN_IPADD: kind = CO_NAME_ADDRESS, text = name->d.iPAddress; break;
        default: continue;
        }
        int count = ASN1_STRING_length(text);
        if (count > 0) each(argument, kind, ASN1_STRING_get0_data(text), (size_t)count);
    }
    GENERAL_NAMES_free(names);
    return 1;
}

static char *take_text(BIO *bio, size_t *count) {
    char *inside = NULL, *text = NULL;
    long length = BIO_get_mem_data(bio, &inside);
    if (length >= 0 && (text = OPENSSL_malloc((size_t)length + 1))) {
        if (length) memcpy(text, inside, (size_t)length);
        text[length] = 0;
        *count = (size_t)length;
    }
    BIO_free(bio);
    return text;
}

char *co_name_text(const X509_NAME *name, size_t *count) {
    BIO *bio = BIO_new(BIO_s_mem());
    if (!bio) return NULL;
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0) {
        BIO_free(bio);
        return NULL;
    }
    return take_text(bio, count);
}

char *co_common_name(const X509 *x, size_t *count) {
    const X509_NAME *subject = X509_get_subject_name(x);
    int index = -1, last = -1;
    while ((index = X509_NAME_get_index_by_NID(subject, NID_commonName, index)) >= 0) last = index;
    if (last < 0) return NULL;
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)));
    if (length < 0) return NULL;
    *count = (size_t)length;
    return (char *)text;
}

int co_time_seconds(const ASN1_TIME *time, int64_t *seconds) {
    struct tm parts;
    if (!time || !ASN1_TIME_to_tm(time, &parts)) return 0;
    *seconds = timegm(&parts);
    return 1;
}

char *co_serial_text(const X509 *x) {
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
    if (!number) return NULL;
    char *text = BN_bn2hex(number);
    BN_free(number);
    return text;
}

int co_issued(X509 *issuer, X509 *subject) {
    if (X509_check_issued(issuer, subject) != X509_V_OK) return 0;
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    return key && X509_verify(subject, key) == 1;
}

static int no_password(char *room, int size, int writing, void *wants) {
    (void)room, (void)size, (void)writing;
    *(int *)wants = 1;
    return -1;
}

EVP_PKEY *co_read_key(BIO *pem, OSSL_LIB_CTX *library, int *wants_password) {
    return PEM_read_bio_PrivateKey_ex(pem, NULL, no_password, wants_password, library, NULL);
}

// The answer about the leaf, whatever digest the responder names certificates by; null when there is none.
static OCSP_SINGLERESP *answer_about(OCSP_BASICRESP *answers, X509 *leaf, X509 *issuer) {
    for (int i = 0; i < OCSP_resp_count(answers); i++) {
        OCSP_SINGLERESP *answer = OCSP_resp_get0(answers, i);
        OCSP_CERTID *id = (OCSP_CERTID *)OCSP_SINGLERESP_get0_id(answer);
        ASN1_OCTET_STRING *name_hash, *key_hash;
        ASN1_OBJECT *algorithm;
        ASN1_INTEGER *serial;
        if (!id || !OCSP_id_get0_info(&name_hash, &algorithm, &key_hash, &serial, id)) continue;
        if (ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(leaf)) != 0) continue;
        const EVP_MD *digest = EVP_get_digestbynid(OBJ_obj2nid(algorithm));
        if (!digest) continue;
        if (issuer) {
            OCSP_CERTID *expected = OCSP_cert_to_id(digest, leaf, issuer);
            int same = expected && OCSP_id_cmp(expected, id) == 0;
            OCSP_CERTID_free(expected);
            if (same) return answer;
            continue;
        }
        unsigned char hash[EVP_MAX_MD_SIZE];
        unsigned int length = 0;
        if (X509_NAME_digest(X509_get_issuer_name(leaf), digest, hash, &length)
            && (int)length == ASN1_STRING_length(name_hash)
            && memcmp(hash, ASN1_STRING_get0_data(name_hash), length) == 0)
            return answer;
    }
    return NULL;
}

static int signed_by(OCSP_BASICRESP *answers, X509 *issuer, int64_t now) {
    X509_STORE *trusted = X509_STORE_new();
    STACK_OF(X509) *known = sk_X509_new_null();
    int good = 0;
    if (trusted && known && X509_STORE_add_cert(trusted, issuer) && sk_X509_push(known, issuer)) {
        X509_STORE_set_flags(trusted, X509_V_FLAG_PARTIAL_CHAIN);
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(trusted), (time_t)now);
        good = OCSP_basic_verify(answers, known, trusted, 0) == 1;
    }
    sk_X509_free(known);
    X509_STORE_free(trusted);
    return good;
}

static int judge(
    OCSP_BASICRESP *answers, X509 *leaf, X509 *issuer, int64_t now, int64_t *this_update, int64_t *next_update) {
    OCSP_SINGLERESP *answer = answer_about(answers, leaf, issuer);
    if (!answer) return CO_OCSP_OTHER;
    ASN1_GENERALIZEDTIME *from = NULL, *until = NULL;
    int status = OCSP_single_get0_status(answer, NULL, NULL, &from, &until);
    if (!co_time_seconds(from, this_update)) return CO_OCSP_UNREADABLE;
    if (until && !co_time_seconds(until, next_update)) return CO_OCSP_UNREADABLE;
    if (issuer && !signed_by(answers, issuer, now)) return CO_OCSP_UNSIGNED;
    return status == V_OCSP_CERTSTATUS_GOOD ? CO_OCSP_GOOD
        : status == V_OCSP_CERTSTATUS_REVOKED ? CO_OCSP_REVOKED : CO_OCSP_UNKNOWN;
}

int co_check_ocsp(
    const uint8_t *octets, size_t count, X509 *leaf, X509 *issuer, int64_t now, int64_t *this_update, int64_t *next_update) {
    const unsigned char *at = octets;
    *this_update = *next_update = 0;
    OCSP_RESPONSE *response = count <= LONG_MAX ? d2i_OCSP_RESPONSE(NULL, &at, (long)count) : NULL;
    if (!response) return CO_OCSP_UNREADABLE;
    int verdict = CO_OCSP_UNSUCCESSFUL;
    if (OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        OCSP_BASICRESP *answers = OCSP_response_get1_basic(response);
        verdict = answers ? judge(answers, leaf, issuer, now, this_update, next_update) : CO_OCSP_UNREADABLE;
        OCSP_BASICRESP_free(answers);
    }
    OCSP_RESPONSE_free(response);
    return verdict;
}
