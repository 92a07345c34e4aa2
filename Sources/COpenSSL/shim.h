/* OpenSSL 3: signatures, certificates and TLS. Only TransportSecurity imports it. */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

/* Swift does not import macros that combine others. */
enum { weft_evp_pkey_public_key = EVP_PKEY_PUBLIC_KEY };

/* The builder of parameters keeps these pointers; a Swift String would lend it one for the length of a call. */
static const char *const weft_rsa_modulus = OSSL_PKEY_PARAM_RSA_N;
static const char *const weft_rsa_exponent = OSSL_PKEY_PARAM_RSA_E;
static const char *const weft_ec_group = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const weft_ec_point = OSSL_PKEY_PARAM_PUB_KEY;
static const char *const weft_p256 = "prime256v1";

/* Macros that Swift does not import, one function each. */
static inline long weft_context_set_versions(SSL_CTX *context, long least) {
  return SSL_CTX_set_min_proto_version(context, least) && SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
}
static inline void weft_context_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }
static inline void weft_context_set_cache_mode(SSL_CTX *context, long mode) {
  SSL_CTX_set_session_cache_mode(context, mode);
}
static inline long weft_context_set_groups(SSL_CTX *context, const char *list) {
  return SSL_CTX_set1_groups_list(context, list);
}
static inline long weft_context_set_signatures(SSL_CTX *context, const char *list) {
  return SSL_CTX_set1_sigalgs_list(context, list);
}
static inline long weft_context_add_chain(SSL_CTX *context, X509 *certificate) {
  return SSL_CTX_add1_chain_cert(context, certificate);
}
static inline long weft_context_set_ticket_keys(SSL_CTX *context, void *keys, long count) {
  return SSL_CTX_set_tlsext_ticket_keys(context, keys, count);
}
static inline int weft_certificate_count(const STACK_OF(X509) *stack) { return sk_X509_num(stack); }
static inline X509 *weft_certificate(const STACK_OF(X509) *stack, int index) { return sk_X509_value(stack, index); }
static inline int weft_name_count(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
/* The bytes of a URI name (RFC 5280 section 4.2.1.6), null for names of other kinds. */
static inline const unsigned char *weft_name_uri(const GENERAL_NAMES *names, int index, int *count) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  if (name->type != GEN_URI) return 0;
  *count = ASN1_STRING_length(name->d.uniformResourceIdentifier);
  return ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
}
static inline long weft_session_set_server_name(SSL *session, const char *name) {
  return SSL_set_tlsext_host_name(session, name);
}
static const unsigned int weft_no_partial_wildcards =
    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
static inline long weft_context_set_least_version(SSL_CTX *context, long least) {
  return SSL_CTX_set_min_proto_version(context, least);
}
static inline void weft_bio_retry_read(BIO *bio) { BIO_set_retry_read(bio); }
static inline void weft_bio_retry_write(BIO *bio) { BIO_set_retry_write(bio); }
static inline void weft_bio_clear_retry(BIO *bio) { BIO_clear_retry_flags(bio); }
static inline long weft_context_set_chain_bytes(SSL_CTX *context, long most) {
  return SSL_CTX_set_max_cert_list(context, most);
}
/* As OpenSSL itself tells of a client without a protocol in common. */
static inline void weft_raise_no_protocol(void) { ERR_raise(ERR_LIB_SSL, SSL_R_NO_APPLICATION_PROTOCOL); }
static const uint64_t weft_no_renegotiation = SSL_OP_NO_RENEGOTIATION;
static const uint64_t weft_server_preference = SSL_OP_CIPHER_SERVER_PREFERENCE;
/* Where a session keeps what it belongs to: SSL_set_app_data(3) is a macro for it. */
enum { weft_app_data = 0 };
