/* PCRE2 on bytes: regular expressions of routes. Only Policy imports it, in one file. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
