// zlib, with functions in place of its macros, which Swift cannot see.
#ifndef MARTLET_CZLIB_SHIM_H
#define MARTLET_CZLIB_SHIM_H

#define ZLIB_CONST
#include <string.h>
#include <zlib.h>

// Prepares a stream that writes the gzip format (RFC 1952): 16 above the window's size asks for it.
static inline int cz_gzip_start(z_stream *stream, int level) {
    memset(stream, 0, sizeof *stream);
    return deflateInit2(stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}

// The same stream for reading it.
static inline int cz_gunzip_start(z_stream *stream) {
    memset(stream, 0, sizeof *stream);
    return inflateInit2(stream, MAX_WBITS + 16);
}

#endif
