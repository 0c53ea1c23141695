#include "broker/app/line_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace switchboard::app {

std::expected<line_reader, std::string> line_reader::open(const std::string& file, std::size_t longest) {
  line_reader r;
  r.file_.reset(file == "-" ? stdin : std::fopen(file.c_str(), "rbe"));
  if (r.file_ == nullptr) return std::unexpected(file + ": " + std::strerror(errno));
  r.longest_ = longest;
  r.buffer_.resize(256u << 10);
  return r;
}

std::optional<std::string_view> line_reader::next() {
  too_long_ = false;
  for (std::size_t searched = begin_;;) {
    const auto* found = static_cast<const char*>(std::memchr(buffer_.data() + searched, '\n', end_ - searched));
    if (found != nullptr || (finished_ && begin_ != end_)) {
      const std::size_t stop = found != nullptr ? static_cast<std::size_t>(found - buffer_.data()) : end_;
      std::string_view line(buffer_.data() + begin_, stop - begin_);
      begin_ = std::min(stop + 1, end_);
      if (std::exchange(skipping_, false)) {
        searched = begin_;
        continue;
      }
      if (line.ends_with('\r')) line.remove_suffix(1);
      ++number_;
      return line;
    }
    if (finished_) return std::nullopt;
    searched = end_;
    if (begin_ != 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      searched -= begin_;
      end_ -= begin_;
      begin_ = 0;
    } else if (end_ == buffer_.size()) {
      if (skipping_) {
        begin_ = end_ = searched = 0;
      } else if (buffer_.size() < longest_) {
        buffer_.resize(std::min(buffer_.size() * 2, longest_));
      } else {
        skipping_ = too_long_ = true;
        begin_ = end_;
        ++number_;
        return std::string_view(buffer_.data(), longest_);
      }
    }
    const auto read = std::fread(buffer_.data() + end_, 1, buffer_.size() - end_, file_.get());
    end_ += read;
    finished_ = read == 0;
  }
}

}  // namespace switchboard::app
