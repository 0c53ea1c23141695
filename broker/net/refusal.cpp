#include "broker/net/refusal.hpp"

#include <array>

namespace switchboard::net {
namespace {

constexpr std::array<refusal_facts, refusal_count> table{{
    {400, "malformed_request_line", "The request line is not of the form METHOD SP TARGET SP HTTP/1.1."},
    {505, "unsupported_version", "Only HTTP/1.0 and HTTP/1.1 are spoken here."},
    {400, "bad_target", "The request target must be a path that begins with a slash."},
    {414, "target_too_long", "The request target is longer than this server reads."},
    {431, "header_too_large", "The header is larger than this server reads."},
    {431, "too_many_headers", "The header has more fields than this server reads."},
    {400, "malformed_header", "A header field is malformed."},
    {400, "obsolete_folding", "A header field is folded over several lines."},
    {400, "bare_line_ending", "Lines of the header must end with CR LF."},
    {400, "forbidden_character", "The header contains a control character."},
    {400, "missing_host", "A Host header is required."},
    {400, "multiple_hosts", "There is more than one Host header."},
    {400, "bad_host", "The Host header is not a host with an optional port."},
    {400, "bad_content_length", "Content-Length must be given once, as a decimal number."},
    {400, "ambiguous_length", "Content-Length and Transfer-Encoding exclude each other."},
    {400, "bad_transfer_encoding", "Transfer-Encoding must be given once, as chunked, in HTTP/1.1."},
    {501, "unsupported_transfer_encoding", "The only transfer encoding understood here is chunked."},
    {417, "unsupported_expectation", "The only expectation understood here is 100-continue."},
    {415, "unsupported_content_encoding", "Send the body without content encoding."},
    {413, "body_too_large", "The body is larger than is accepted here."},
    {400, "malformed_chunk", "The chunked body is malformed."},
    {400, "chunk_extensions_too_large", "The chunk extensions are longer than this server reads."},
    {400, "trailers", "Trailer fields are not accepted."},
    {408, "header_timeout", "The header did not arrive in time."},
    {408, "body_timeout", "The body did not arrive in time."},
    {503, "reply_timeout", "The request could not be answered in time. Try again."},
    {503, "overloaded", "Too many requests are in progress. Try again."},
    {503, "too_many_connections", "Too many connections are open. Try again."},
    {503, "too_many_connections_of_address", "Too many connections are open from this address. Try again."},
    {500, "unusable_response", "The response could not be written."},
}};

}  // namespace

const refusal_facts& facts(refusal r) noexcept { return table[static_cast<std::size_t>(r)]; }

}  // namespace switchboard::net
