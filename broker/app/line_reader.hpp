// Lines of a file or of standard input, however long up to a limit, without copying each.
#pragma once

#include <cstdio>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchboard::app {

class line_reader {
 public:
  // "-": standard input. The error is for a person.
  static std::expected<line_reader, std::string> open(const std::string& file, std::size_t longest = 64u << 20);

  // The next line without its line break, valid until the next call; nullopt at the end. A line longer than the limit
  // is cut to it and `too_long()` is true for it.
  std::optional<std::string_view> next();
  bool too_long() const noexcept { return too_long_; }
  std::size_t number() const noexcept { return number_; }

 private:
  struct closer {
    void operator()(std::FILE* f) const noexcept {
      if (f != stdin) std::fclose(f);
    }
  };
  std::unique_ptr<std::FILE, closer> file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0, longest_ = 0, number_ = 0;
  bool finished_ = false, too_long_ = false, skipping_ = false;
};

}  // namespace switchboard::app
