// GMime's parser, seen as Swift can use it: GObject's casts are macros, and its objects count their references.
//
// Nothing here writes mail, and nothing signs, decrypts or fetches: a mail is read from memory, once.

#ifndef DRIPD_CGMIME_SHIM_H
#define DRIPD_CGMIME_SHIM_H

#include <gmime/gmime.h>
#include <stddef.h>
#include <stdint.h>

/// What an object of a mail is.
enum drip_mime_kind { DRIP_MIME_LEAF, DRIP_MIME_MULTIPART, DRIP_MIME_MESSAGE, DRIP_MIME_OTHER };

/// Once, before any other call.
static inline void drip_mime_start(void) { g_mime_init(); }

/// Reads a whole mail; NULL where GMime finds none. The bytes are copied. Owned by the caller: `drip_mime_release`.
static inline GMimeMessage *_Nullable drip_mime_read(const uint8_t *_Nullable bytes, size_t length) {
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer((const char *)bytes, length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_object_unref(stream);
    g_mime_parser_set_persist_stream(parser, TRUE);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    return message;
}

static inline void drip_mime_release(GMimeMessage *_Nonnull message) { g_object_unref(message); }

static inline GMimeObject *_Nullable drip_mime_body(GMimeMessage *_Nonnull message) {
    return g_mime_message_get_mime_part(message);
}

static inline enum drip_mime_kind drip_mime_kind_of(GMimeObject *_Nonnull object) {
    if (GMIME_IS_MULTIPART(object)) {
        return DRIP_MIME_MULTIPART;
    }
    if (GMIME_IS_MESSAGE_PART(object)) {
        return DRIP_MIME_MESSAGE;
    }
    return GMIME_IS_PART(object) ? DRIP_MIME_LEAF : DRIP_MIME_OTHER;
}

static inline int drip_mime_child_count(GMimeObject *_Nonnull multipart) {
    return g_mime_multipart_get_count((GMimeMultipart *)multipart);
}

static inline GMimeObject *_Nullable drip_mime_child(GMimeObject *_Nonnull multipart, int index) {
    return g_mime_multipart_get_part((GMimeMultipart *)multipart, index);
}

/// The mail inside a `message/rfc822`.
static inline GMimeMessage *_Nullable drip_mime_inner(GMimeObject *_Nonnull message_part) {
    return g_mime_message_part_get_message((GMimeMessagePart *)message_part);
}

static inline GMimeObject *_Nonnull drip_mime_object(GMimeMessage *_Nonnull message) { return (GMimeObject *)message; }

/// `text`, or NULL.
static inline const char *_Nullable drip_mime_type(GMimeObject *_Nonnull object) {
    GMimeContentType *type = g_mime_object_get_content_type(object);
    return type == NULL ? NULL : g_mime_content_type_get_media_type(type);
}

/// `plain`, or NULL.
static inline const char *_Nullable drip_mime_subtype(GMimeObject *_Nonnull object) {
    GMimeContentType *type = g_mime_object_get_content_type(object);
    return type == NULL ? NULL : g_mime_content_type_get_media_subtype(type);
}

static inline const char *_Nullable drip_mime_parameter(GMimeObject *_Nonnull object, const char *_Nonnull name) {
    return g_mime_object_get_content_type_parameter(object, name);
}

static inline int drip_mime_header_count(GMimeObject *_Nonnull object) {
    return g_mime_header_list_get_count(g_mime_object_get_header_list(object));
}

static inline const char *_Nullable drip_mime_header_name(GMimeObject *_Nonnull object, int index) {
    return g_mime_header_get_name(g_mime_header_list_get_header_at(g_mime_object_get_header_list(object), index));
}

/// Unfolded, and its encoded words decoded to UTF-8.
static inline const char *_Nullable drip_mime_header_value(GMimeObject *_Nonnull object, int index) {
    return g_mime_header_get_value(g_mime_header_list_get_header_at(g_mime_object_get_header_list(object), index));
}

/// How many bytes a leaf's content can have, at most `most`: decoding makes none longer.
static inline size_t drip_mime_content_limit(GMimeObject *_Nonnull leaf, size_t most) {
    GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)leaf);
    GMimeStream *source = content == NULL ? NULL : g_mime_data_wrapper_get_stream(content);
    gint64 length = source == NULL ? 0 : g_mime_stream_length(source);
    return length < 0 || (guint64)length > most ? most : (size_t)length;
}

/// A leaf's content, its transfer encoding undone, into `buffer`: how many bytes, at most `capacity`; -1 when there is none.
static inline ptrdiff_t drip_mime_content(GMimeObject *_Nonnull leaf, uint8_t *_Nonnull buffer, size_t capacity) {
    GMimeDataWrapper *content = g_mime_part_get_content((GMimePart *)leaf);
    if (content == NULL) {
        return -1;
    }
    // The stream behind it is the mail's own and stands where the last reader left it.
    GMimeStream *source = g_mime_data_wrapper_get_stream(content);
    if (source == NULL) {
        return -1;
    }
    g_mime_stream_reset(source);
    GMimeStream *filtered = g_mime_stream_filter_new(source);
    GMimeContentEncoding encoding = g_mime_data_wrapper_get_encoding(content);
    if (encoding == GMIME_CONTENT_ENCODING_BASE64 || encoding == GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE ||
        encoding == GMIME_CONTENT_ENCODING_UUENCODE) {
        GMimeFilter *filter = g_mime_filter_basic_new(encoding, FALSE);
        g_mime_stream_filter_add((GMimeStreamFilter *)filtered, filter);
        g_object_unref(filter);
    }
    size_t length = 0;
    while (length < capacity) {
        ssize_t read = g_mime_stream_read(filtered, (char *)buffer + length, capacity - length);
        if (read <= 0) {
            break;
        }
        length += (size_t)read;
    }
    g_object_unref(filtered);
    return (ptrdiff_t)length;
}

/// These bytes of a named character set as UTF-8, NULL where the name or the bytes are no good; `drip_mime_free` it.
static inline char *_Nullable drip_mime_utf8(const char *_Nonnull charset, const uint8_t *_Nonnull bytes,
                                             size_t length, size_t *_Nonnull written) {
    return g_convert_with_fallback((const char *)bytes, (gssize)length, "UTF-8", g_mime_charset_iconv_name(charset), "?",
                                   NULL, written, NULL);
}

static inline void drip_mime_free(char *_Nullable text) { g_free(text); }

#endif
