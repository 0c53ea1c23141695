// What WeChat signs and seals. Pure, any thread.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::connectors::wechat {

// The hex digits of SHA-1 over the parts, sorted as bytes and joined: the token, the time, the nonce and, where there
// is one, the encrypted text.
std::string signature_of(std::vector<std::string_view> parts);

// What was sealed: 16 random bytes, the length of the content, the content, the id of the app it is for.
class plaintext {
 public:
  // nullopt: the length does not fit, or the padding is none.
  static std::optional<plaintext> parse(std::string bytes);
  std::string_view content() const noexcept { return std::string_view(bytes_).substr(head, size_); }
  std::string_view app_id() const noexcept { return std::string_view(bytes_).substr(head + size_); }

 private:
  static constexpr std::size_t head = 20;
  plaintext(std::string bytes, std::size_t size) : bytes_(std::move(bytes)), size_(size) {}
  std::string bytes_;
  std::size_t size_;
};

// An EncodingAESKey: AES-256-CBC, its own first half as the IV, padded as PKCS#7 to blocks of 32. Its key schedules are
// made once and copied for each use.
class message_key {
 public:
  static std::optional<message_key> from_text(std::string_view encoding_aes_key);  // 43 characters

  std::optional<plaintext> unseal(std::string_view base64) const;
  std::string seal(std::string_view random16, std::string_view content, std::string_view app_id) const;  // base64
  std::string_view bytes() const noexcept { return key_; }

 private:
  struct free_context {
    void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  };
  using context = std::unique_ptr<EVP_CIPHER_CTX, free_context>;

  explicit message_key(std::string key);
  static context make(const std::string& key, bool encrypts);
  static void run(const context& prepared, std::string& bytes);

  std::string key_;
  context opens_, seals_;
};

}  // namespace switchboard::connectors::wechat
