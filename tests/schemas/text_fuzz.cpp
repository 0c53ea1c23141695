// Any bytes: times and ids are read or refused, strings become valid JSON that reads back.
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "schemas/text.hpp"

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

// Named and spelled by libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace switchboard::schemas;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  if (const auto time = timestamp_from_rfc3339(bytes)) must(timestamp_from_rfc3339(to_string(*time)) == time);
  if (const auto id = uuid_from_string(bytes)) must(uuid_from_string(to_string(*id)) == id);

  std::string text;
  append_json_string(text, bytes);
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  must(!error && value.is_string());
  // What was repaired once stays as it is.
  std::string again;
  append_json_string(again, std::string_view(value.as_string()));
  must(again == text);
  return 0;
}
