/* A peer that asks for new keys without end (RFC 8446 section 4.6.3) and reads none of the answers; Python's ssl cannot.
   Usage: key_updates ADDRESS PORT DIRECTORY     DIRECTORY as `weft identity fetch --out` fills it.
          key_updates ADDRESS PORT CHAIN KEY    a server of one connection, which says `listening` first
   It says `open`, and `enough N` once the other side has ended the connection after N of them. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char beginning[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0";

/* Asks for new keys until the other side has had enough. */
static int flood(SSL *session) {
  puts("open");
  fflush(stdout);
  for (long number = 0; number < 5000000; number++) {
    if (SSL_key_update(session, SSL_KEY_UPDATE_REQUESTED) == 1 && SSL_do_handshake(session) == 1) continue;
    printf("enough %ld\n", number);
    return 0;
  }
  puts("all");
  return 0;
}

static SSL_CTX *context_with(const SSL_METHOD *method, const char *chain, const char *key) {
  SSL_CTX *context = SSL_CTX_new(method);
  if (SSL_CTX_use_certificate_chain_file(context, chain) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
    exit(3);
  return context;
}

static int serve(int listener, const struct sockaddr_in *at, const char *chain, const char *key) {
  SSL_CTX *context = context_with(TLS_server_method(), chain, key);
  int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(listener, (const struct sockaddr *)at, sizeof *at) || listen(listener, 1)) return 4;
  puts("listening");
  fflush(stdout);
  SSL *session = SSL_new(context);
  SSL_set_fd(session, accept(listener, NULL, NULL));
  return SSL_accept(session) == 1 ? flood(session) : 5;
}

int main(int count, char **words) {
  char certificate[4096], key[4096];
  int small = 4096;
  struct sockaddr_in to = {.sin_family = AF_INET};
  if (count != 4 && count != 5) return 2;
  signal(SIGPIPE, SIG_IGN);
  to.sin_port = htons(atoi(words[2]));
  inet_pton(AF_INET, words[1], &to.sin_addr);
  int connection = socket(AF_INET, SOCK_STREAM, 0);
  /* What is not read waits at the other side. */
  setsockopt(connection, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  if (count == 5) return serve(connection, &to, words[3], words[4]);
  snprintf(certificate, sizeof certificate, "%s/svid.pem", words[3]);
  snprintf(key, sizeof key, "%s/svid_key.pem", words[3]);
  SSL_CTX *context = context_with(TLS_client_method(), certificate, key);
  if (SSL_CTX_set_alpn_protos(context, (const unsigned char *)"\2h2", 3) != 0) return 3;
  if (connect(connection, (struct sockaddr *)&to, sizeof to)) return 4;
  SSL *session = SSL_new(context);
  SSL_set_fd(session, connection);
  if (SSL_connect(session) != 1 || SSL_write(session, beginning, sizeof beginning) != sizeof beginning) return 5;
  return flood(session);
}
