// Reads a source's settings and credentials against a connector's table of options, and tells everything that is wrong
// at once. For start-up and reload: any one thread.
//
// A nested option ("fields.text") may be written nested or with its dots. Scalars that configuration files write
// without a type are taken where they say what is meant: "8" for an integer, 8 for a string.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/contract.hpp"

namespace switchboard::connectors {

class settings_reader {
 public:
  // `pointer`: where the object stands, "/settings" or "/credentials/0". Unknown names and missing required ones are
  // reported here; `errors` must outlive the reader.
  settings_reader(const boost::json::object& from, std::span<const option> table, std::string pointer,
                  std::vector<settings_error>& errors);

  // The value or the option's default; a wrong type is reported and reads as the default. The name must be in the
  // table.
  std::string text(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most);
  bool boolean(std::string_view name);
  std::chrono::milliseconds duration(std::string_view name);  // "5m", "300s"; a bare number is refused
  // RFC 6901, or a constant: "=text". nullopt when not written.
  struct source {
    bool constant = false;
    std::string value;
  };
  std::optional<source> pointer(std::string_view name);
  // nullptr when not written.
  const boost::json::value* raw(std::string_view name) const;
  std::vector<const boost::json::object*> objects(std::string_view name);       // a list of maps
  std::vector<std::pair<std::string, std::string>> map(std::string_view name);  // names to texts
  std::vector<std::string> texts(std::string_view name);                        // a list of texts, or one

  void error(std::string_view name, std::string message, std::string hint);
  std::string path(std::string_view name) const;

 private:
  const option& known(std::string_view name) const;
  std::optional<std::string> scalar(std::string_view name);
  void check(const boost::json::object& from, const std::string& prefix);

  const boost::json::object& from_;
  std::span<const option> table_;
  std::string pointer_;
  std::vector<settings_error>& errors_;
};

// Calls read(reader) for each credential of a source. Where there is none, `none` is told: what is missing, and what to
// write.
struct no_credential {
  std::string_view message, hint;
};
template <class F>
void read_credentials(std::span<const credential> credentials, std::span<const option> table, const no_credential& none,
                      std::vector<settings_error>& errors, const F& read) {
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    settings_reader reader(credentials[i], table, "/credentials/" + std::to_string(i), errors);
    read(reader);
  }
  if (credentials.empty()) errors.push_back({"/credentials", std::string(none.message), std::string(none.hint)});
}

// The text of a scalar, nullopt for null, lists and maps.
std::optional<std::string> scalar_text(const boost::json::value&);

}  // namespace switchboard::connectors
