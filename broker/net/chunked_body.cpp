#include "broker/net/chunked_body.hpp"

namespace switchboard::net {
namespace {

int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_text(char c) noexcept { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

constexpr std::unexpected<refusal> malformed(refusal::malformed_chunk);

}  // namespace

std::expected<chunked_body::progress, refusal> chunked_body::decode(std::string_view input, byte_buffer& body) {
  std::size_t at = 0;
  while (at < input.size() && !complete_) {
    if (next_ == expect::data) {
      const auto part = input.substr(at, static_cast<std::size_t>(std::min<std::uint64_t>(size_, input.size() - at)));
      body.append(part);
      at += part.size();
      size_ -= part.size();
      if (size_ == 0) next_ = expect::data_return;
    } else if (const auto taken = take(input[at++]); !taken) {
      return std::unexpected(taken.error());
    }
  }
  return progress{at, complete_};
}

std::expected<void, refusal> chunked_body::take(char c) {
  switch (next_) {
    case expect::size:
    case expect::more_size:
      return take_size(c);
    case expect::extension:
      return take_extension(c);
    case expect::size_end:
      if (c != '\n') return malformed;
      if (size_ > limit_ - total_) return std::unexpected(refusal::body_too_large);
      total_ += static_cast<std::size_t>(size_);
      last_ = size_ == 0;
      next_ = last_ ? expect::last_return : expect::data;
      return {};
    case expect::data_return:
      next_ = expect::data_end;
      return c == '\r' ? std::expected<void, refusal>() : malformed;
    case expect::data_end:
      next_ = expect::size;
      return c == '\n' ? std::expected<void, refusal>() : malformed;
    case expect::last_return:
      next_ = expect::last_end;
      return c == '\r' ? std::expected<void, refusal>() : std::unexpected(refusal::trailers);
    case expect::last_end:
      complete_ = true;
      return c == '\n' ? std::expected<void, refusal>() : malformed;
    case expect::data:
      break;
  }
  return malformed;
}

std::expected<void, refusal> chunked_body::take_size(char c) {
  if (const int digit = hex_value(c); digit >= 0) {
    if (next_ == expect::size) size_ = 0, digits_ = 0;
    if (++digits_ > size_digits) return malformed;
    size_ = size_ << 4 | static_cast<std::uint64_t>(digit);
    next_ = expect::more_size;
    return {};
  }
  if (next_ == expect::size) return malformed;
  if (c == '\r') {
    next_ = expect::size_end;
    return {};
  }
  if (c != ';' && c != ' ' && c != '\t') return malformed;
  next_ = expect::extension;
  quoted_ = escaped_ = false;
  return take_extension(c);
}

// A reader that honours quotes would see the line end elsewhere than one that does not: no line may end inside them.
std::expected<void, refusal> chunked_body::take_extension(char c) {
  if (c == '\r' && !quoted_) {
    next_ = expect::size_end;
    return {};
  }
  if (!is_text(c)) return malformed;
  if (++extensions_ > extension_bytes) return std::unexpected(refusal::chunk_extensions_too_large);
  if (escaped_)
    escaped_ = false;
  else if (quoted_ && c == '\\')
    escaped_ = true;
  else if (c == '"')
    quoted_ = !quoted_;
  return {};
}

}  // namespace switchboard::net
