#include "tests/broker/net/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <atomic>
#include <fstream>

namespace switchboard::net::testing {
namespace {

struct free_extension {
  void operator()(X509_EXTENSION* e) const noexcept { X509_EXTENSION_free(e); }
};

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, free_extension> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  if (!extension) throw std::runtime_error("bad extension " + value);
  X509_add_ext(certificate, extension.get(), -1);
}

template <class Write>
std::string to_pem(Write&& write) {
  BIO* out = BIO_new(BIO_s_mem());
  write(out);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out, &text);
  std::string pem(text, static_cast<std::size_t>(size));
  BIO_free(out);
  return pem;
}

}  // namespace

certificate make_certificate(const certificate_request& wanted, const certificate* issuer) {
  static std::atomic<long> serial = 1;
  certificate made{openssl_ptr<EVP_PKEY>(EVP_EC_gen("P-256")), openssl_ptr<X509>(X509_new())};
  X509* c = made.x509.get();
  X509_set_version(c, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(c), serial++);
  X509_gmtime_adj(X509_getm_notBefore(c), wanted.from.count());
  X509_gmtime_adj(X509_getm_notAfter(c), wanted.until.count());
  X509_set_pubkey(c, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "O", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>("Test"), -1, -1, 0);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wanted.common_name.c_str()), -1, -1, 0);
  X509* signer = issuer ? issuer->x509.get() : c;
  X509_set_issuer_name(c, X509_get_subject_name(signer));
  add_extension(c, signer, NID_basic_constraints, wanted.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  add_extension(c, signer, NID_key_usage,
                wanted.authority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature");
  add_extension(c, signer, NID_subject_key_identifier, "hash");
  if (issuer) add_extension(c, signer, NID_authority_key_identifier, "keyid");
  if (!wanted.usage.empty()) add_extension(c, signer, NID_ext_key_usage, wanted.usage);
  if (!wanted.alternative_names.empty()) add_extension(c, signer, NID_subject_alt_name, wanted.alternative_names);
  X509_sign(c, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

openssl_ptr<X509_CRL> make_revocation_list(const certificate& authority, const std::vector<const certificate*>& revoked,
                                           std::chrono::seconds until) {
  openssl_ptr<X509_CRL> list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(authority.x509.get()));
  ASN1_TIME* time = ASN1_TIME_new();
  X509_gmtime_adj(time, -7200);
  X509_CRL_set1_lastUpdate(list.get(), time);
  for (const auto* c : revoked) {
    X509_REVOKED* entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(c->x509.get()));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(list.get(), entry);
  }
  X509_gmtime_adj(time, until.count());
  X509_CRL_set1_nextUpdate(list.get(), time);
  ASN1_TIME_free(time);
  X509_CRL_sort(list.get());
  X509_CRL_sign(list.get(), authority.key.get(), EVP_sha256());
  return list;
}

scratch_directory::scratch_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "switchboard-net-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::runtime_error("cannot make a directory");
  directory_ = name;
}
scratch_directory::~scratch_directory() { std::filesystem::remove_all(directory_); }

std::string scratch_directory::write(const std::string& name, const std::string& text) const {
  std::ofstream(directory_ / name, std::ios::binary) << text;
  return path(name);
}
std::string scratch_directory::write(const std::string& name, const X509* c, const X509* next) const {
  return write(name, to_pem([&](BIO* out) {
                 PEM_write_bio_X509(out, c);
                 if (next) PEM_write_bio_X509(out, next);
               }));
}
std::string scratch_directory::write(const std::string& name, const EVP_PKEY* key) const {
  return write(name,
               to_pem([&](BIO* out) { PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr); }));
}
std::string scratch_directory::write(const std::string& name, const X509_CRL* list) const {
  return write(name, to_pem([&](BIO* out) { PEM_write_bio_X509_CRL(out, list); }));
}

tls_client::tls_client(std::uint16_t port, const tls_client_settings& settings)
    : tcp_(port), context_(SSL_CTX_new(TLS_client_method())) {
  const timeval limit{std::chrono::seconds(patience).count(), 0};
  ::setsockopt(tcp_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (settings.trusted) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), settings.trusted->x509.get());
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  }
  if (settings.own) {
    SSL_CTX_use_certificate(context_.get(), settings.own->x509.get());
    SSL_CTX_use_PrivateKey(context_.get(), settings.own->key.get());
  }
  if (settings.max_version) SSL_CTX_set_max_proto_version(context_.get(), settings.max_version);
  if (settings.max_version && settings.max_version < TLS1_2_VERSION) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_security_level(context_.get(), 0);
  }
  ssl_.reset(SSL_new(context_.get()));
  std::string offered;
  for (const auto& p : settings.protocols) (offered += static_cast<char>(p.size())) += p;
  if (!offered.empty())
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(offered.data()),
                        static_cast<unsigned>(offered.size()));
  if (settings.resume) SSL_set_session(ssl_.get(), settings.resume);
  SSL_set_fd(ssl_.get(), tcp_.descriptor());
  connected_ = SSL_connect(ssl_.get()) == 1;
  ERR_clear_error();
}

std::optional<response> tls_client::ask(std::string_view bytes) {
  if (!connected_ || SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) <= 0) return std::nullopt;
  std::string text;
  char part[16384];
  std::size_t end = text.npos;
  std::size_t length = 0;
  while (end == text.npos || text.size() < end + 4 + length) {
    const int n = SSL_read(ssl_.get(), part, sizeof part);
    if (n <= 0) {
      ERR_clear_error();
      return std::nullopt;
    }
    text.append(part, static_cast<std::size_t>(n));
    end = text.find("\r\n\r\n");
    const std::size_t field = text.find("Content-Length: ");
    if (end != text.npos && field < end) length = std::stoul(text.substr(field + 16));
  }
  response result;
  result.status = std::atoi(text.c_str() + 9);
  result.head = text.substr(0, end + 2);
  result.body = text.substr(end + 4);
  return result;
}

bool tls_client::closed_by_peer(bool properly) {
  char part[1024];
  int n = 0;
  while ((n = SSL_read(ssl_.get(), part, sizeof part)) > 0) {
  }
  const bool notified = SSL_get_error(ssl_.get(), n) == SSL_ERROR_ZERO_RETURN;
  ERR_clear_error();
  return notified == properly;
}

std::string tls_client::server_name() const {
  char name[256] = "";
  if (const openssl_ptr<X509> c{SSL_get1_peer_certificate(ssl_.get())})
    X509_NAME_get_text_by_NID(X509_get_subject_name(c.get()), NID_commonName, name, sizeof name);
  return name;
}

std::string tls_client::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

}  // namespace switchboard::net::testing
