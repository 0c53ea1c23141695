// What the fuzz targets of all connectors share.
#pragma once

#include <cstdint>
#include <string_view>

#include "tests/connectors/support/request.hpp"

namespace switchboard::tests {

// The bytes are one request: a line with a choice of method, target, principal and content type, an empty line's worth
// of separation ("\n"), then the body. The first byte chooses among those of the connector, so that any bytes are a
// request. decode() runs as if it were authentic; so does verify() as it stands.
//
// It aborts when: a result breaks the contract (an index out of range, an item without a time, invalid UTF-8 in an
// identifier), the same bytes give another result, or a reply is no 2xx.
void fuzz_one(const configured&, std::string_view bytes);

}  // namespace switchboard::tests
