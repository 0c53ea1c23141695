// A YAML document as a tree of values that know their place in the file, with `${ENV}` and `${file:/path}` filled in.
//
// Plain values, owned by whoever holds them. Reading is for start-up and reload: it may allocate and touch files, on
// any one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config/diagnostic.hpp"

namespace switchboard::config {

struct place {
  int line = 0, column = 0;
};  // from 1; 0: the file as a whole

// Collects everything that is wrong, so that one run tells all of it.
class report {
 public:
  explicit report(std::string file) : file_(std::move(file)) {}
  void error(place, std::string message, std::string hint = {});
  void warn(place, std::string message, std::string hint = {});
  bool failed() const noexcept { return errors_ != 0; }
  std::size_t errors() const noexcept { return errors_; }
  const std::string& file() const noexcept { return file_; }
  std::vector<diagnostic> take();  // in the order of the file

 private:
  void add(place, std::string message, std::string hint, bool warning);
  std::string file_;
  std::vector<diagnostic> found_;
  std::size_t errors_ = 0;
};

struct node {
  enum class kind : std::uint8_t { null, scalar, list, map };
  struct member;

  kind type = kind::null;
  place at;
  std::string text;             // of a scalar, references resolved
  bool quoted = false;          // "8080" is a string, 8080 a number
  bool referenced = false;      // came from ${…}: never printed
  bool unresolved = false;      // a stand-in: see read_settings
  std::vector<node> items;      // of a list
  std::vector<member> members;  // of a map, in the order of the file, keys unique

  const member* find(std::string_view key) const noexcept;
};
struct node::member {
  std::string key;
  place at;
  node value;
};

std::string_view to_string(node::kind) noexcept;

// What a reference reads as when it cannot be resolved, or need not be: long enough for a secret, and right as base64
// of 32 bytes, so that one missing secret causes one diagnostic.
inline constexpr std::string_view reference_stand_in = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

// Bounds on a document from outside. Aliases count as often as they are used, so a bomb of aliases ends at `nodes`.
struct read_limits {
  std::size_t bytes = 4u << 20, nodes = 200'000;
  int depth = 24;
  std::size_t secret_file_bytes = 64u << 10;
};

struct read_settings {
  read_limits limits;
  std::function<std::optional<std::string>(const std::string& name)> environment;  // empty: the process's own
  bool secrets_required = true;  // false: what cannot be resolved silently reads as the stand-in
};

// The document as a tree; nullopt when it is no YAML or passes a limit. What is wrong goes to the report either way:
// duplicate keys, unresolvable references and the like are reported, and reading goes on.
std::optional<node> read(std::string_view yaml, const read_settings&, report&);

// Whole text of a file, nullopt (with a report) when it cannot be read or is larger than the limit.
std::optional<std::string> read_file(const std::string& path, std::size_t limit, report&, place);

}  // namespace switchboard::config
