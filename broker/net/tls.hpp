// What load_tls() of http_server.hpp makes: the server's side of TLS as one OpenSSL context, made anew at each reload.
// Any thread; connections share it.
//
// TLS 1.2 with forward secrecy and authenticated ciphers, or 1.3; no compression, no renegotiation; ALPN http/1.1.
// Sessions resume by ticket, whose keys live as long as the context, except with client certificates: those are
// verified at every handshake, so that a revocation counts from the reload on. With a revocation list, every authority
// of a chain must have a current one in the file: one that is missing or expired refuses its certificates.
#pragma once

#include <openssl/ssl.h>

#include <string>

namespace switchboard::net {

// Of a verified client certificate, in RFC 2253 form; empty when there is none.
std::string client_subject(const SSL*);
// Whether a handshake failed for the client's certificate (or the lack of one).
bool blames_client_certificate(unsigned long openssl_error) noexcept;

}  // namespace switchboard::net
