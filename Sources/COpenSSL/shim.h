/* OpenSSL 3: signatures now, TLS later. Only TransportSecurity imports it. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

/* Swift does not import macros that combine others. */
enum { weft_evp_pkey_public_key = EVP_PKEY_PUBLIC_KEY };

/* The builder of parameters keeps these pointers; a Swift String would lend it one for the length of a call. */
static const char *const weft_rsa_modulus = OSSL_PKEY_PARAM_RSA_N;
static const char *const weft_rsa_exponent = OSSL_PKEY_PARAM_RSA_E;
static const char *const weft_ec_group = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const weft_ec_point = OSSL_PKEY_PARAM_PUB_KEY;
static const char *const weft_p256 = "prime256v1";
