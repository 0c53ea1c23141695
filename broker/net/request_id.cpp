#include "broker/net/request_id.hpp"

#include <charconv>
#include <random>

namespace switchboard::net {

request_ids::request_ids() {
  constexpr std::size_t digits = 12;
  std::random_device random;
  for (std::size_t i = 0; i < digits; ++i) prefix_.text_[i] = "0123456789abcdef"[random() & 0xf];
  prefix_.text_[digits] = '-';
  prefix_.size_ = digits + 1;
}

request_id request_ids::next() noexcept {
  request_id id = prefix_;
  char* const begin = id.text_.data();
  const auto end = std::to_chars(begin + id.size_, begin + id.text_.size(), ++count_, 16).ptr;
  id.size_ = static_cast<std::uint8_t>(end - begin);
  return id;
}

}  // namespace switchboard::net
