#include "broker/net/tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "broker/net/http_server.hpp"

namespace switchboard::net {
namespace {

struct free_bio {
  void operator()(BIO* b) const noexcept { BIO_free_all(b); }
};
struct free_context {
  void operator()(SSL_CTX* c) const noexcept { SSL_CTX_free(c); }
};
struct free_certificate {
  void operator()(X509* c) const noexcept { X509_free(c); }
};

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();  // the first says what happened, the last which library was asked
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return ::strerrordesc_np(ERR_GET_REASON(code));
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason ? reason : "unknown reason";
}

std::unexpected<tls_problem> wrong(tls_file which, std::string_view what, const std::string& file) {
  return std::unexpected(tls_problem{which, std::string(what) + " " + file + ": " + openssl_reason()});
}

int no_passphrase(char*, int, int, void*) { return -1; }

int select_protocol(SSL*, const unsigned char** out, unsigned char* out_length, const unsigned char* in,
                    unsigned int in_length, void*) {
  static constexpr unsigned char offered[] = "\x08http/1.1";
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_length, offered, sizeof offered - 1, in, in_length) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

std::expected<void, tls_problem> require_clients(SSL_CTX& context, const http_settings::tls& files) {
  if (SSL_CTX_load_verify_file(&context, files.client_ca_file.c_str()) != 1)
    return wrong(tls_file::client_ca, "cannot read the client authorities from", files.client_ca_file);
  auto* names = SSL_load_client_CA_file(files.client_ca_file.c_str());
  if (!names) return wrong(tls_file::client_ca, "cannot read the client authorities from", files.client_ca_file);
  SSL_CTX_set_client_CA_list(&context, names);
  SSL_CTX_set_verify(&context, SSL_VERIFY_PEER | (files.require_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  SSL_CTX_set_verify_depth(&context, 5);
  SSL_CTX_set_options(&context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(&context, 0);
  if (files.client_crl_file.empty()) return {};

  X509_STORE* store = SSL_CTX_get_cert_store(&context);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (!lookup || X509_load_crl_file(lookup, files.client_crl_file.c_str(), X509_FILETYPE_PEM) <= 0)
    return wrong(tls_file::client_crl, "cannot read the revocation lists from", files.client_crl_file);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return {};
}

}  // namespace

std::expected<tls_context, tls_problem> load_tls(const http_settings::tls& files) {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, free_context> context(SSL_CTX_new(TLS_server_method()));
  if (!context) return wrong(tls_file::certificate, "cannot set up TLS for", files.certificate_file);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  static constexpr unsigned char session_context[] = "switchboard";
  SSL_CTX_set_session_id_context(context.get(), session_context, sizeof session_context - 1);
  SSL_CTX_set_alpn_select_cb(context.get(), select_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context.get(), no_passphrase);

  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate_file.c_str()) != 1)
    return wrong(tls_file::certificate, "cannot read the certificate from", files.certificate_file);
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return wrong(tls_file::key, "cannot read the private key from", files.key_file);
  if (SSL_CTX_check_private_key(context.get()) != 1)
    return wrong(tls_file::key, "the private key does not belong to the certificate:", files.key_file);
  if (files.client_ca_file.empty()) {
    if (files.require_client || !files.client_crl_file.empty())
      return std::unexpected(
          tls_problem{tls_file::client_ca, "client certificates need an authority: set client_ca_file"});
    return tls_context(std::move(context));
  }
  if (auto done = require_clients(*context, files); !done) return std::unexpected(done.error());
  return tls_context(std::move(context));
}

std::string client_subject(const SSL* ssl) {
  const std::unique_ptr<X509, free_certificate> certificate(SSL_get1_peer_certificate(ssl));
  if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK) return {};
  const std::unique_ptr<BIO, free_bio> out(BIO_new(BIO_s_mem()));
  if (!out || X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate.get()), 0,
                                 XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) < 0)
    return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

bool blames_client_certificate(unsigned long error) noexcept {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL) return false;
  const int reason = ERR_GET_REASON(error);
  return reason == SSL_R_CERTIFICATE_VERIFY_FAILED || reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE;
}

}  // namespace switchboard::net
