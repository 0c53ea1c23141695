// Certificates made on the spot, and a TLS client: for tests.
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/broker/net/support.hpp"

namespace switchboard::net::testing {

struct free_openssl {
  void operator()(EVP_PKEY* k) const noexcept { EVP_PKEY_free(k); }
  void operator()(X509* c) const noexcept { X509_free(c); }
  void operator()(X509_CRL* c) const noexcept { X509_CRL_free(c); }
  void operator()(SSL_CTX* c) const noexcept { SSL_CTX_free(c); }
  void operator()(SSL* s) const noexcept { SSL_free(s); }
  void operator()(SSL_SESSION* s) const noexcept { SSL_SESSION_free(s); }
};
template <class T>
using openssl_ptr = std::unique_ptr<T, free_openssl>;

struct certificate {
  openssl_ptr<EVP_PKEY> key;
  openssl_ptr<X509> x509;
};

struct certificate_request {
  std::string common_name;
  std::string usage;                              // "serverAuth", "clientAuth"; empty: a certificate authority
  std::string alternative_names;                  // "DNS:localhost,IP:127.0.0.1"
  std::chrono::seconds from{-3600}, until{3600};  // relative to now
  bool authority = false;
};

certificate make_certificate(const certificate_request&, const certificate* issuer = nullptr);  // nullptr: signs itself
openssl_ptr<X509_CRL> make_revocation_list(const certificate& authority, const std::vector<const certificate*>& revoked,
                                           std::chrono::seconds until = std::chrono::hours(1));

// A directory of its own, removed with everything in it.
class scratch_directory {
 public:
  scratch_directory();
  ~scratch_directory();
  scratch_directory(const scratch_directory&) = delete;
  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  std::string write(const std::string& name, const std::string& text) const;
  std::string write(const std::string& name, const X509*, const X509* next = nullptr) const;
  std::string write(const std::string& name, const EVP_PKEY*) const;
  std::string write(const std::string& name, const X509_CRL*) const;

 private:
  std::filesystem::path directory_;
};

struct tls_client_settings {
  const certificate* trusted = nullptr;  // nullptr: any server certificate will do
  const certificate* own = nullptr;
  int max_version = 0;                 // TLS1_2_VERSION …
  std::vector<std::string> protocols;  // ALPN
  SSL_SESSION* resume = nullptr;
};

class tls_client {
 public:
  tls_client(std::uint16_t port, const tls_client_settings& = {});

  bool connected() const noexcept { return connected_; }
  // Sends a request and reads one response; nothing when the connection ended first. With TLS 1.3 a refused client
  // certificate shows only here.
  std::optional<response> ask(std::string_view bytes);
  bool closed_by_peer(bool properly);  // properly: with a close_notify
  std::string server_name() const;     // common name of the server's certificate
  std::string protocol() const;        // ALPN
  int version() const { return SSL_version(ssl_.get()); }
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  openssl_ptr<SSL_SESSION> session() const { return openssl_ptr<SSL_SESSION>(SSL_get1_session(ssl_.get())); }
  client& raw() noexcept { return tcp_; }

 private:
  client tcp_;
  openssl_ptr<SSL_CTX> context_;
  openssl_ptr<SSL> ssl_;
  bool connected_ = false;
};

}  // namespace switchboard::net::testing
