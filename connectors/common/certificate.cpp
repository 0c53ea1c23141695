#include "connectors/common/certificate.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include <climits>

#include "connectors/common/text.hpp"

namespace switchboard::connectors {

namespace {

constexpr int least_key_bits = 2048;

struct free_bio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
struct free_x509 {
  void operator()(X509* x509) const noexcept { X509_free(x509); }
};
struct free_names {
  void operator()(GENERAL_NAMES* names) const noexcept { GENERAL_NAMES_free(names); }
};
struct free_bytes {
  void operator()(unsigned char* bytes) const noexcept { OPENSSL_free(bytes); }
};
struct free_digest_context {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using bio_handle = std::unique_ptr<BIO, free_bio>;

bio_handle reader_of(std::string_view text) {
  return bio_handle(text.size() > INT_MAX ? nullptr : BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

const EVP_MD* algorithm_of(digest d) noexcept { return d == digest::sha1 ? EVP_sha1() : EVP_sha256(); }

// A file that asks for a passphrase is refused instead of asking at a terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

std::optional<timestamp> time_of(const ASN1_TIME* time) {
  struct tm parts{};
  if (!time || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(parts.tm_year + 1900),
                                         std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                         std::chrono::day(static_cast<unsigned>(parts.tm_mday)));
  return std::chrono::sys_days(date) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
         std::chrono::seconds(parts.tm_sec);
}

void add_name(std::vector<std::string>& names, ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = text ? ASN1_STRING_to_UTF8(&utf8, text) : -1;
  if (size < 0) return;
  const std::unique_ptr<unsigned char, free_bytes> owned(utf8);
  names.push_back(lower({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size)}));
}

std::vector<std::string> names_of(const X509& x509) {
  std::vector<std::string> names;
  const X509_NAME* subject = X509_get_subject_name(&x509);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;)
    add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  const std::unique_ptr<GENERAL_NAMES, free_names> others(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&x509, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; others && i < sk_GENERAL_NAME_num(others.get()); ++i)
    if (const GENERAL_NAME* name = sk_GENERAL_NAME_value(others.get(), i); name->type == GEN_DNS)
      add_name(names, name->d.dNSName);
  return names;
}

}  // namespace

std::optional<certificate> certificate::from_pem(std::string_view pem) {
  ERR_set_mark();
  struct back_to_mark {
    ~back_to_mark() { ERR_pop_to_mark(); }
  } const errors_of_others_stay;

  const auto reader = reader_of(pem);
  const std::unique_ptr<X509, free_x509> x509(reader ? PEM_read_bio_X509(reader.get(), nullptr, &no_passphrase, nullptr)
                                                     : nullptr);
  EVP_PKEY* key = x509 ? X509_get0_pubkey(x509.get()) : nullptr;
  if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA || EVP_PKEY_get_bits(key) < least_key_bits) return std::nullopt;
  const auto from = time_of(X509_get0_notBefore(x509.get())), until = time_of(X509_get0_notAfter(x509.get()));
  if (!from || !until) return std::nullopt;

  certificate made;
  made.not_before_ = *from;
  made.not_after_ = *until;
  made.names_ = names_of(*x509);
  for (const digest d : {digest::sha1, digest::sha256}) {
    auto& context = made.contexts_[static_cast<std::size_t>(d)];
    context.reset(EVP_PKEY_CTX_new(key, nullptr));
    if (!context || EVP_PKEY_verify_init(context.get()) != 1 ||
        EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1 ||
        EVP_PKEY_CTX_set_signature_md(context.get(), algorithm_of(d)) != 1)
      return std::nullopt;
  }
  return made;
}

bool certificate::valid_at(timestamp at) const noexcept { return not_before_ <= at && at <= not_after_; }

bool certificate::verify(digest d, std::string_view signature, std::string_view message) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash;
  d == digest::sha1 ? SHA1(bytes, message.size(), hash.data()) : SHA256(bytes, message.size(), hash.data());
  ERR_set_mark();
  const bool fits = EVP_PKEY_verify(contexts_[static_cast<std::size_t>(d)].get(),
                                    reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                                    hash.data(), d == digest::sha1 ? SHA_DIGEST_LENGTH : SHA256_DIGEST_LENGTH) == 1;
  ERR_pop_to_mark();
  return fits;
}

certificate* parsed_certificate(std::string_view pem) {
  struct entry {
    std::string pem;
    std::optional<certificate> parsed;
  };
  thread_local std::array<entry, 8> known;
  thread_local std::size_t oldest = 0;
  auto found = std::ranges::find(known, pem, &entry::pem);
  if (found == known.end()) {
    found = known.begin() + static_cast<std::ptrdiff_t>(oldest);
    oldest = (oldest + 1) % known.size();
    *found = {std::string(pem), certificate::from_pem(pem)};
  }
  return found->parsed ? &*found->parsed : nullptr;
}

key_handle private_key_from_pem(std::string_view pem) {
  ERR_set_mark();
  const auto reader = reader_of(pem);
  key_handle key(reader ? PEM_read_bio_PrivateKey(reader.get(), nullptr, &no_passphrase, nullptr) : nullptr);
  ERR_pop_to_mark();
  return key;
}

std::string rsa_sign(EVP_PKEY& key, digest d, std::string_view message) {
  const std::unique_ptr<EVP_MD_CTX, free_digest_context> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(&key)), '\0');
  std::size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, algorithm_of(d), nullptr, &key) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) != 1)
    return {};
  signature.resize(size);
  return signature;
}

}  // namespace switchboard::connectors
