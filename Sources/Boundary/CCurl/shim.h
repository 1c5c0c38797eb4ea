// libcurl, with plain functions in place of its variadic ones: Swift cannot call those, and here each value's type is fixed by the
// name of the function, as the kind of the option demands (long, pointer, function, 64 bits).
#ifndef MARTLET_CCURL_SHIM_H
#define MARTLET_CCURL_SHIM_H

// Handles are pointers to structures of their own, not to void, in every version of the library.
#define CURL_STRICTER
// The check looks at the macro's call, and there is none here.
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

static inline CURLcode cc_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

static inline CURLcode cc_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

// The library copies the text.
static inline CURLcode cc_set_text(CURL *handle, CURLoption option, const char *text) {
    return curl_easy_setopt(handle, option, text);
}

static inline CURLcode cc_set_pointer(CURL *handle, CURLoption option, void *pointer) {
    return curl_easy_setopt(handle, option, pointer);
}

// The list must live as long as the transfer.
static inline CURLcode cc_set_list(CURL *handle, CURLoption option, struct curl_slist *list) {
    return curl_easy_setopt(handle, option, list);
}

// Sets the body and copies it; its length first, for it may hold zeros.
static inline CURLcode cc_set_body(CURL *handle, const void *bytes, size_t count) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

typedef size_t (*cc_receiver)(char *bytes, size_t size, size_t count, void *context);

// What takes the lines of the head, and what takes the body; both with the same context.
static inline CURLcode cc_set_receivers(CURL *handle, cc_receiver line, cc_receiver body, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, line);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
    return code;
}

// What opens a socket for an address: a descriptor, or CURL_SOCKET_BAD.
static inline CURLcode cc_set_opener(CURL *handle, curl_opensocket_callback opener, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, opener);
    return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}

static inline long cc_get_long(CURL *handle, CURLINFO item) {
    long value = 0;
    return curl_easy_getinfo(handle, item, &value) == CURLE_OK ? value : 0;
}

static inline long long cc_get_wide(CURL *handle, CURLINFO item) {
    curl_off_t value = 0;
    return curl_easy_getinfo(handle, item, &value) == CURLE_OK ? (long long)value : 0;
}

static inline void *cc_get_pointer(CURL *handle, CURLINFO item) {
    char *value = NULL;
    return curl_easy_getinfo(handle, item, &value) == CURLE_OK ? value : NULL;
}

static inline CURLMcode cc_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// The next transfer that is over, with its result; NULL when there is none.
static inline CURL *cc_multi_next_done(CURLM *multi, CURLcode *result) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            *result = message->data.result;
            return message->easy_handle;
        }
    }
    return NULL;
}

#endif
