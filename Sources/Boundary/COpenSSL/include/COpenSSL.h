// OpenSSL for Swift: its headers, the macros and typed stacks that Swift cannot import, and the two places where a C function is
// the shortest way: the transport below a session and the watch over its messages.
#ifndef COPENSSL_H
#define COPENSSL_H
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stddef.h>
#include <stdint.h>

// What one session has beside its SSL object. The transport and the watch write it, Swift reads it after each call.
struct co_wire {
    // The context that made the session; it outlives the session.
    void *owner;
    // OpenSSL's code of the fatal error, and what the check of the peer's certificate said.
    uint64_t failure;
    long verdict;
    // Lower-case text of the server name: what the client asked for, or what the client side asks for. Owned, may be null.
    uint8_t *name;
    // Octets of content received, for the allowance of key updates.
    uint64_t received;
    // The socket, owned by someone else.
    int descriptor;
    // errno of the last failed system call; 0 when there was none.
    int error;
    // Octets of the record that OpenSSL holds half-sent, and of those how many were sent before the caller offered them.
    int pending;
    int ahead;
    // Index of the certificate entry that serves the session.
    int entry;
    // Messages after the handshake that cost work and bring no content.
    uint16_t key_updates;
    uint16_t tickets;
    uint16_t renegotiations;
    uint8_t name_count;
    // The name was found among the certificates.
    uint8_t name_is_served;
    // The last receive left the socket empty.
    uint8_t drained;
    // recv said 0.
    uint8_t ended;
    // A record of content was made in the current call.
    uint8_t sealed;
    // More unproductive messages than allowed.
    uint8_t flooded;
    // The handshake is complete.
    uint8_t established;
    // A fatal error happened: nothing but the end of the session may follow.
    uint8_t broken;
    // The socket's own BIO is used, because the kernel may take over the records.
    uint8_t offloads;
    // The last receive brought nothing, so that what OpenSSL still holds is only part of a record.
    uint8_t starved;
    // How the peer's direction ended: 0 not, 1 by close_notify, 2 without.
    uint8_t end;
    uint8_t reserved;
};

// Limits of unproductive messages, per session (RFC 8446 §4.6.3 and §4.6.1, RFC 5246 §7.4.1.1).
enum {
    CO_KEY_UPDATES_MAX = 32,            // and one more for each CO_KEY_UPDATE_SHARE octets of content
    CO_KEY_UPDATE_SHARE = 16 << 20,
    CO_TICKETS_MAX = 64,
    CO_RENEGOTIATIONS_MAX = 3
};

// The method of a BIO whose data is a co_wire; null without memory. Free with BIO_meth_free.
BIO_METHOD *co_wire_method(void);
// Puts the wire below the session. 0 without memory.
int co_attach(SSL *ssl, struct co_wire *wire, const BIO_METHOD *method);
// Sends octets past OpenSSL, for records that the kernel makes; -errno on failure.
ptrdiff_t co_send(int fd, const void *first, size_t first_count, const void *second, size_t second_count);

static inline struct co_wire *co_wire_of(const SSL *ssl) { return (struct co_wire *)SSL_get_ex_data(ssl, 0); }

// --- Macros of ssl.h -------------------------------------------------------------------------------------------------
static inline int co_set_versions(SSL_CTX *c, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(c, lowest) && SSL_CTX_set_max_proto_version(c, highest);
}
// What every context has: buffers only while there is something in them, whole reads, no negotiation anew, no compression, and the
// chain as it was given (OpenSSL would complete it from the authorities meant for the other side).
static inline void co_set_habits(SSL_CTX *c, int offloads) {
    // All suites are strong; ours is the order, but clients without AES in hardware, which put ChaCha20 first, get it.
    SSL_CTX_set_options(
        c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA |
               (offloads ? SSL_OP_ENABLE_KTLS : 0));
    SSL_CTX_set_mode(
        c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
            | SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_read_ahead(c, 1);
    // Each connection gives one ticket: a client that comes with six connections has six. Two would cost a full handshake 3 % more.
    SSL_CTX_set_num_tickets(c, 1);
}
// Nothing is kept inside OpenSSL; with `keeps` != 0 a client's callback is given its sessions.
static inline void co_set_cache(SSL_CTX *c, int keeps) {
    SSL_CTX_set_session_cache_mode(c, keeps ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL : SSL_SESS_CACHE_OFF);
}
static inline int co_forbid_tickets(SSL_CTX *c) {
    SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(c, 0);
}
static inline void co_set_max_cert_list(SSL_CTX *c, long octets) { SSL_CTX_set_max_cert_list(c, octets); }
static inline int co_set_groups(SSL_CTX *c, const char *list) { return (int)SSL_CTX_set1_groups_list(c, list); }
static inline int co_set_signatures(SSL_CTX *c, const char *list) {
    return SSL_CTX_set1_sigalgs_list(c, list) && SSL_CTX_set1_client_sigalgs_list(c, list);
}
static inline int co_add_chain_certificate(SSL_CTX *c, X509 *x) { return (int)SSL_CTX_add1_chain_cert(c, x); }
static inline int co_set_store(SSL_CTX *c, X509_STORE *s) {
    if (!X509_STORE_up_ref(s)) return 0;
    SSL_CTX_set_cert_store(c, s);
    return 1;
}
static inline STACK_OF(X509_NAME) *co_new_names(void) { return sk_X509_NAME_new_null(); }
static inline void co_add_name(STACK_OF(X509_NAME) *names, const X509 *x) {
    X509_NAME *copy = X509_NAME_dup(X509_get_subject_name(x));
    if (copy && !sk_X509_NAME_push(names, copy)) X509_NAME_free(copy);
}
static inline void co_free_names(STACK_OF(X509_NAME) *names) { sk_X509_NAME_pop_free(names, X509_NAME_free); }
// Names the authorities to clients; the context gets a copy.
static inline int co_set_client_authorities(SSL_CTX *c, const STACK_OF(X509_NAME) *names) {
    STACK_OF(X509_NAME) *copy = SSL_dup_CA_list(names);
    if (!copy) return 0;
    SSL_CTX_set_client_CA_list(c, copy);
    return 1;
}
static inline int co_set_server_name(SSL *s, const char *name) { return (int)SSL_set_tlsext_host_name(s, name); }
static inline int co_set_stapled(SSL *s, void *octets, long count) {
    return (int)SSL_set_tlsext_status_ocsp_resp(s, octets, count);
}
static inline void co_on_status(SSL_CTX *c, int (*callback)(SSL *, void *), void *argument) {
    SSL_CTX_set_tlsext_status_cb(c, callback);
    SSL_CTX_set_tlsext_status_arg(c, argument);
}
static inline void co_on_server_name(SSL_CTX *c, int (*callback)(SSL *, int *, void *), void *argument) {
    SSL_CTX_set_tlsext_servername_callback(c, callback);
    SSL_CTX_set_tlsext_servername_arg(c, argument);
}
static inline int co_sends_by_kernel(const SSL *s) { return BIO_get_ktls_send(SSL_get_wbio(s)) != 0; }
static inline int co_receives_by_kernel(const SSL *s) { return BIO_get_ktls_recv(SSL_get_rbio(s)) != 0; }
static inline int co_is_fatal_alert(int reason) { return reason >= SSL_AD_REASON_OFFSET; }
static inline void *co_malloc(size_t count) { return OPENSSL_malloc(count); }

// --- Session tickets -------------------------------------------------------------------------------------------------
// A key is its name, a key for AES-256-CBC and one for HMAC-SHA256, one behind the other.
enum { CO_TICKET_NAME = 16, CO_TICKET_KEY = 80 };

// Sets up both for sealing (`sealing` != 0) or opening a ticket; 0 on failure.
int co_prepare_ticket(
    EVP_CIPHER_CTX *cipher_state, EVP_MAC_CTX *mac_state, const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv,
    int sealing);

// --- Certificates ----------------------------------------------------------------------------------------------------
// The kinds of subject alternative names that are told apart.
enum { CO_NAME_DNS = 1, CO_NAME_URI = 2, CO_NAME_EMAIL = 3, CO_NAME_ADDRESS = 4 };

// Calls `each` with every alternative name of the certificate; 0 when it has no such extension, or an unreadable one.
int co_each_alternative_name(
    const X509 *x, void *argument, void (*each)(void *argument, int kind, const uint8_t *octets, size_t count));
// The text of a name in RFC 2253 form, printable ASCII alone; free with co_free. Null without memory.
char *co_name_text(const X509_NAME *name, size_t *count);
// The last common name of the subject as UTF-8; free with co_free. Null when there is none.
char *co_common_name(const X509 *x, size_t *count);
static inline void co_free(void *octets) { OPENSSL_free(octets); }
// Seconds since 1970 of a certificate's time; 0 when it is none.
int co_time_seconds(const ASN1_TIME *time, int64_t *seconds);
// The serial number in hexadecimal; free with co_free.
char *co_serial_text(const X509 *x);
// One certificate signed another, by names, identifiers and signature: 1 yes, 0 no.
int co_issued(X509 *issuer, X509 *subject);
// 1 when a password was asked for while the key was read.
EVP_PKEY *co_read_key(BIO *pem, OSSL_LIB_CTX *library, int *wants_password);

// How an OCSP response stands to a certificate.
enum {
    CO_OCSP_GOOD = 0,
    CO_OCSP_UNREADABLE,      // no OCSPResponse in DER
    CO_OCSP_UNSUCCESSFUL,    // the responder refused to answer
    CO_OCSP_OTHER,           // nothing in it is about this certificate
    CO_OCSP_REVOKED,
    CO_OCSP_UNKNOWN,         // the responder does not know the certificate
    CO_OCSP_UNSIGNED         // not signed by the issuer, nor by whom the issuer allows
};
// `issuer` may be null: then neither the issuer's key nor the signature is compared. `next_update` is 0 when there is none.
int co_check_ocsp(
    const uint8_t *octets, size_t count, X509 *leaf, X509 *issuer, int64_t now, int64_t *this_update, int64_t *next_update);
#endif
