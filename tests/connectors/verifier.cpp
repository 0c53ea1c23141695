// Reads request lines on standard input and says of each whether it is authentic: "authentic" or the reason it is not,
// and what became of its items. For tests that sign with the vendors' own libraries.
//
//   connector_verifier SOURCE.json < requests.jsonl
#include <iostream>
#include <string>

#include "tests/connectors/support/request.hpp"

int main(int count, char** arguments) {
  using namespace switchboard;
  if (count != 2) {
    std::cerr << "usage: connector_verifier SOURCE.json < requests.jsonl\n";
    return 64;
  }
  const auto source = tests::configure_file(arguments[1]);
  std::string line;
  while (std::getline(std::cin, line)) {
    auto request = tests::request::from_line(line, source.public_url);
    const auto became = tests::run(source, request);
    if (const auto* refused = std::get_if<connectors::rejected>(&became.verdict)) {
      std::cout << to_string(refused->code) << '\n';
      continue;
    }
    std::size_t events = 0, kept = became.decoded.whole ? 1 : 0;
    for (const auto& item : became.decoded.items)
      std::holds_alternative<connectors::item_rejected>(item) ? ++kept : ++events;
    std::cout << "authentic " << events << ' ' << kept << ' ' << became.reply.status << '\n';
  }
  return 0;
}
