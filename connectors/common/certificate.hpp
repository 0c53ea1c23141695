// X.509 certificates whose RSA keys sign messages, and the signatures (PKCS #1 v1.5). Of the certificate only itself is
// read: who vouches for it is the caller's to know, such as the host that it was fetched from.
#pragma once

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/common/crypto.hpp"
#include "connectors/contract.hpp"

namespace switchboard::connectors {

// One thread: verifying uses contexts that are made once, which takes longer than a signature.
class certificate {
 public:
  // The first certificate of the text; nullopt where there is none, or its key is no RSA key of at least 2048 bits.
  static std::optional<certificate> from_pem(std::string_view);

  bool valid_at(timestamp) const noexcept;
  // Its common names and alternative DNS names, in lower case.
  const std::vector<std::string>& names() const noexcept { return names_; }
  bool verify(digest, std::string_view signature, std::string_view message);

 private:
  struct free_context {
    void operator()(EVP_PKEY_CTX* context) const noexcept { EVP_PKEY_CTX_free(context); }
  };
  std::array<std::unique_ptr<EVP_PKEY_CTX, free_context>, 2> contexts_;  // by digest; each holds the key
  timestamp not_before_{}, not_after_{};
  std::vector<std::string> names_;
};

// This thread's certificate of that text, parsed once while it is among the last eight; nullptr where from_pem() gives
// none. Good until the next call on this thread.
certificate* parsed_certificate(std::string_view pem);

// null when the text holds no private key.
key_handle private_key_from_pem(std::string_view);
std::string rsa_sign(EVP_PKEY&, digest, std::string_view message);

}  // namespace switchboard::connectors
