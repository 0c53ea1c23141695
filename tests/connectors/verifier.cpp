// Reads request lines on standard input and writes for each what `decode` writes. For tests that sign with the vendors'
// own libraries.
//
//   connector_verifier SOURCE.json < requests.jsonl
#include <iostream>
#include <string>

#include "broker/intake/decode_line.hpp"
#include "broker/intake/request_line.hpp"
#include "tests/connectors/support/source.hpp"

int main(int count, char** arguments) {
  using namespace switchboard;
  if (count != 2) {
    std::cerr << "usage: connector_verifier SOURCE.json < requests.jsonl\n";
    return 64;
  }
  const intake::source source = tests::source_from(arguments[1], "verifier");
  const intake::environment environment = tests::fixed_environment();
  std::string line, out;
  while (std::getline(std::cin, line)) {
    auto request = intake::request_line::parse(line);
    if (!request) {
      std::cerr << to_string(request.error()) << '\n';
      return 65;
    }
    request->public_url(source.public_url + std::string(request->target()));
    out.clear();
    append_decoded(out, source, request->inbound(), process(source, request->inbound(), environment), environment);
    std::cout << out;
  }
  return 0;
}
