// What Swift cannot call in libcurl (variadic functions) and what Glibc's module does not export (epoll).
//
// One setter per kind of value. There is none for `int`: libcurl reads a true `long`, and an `int` passed through the
// variadic call would leave half of it undefined.

#ifndef DRIPD_CCURL_SHIM_H
#define DRIPD_CCURL_SHIM_H

#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

typedef size_t (*drip_bytes_callback)(char *_Nullable bytes, size_t size, size_t count, void *_Nullable context);
typedef int (*drip_progress_callback)(void *_Nullable context, curl_off_t download_total, curl_off_t downloaded,
                                      curl_off_t upload_total, curl_off_t uploaded);
typedef int (*drip_prerequest_callback)(void *_Nullable context, char *_Nullable primary_ip, char *_Nullable local_ip,
                                        int primary_port, int local_port);
/// Opens a socket for an address, or refuses it with -1.
typedef int (*drip_socket_callback)(void *_Nullable context, const void *_Nullable address, unsigned int length,
                                    int family, int type, int protocol);

/// A callback of one's own and its context, for `CURLOPT_OPENSOCKETFUNCTION`: the address stands at the end of libcurl's
/// structure and is longer than the structure says, which Swift could only reach by casts.
struct drip_socket_opener {
    drip_socket_callback _Nullable function;
    void *_Nullable context;
};

static inline curl_socket_t drip_open_socket(void *_Nullable opener, curlsocktype purpose,
                                             struct curl_sockaddr *_Nonnull address) {
    struct drip_socket_opener *own = opener;
    if (own == NULL || own->function == NULL || purpose != CURLSOCKTYPE_IPCXN) {
        return CURL_SOCKET_BAD;
    }
    int made = own->function(own->context, &address->addr, address->addrlen, address->family, address->socktype,
                             address->protocol);
    return made < 0 ? CURL_SOCKET_BAD : made;
}

static inline CURLcode drip_set_socket_opener(CURL *_Nonnull easy, struct drip_socket_opener *_Nonnull opener) {
    CURLcode code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, drip_open_socket);
    return code != CURLE_OK ? code : curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, opener);
}

static inline CURLcode drip_set_long(CURL *_Nonnull easy, CURLoption option, long value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode drip_set_string(CURL *_Nonnull easy, CURLoption option, const char *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode drip_set_offset(CURL *_Nonnull easy, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode drip_set_list(CURL *_Nonnull easy, CURLoption option, struct curl_slist *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode drip_set_pointer(CURL *_Nonnull easy, CURLoption option, void *_Nullable value) {
    return curl_easy_setopt(easy, option, value);
}

static inline CURLcode drip_set_write_function(CURL *_Nonnull easy, drip_bytes_callback _Nullable function) {
    return curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, function);
}

static inline CURLcode drip_set_header_function(CURL *_Nonnull easy, drip_bytes_callback _Nullable function) {
    return curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, function);
}

static inline CURLcode drip_set_progress_function(CURL *_Nonnull easy, drip_progress_callback _Nullable function) {
    return curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, function);
}

static inline CURLcode drip_set_prerequest_function(CURL *_Nonnull easy, drip_prerequest_callback _Nullable function) {
    return curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, function);
}

static inline CURLcode drip_get_long(CURL *_Nonnull easy, CURLINFO info, long *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode drip_get_offset(CURL *_Nonnull easy, CURLINFO info, curl_off_t *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode drip_get_socket(CURL *_Nonnull easy, CURLINFO info, curl_socket_t *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLcode drip_get_pointer(CURL *_Nonnull easy, CURLINFO info, void *_Nullable *_Nonnull value) {
    return curl_easy_getinfo(easy, info, value);
}

static inline CURLMcode drip_multi_set_long(CURLM *_Nonnull multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// The easy handle and the result of the next finished transfer; 0 when there is none.
///
/// `CURLMsg` holds a union, which Swift reads only through unsafe casts.
static inline int drip_multi_next_done(CURLM *_Nonnull multi, CURL *_Nullable *_Nonnull easy,
                                       CURLcode *_Nonnull result) {
    int left = 0;
    CURLMsg *message = curl_multi_info_read(multi, &left);
    while (message != NULL && message->msg != CURLMSG_DONE) {
        message = curl_multi_info_read(multi, &left);
    }
    if (message == NULL) {
        return 0;
    }
    *easy = message->easy_handle;
    *result = message->data.result;
    return 1;
}

/// Once, before any other call and before a second thread exists that uses libcurl.
static inline CURLcode drip_global_init(void) { return curl_global_init(CURL_GLOBAL_ALL); }

/// A socket that is ready, by the number it was registered with.
struct drip_ready {
    uint64_t token;
    uint32_t events;
};

enum { DRIP_READABLE = EPOLLIN, DRIP_WRITABLE = EPOLLOUT, DRIP_MOST_READY = 128 };

static inline int drip_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

/// Registers (`EPOLL_CTL_ADD`), changes (`EPOLL_CTL_MOD`) or removes (`EPOLL_CTL_DEL`) a socket; -1 with `errno`.
static inline int drip_epoll_control(int set, int operation, int socket, uint32_t events, uint64_t token) {
    struct epoll_event event;
    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.u64 = token;
    return epoll_ctl(set, operation, socket, &event);
}

/// Waits for at most so long, fills `ready` with at most `DRIP_MOST_READY` sockets, and returns how many; -1 with `errno`.
static inline int drip_epoll_wait(int set, struct drip_ready *_Nonnull ready, int timeout_milliseconds) {
    struct epoll_event events[DRIP_MOST_READY];
    int count;
    do {
        count = epoll_wait(set, events, DRIP_MOST_READY, timeout_milliseconds);
    } while (count < 0 && errno == EINTR);
    for (int i = 0; i < count; i++) {
        ready[i].token = events[i].data.u64;
        ready[i].events = events[i].events;
    }
    return count;
}

/// A bell for an epoll set: each `drip_bell_ring` makes it ready once. Edge-triggered, so that nobody has to read it.
static inline int drip_bell_create(int set, uint64_t token) {
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (bell >= 0 && drip_epoll_control(set, EPOLL_CTL_ADD, bell, EPOLLIN | EPOLLET, token) != 0) {
        close(bell);
        return -1;
    }
    return bell;
}

static inline void drip_bell_ring(int bell) {
    uint64_t one = 1;
    // Fails only when it has been rung 2^64 times; it is ready then as well.
    ssize_t ignored = write(bell, &one, sizeof one);
    (void)ignored;
}

/// Ignores SIGPIPE for the whole process: OpenSSL writes to closed sockets with plain `write`.
static inline void drip_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

#endif
