// The transport below a session: one recv or send for each call of OpenSSL, and what they said kept for Swift.
#define _GNU_SOURCE
#include "COpenSSL.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

static int wire_write(BIO *bio, const char *octets, int count) {
    struct co_wire *wire = BIO_get_data(bio);
    ssize_t n;
    BIO_clear_retry_flags(bio);
    do n = send(wire->descriptor, octets, (size_t)count, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    if (n >= 0) return (int)n;
    if (errno == EAGAIN) BIO_set_retry_write(bio);
    else wire->error = errno;
    return -1;
}

static int wire_read(BIO *bio, char *octets, int count) {
    struct co_wire *wire = BIO_get_data(bio);
    ssize_t n;
    BIO_clear_retry_flags(bio);
    // A flood is ended by reading no more of it.
    if (wire->flooded) {
        wire->error = EPROTO;
        return -1;
    }
    do n = recv(wire->descriptor, octets, (size_t)count, 0);
    while (n < 0 && errno == EINTR);
    wire->drained = n < count;
    if (n > 0) return (int)n;
    if (n == 0) wire->ended = 1;
    else if (errno == EAGAIN) BIO_set_retry_read(bio);
    else wire->error = errno;
    return n == 0 ? 0 : -1;
}

static long wire_control(BIO *bio, int command, long number, void *pointer) {
    (void)bio, (void)number, (void)pointer;
    // BIO_CTRL_EOF stays 0: an end without close_notify is then a failed call that leaves the other direction usable, and not a
    // fatal error that sends an alert. `ended` tells it from the rest.
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP;
}

BIO_METHOD *co_wire_method(void) {
    BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK | 127, "wire");
    if (!method) return NULL;
    BIO_meth_set_write(method, wire_write);
    BIO_meth_set_read(method, wire_read);
    BIO_meth_set_ctrl(method, wire_control);
    return method;
}

// Counts messages that cost work and bring no content, and notes when a record of content has been sealed.
static void watch(int sending, int version, int type, const void *octets, size_t count, SSL *ssl, void *argument) {
    struct co_wire *wire = argument;
    const uint8_t *first = octets;
    (void)version, (void)ssl;
    if (!wire->established || count == 0) return;
    if (sending) {
        // In TLS 1.3 the header of every record claims content; the inner type, which follows, is the true one.
        if (type == SSL3_RT_HEADER || type == SSL3_RT_INNER_CONTENT_TYPE) wire->sealed = *first == SSL3_RT_APPLICATION_DATA;
        else if (type == SSL3_RT_ALERT && count == 2 && first[1] == SSL_AD_NO_RENEGOTIATION)
            wire->flooded |= ++wire->renegotiations > CO_RENEGOTIATIONS_MAX;
    } else if (type == SSL3_RT_HANDSHAKE) {
        if (*first == SSL3_MT_KEY_UPDATE)
            wire->flooded |= ++wire->key_updates > CO_KEY_UPDATES_MAX + wire->received / CO_KEY_UPDATE_SHARE;
        else if (*first == SSL3_MT_NEWSESSION_TICKET)
            wire->flooded |= ++wire->tickets > CO_TICKETS_MAX;
    }
}

int co_attach(SSL *ssl, struct co_wire *wire, const BIO_METHOD *method) {
    if (!SSL_set_ex_data(ssl, 0, wire)) return 0;
    SSL_set_msg_callback(ssl, watch);
    SSL_set_msg_callback_arg(ssl, wire);
    if (wire->offloads) return SSL_set_fd(ssl, wire->descriptor);
    BIO *bio = BIO_new(method);
    if (!bio) return 0;
    BIO_set_data(bio, wire);
    BIO_set_init(bio, 1);
    // One reference serves both directions.
    SSL_set_bio(ssl, bio, bio);
    return 1;
}

ptrdiff_t co_send(int fd, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec parts[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t n;
    do n = sendmsg(fd, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int co_prepare_ticket(
    EVP_CIPHER_CTX *cipher_state, EVP_MAC_CTX *mac_state, const EVP_CIPHER *cipher, const uint8_t *key, const uint8_t *iv,
    int sealing) {
    OSSL_PARAM digest[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0), OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_init(mac_state, key + CO_TICKET_NAME + 32, 32, digest) == 1
        && EVP_CipherInit_ex2(cipher_state, cipher, key + CO_TICKET_NAME, iv, sealing, NULL) == 1;
}
