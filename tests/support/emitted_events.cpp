#include "tests/support/emitted_events.hpp"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "schemas/codec.hpp"
#include "schemas/records.hpp"

namespace switchboard::support {
namespace {

void leave(const std::string& line) {
  static std::mutex mutex;
  static std::ofstream out;
  static ::pid_t owner = 0;  // a forked child has a file of its own
  const std::lock_guard lock(mutex);
  if (owner != ::getpid()) {
    owner = ::getpid();
    out = {};
    if (const char* directory = std::getenv("SWITCHBOARD_EMITTED_EVENTS")) {
      std::filesystem::create_directories(directory);
      out.open(std::string(directory) + "/" + std::to_string(owner) + ".jsonl", std::ios::app);
    }
  }
  if (!out.is_open()) return;
  out << line << std::endl;
  if (!out) std::abort();
}

// What is past the limit is shortened and encoded again: only then does it leave intake.
void leave(const schemas::encoded_event& event, schemas::timestamp recorded_at, schemas::timestamp time) {
  if (schemas::excess(event) == 0) leave(schemas::structured(event, std::max(recorded_at, time), std::nullopt));
}

}  // namespace

void leave_record(const std::map<std::string, std::string>& headers, std::string_view key, std::string_view value) {
  std::string line = R"({"headers":[)";
  for (const auto& [name, content] : headers) {
    line += line.ends_with('[') ? "[" : ",[";
    schemas::append_json_string(line, name);
    line += ',';
    schemas::append_json_string(line, content);
    line += ']';
  }
  line += R"(],"key":)";
  schemas::append_json_string(line, key);
  line += R"(,"value":)";
  schemas::append_json_string(line, value);
  leave(line + '}');
}

// The names that the linker's --wrap gives the real function and ours; CMakeLists.txt names the same functions.
#define SWITCHBOARD_ENCODE(type, mangled, time_of)                                                                    \
  schemas::encoded_event real_encode(const schemas::type&, const schemas::codec_settings&) asm("__real_" mangled);    \
  schemas::encoded_event wrapped_encode(const schemas::type&, const schemas::codec_settings&) asm("__wrap_" mangled); \
  schemas::encoded_event wrapped_encode(const schemas::type& e, const schemas::codec_settings& settings) {            \
    auto encoded = real_encode(e, settings);                                                                          \
    leave(encoded, e.recorded_at, e.time_of);                                                                         \
    return encoded;                                                                                                   \
  }

SWITCHBOARD_ENCODE(event, "_ZN11switchboard7schemas6encodeERKNS0_5eventERKNS0_14codec_settingsE", time)
SWITCHBOARD_ENCODE(quarantine_record,
                   "_ZN11switchboard7schemas6encodeERKNS0_17quarantine_recordERKNS0_14codec_settingsE", received_at)
SWITCHBOARD_ENCODE(raw_record, "_ZN11switchboard7schemas6encodeERKNS0_10raw_recordERKNS0_14codec_settingsE",
                   received_at)
SWITCHBOARD_ENCODE(heartbeat_record, "_ZN11switchboard7schemas6encodeERKNS0_16heartbeat_recordERKNS0_14codec_settingsE",
                   time)

}  // namespace switchboard::support
