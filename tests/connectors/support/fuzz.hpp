// What the fuzz targets of all connectors share.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/connectors/support/request.hpp"

namespace switchboard::tests {

// The bytes are one request, written down so that a person can read a seed:
//
//   POST /in/x?a=b principal
//   Content-Type: application/json
//
//   body
//
// What is not of that shape is the body of a POST, so that any bytes are a request. verify() runs as it stands;
// decode() as if the request were authentic, and from the named principal where it is not.
//
// It aborts when: a result breaks the contract (an index out of range, an item without a time, invalid UTF-8 in an
// identifier), the same bytes give another result, or a reply is no 2xx.
void fuzz_one(const configured&, std::string_view bytes);

}  // namespace switchboard::tests
