// One connector: any bytes as a request. tests/connectors/support/fuzz.hpp says how the bytes are read and what must
// hold.
#include "tests/connectors/support/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto source = switchboard::tests::configure_file(SWITCHBOARD_FUZZED_SOURCE);
  switchboard::tests::fuzz_one(source, {reinterpret_cast<const char*>(data), size});
  return 0;
}
