// `serve --capture`: requests of chosen sources as lines that `decode` reads.
//
// One line a request, flushed as it is written; when the file cannot be written any more the capture ends, never the
// service. Any thread.
#pragma once

#include <cstdio>
#include <expected>
#include <memory>
#include <mutex>
#include <string>

#include "broker/intake/pipeline.hpp"

namespace switchboard::app {

// sealed: only who has the tenant's secret can read it; `decode` with the same configuration does. redacted: texts,
// numbers and secret headers are blotted out and the shape stays, for `decode --skip-verify`. plain: as it came.
enum class capture_mode : std::uint8_t { sealed, redacted, plain };

class capture {
 public:
  // Appends; a new file gets mode 0600. The error is for a person.
  static std::expected<std::unique_ptr<capture>, std::string> open(const std::string& file, capture_mode);
  void write(const intake::source&, const connectors::inbound&);

 private:
  struct closer {
    void operator()(std::FILE* f) const noexcept { std::fclose(f); }
  };
  std::unique_ptr<std::FILE, closer> file_;
  capture_mode mode_ = capture_mode::sealed;
  std::mutex mutex_;
  bool failed_ = false;
};

// The tenant that seals what a source receives: its own, or the first by id of those its accounts belong to.
const intake::tenant& sealing_tenant(const intake::source&);

// Letters become x and digits 0 where a value of JSON or of a form stands, so that the body keeps its shape; any other
// body becomes x as a whole.
std::string redact_body(std::string_view body, std::string_view content_type);

// {"source":"…","sealed":"base64"}: opens it when the line is one. nullopt: it is none; the error is for a person.
std::expected<std::optional<std::string>, std::string> open_sealed_line(
    std::string_view line, std::span<const std::shared_ptr<const intake::tenant>>);

}  // namespace switchboard::app
