/* libnghttp2: HTTP/2 framing and HPACK. Only HTTP2 imports it. */
#include <nghttp2/nghttp2.h>
