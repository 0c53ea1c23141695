// Identities as URIs: one spelling for one person, so that equal strings mean equal identities.
//
// Pure functions, any thread. An empty result means "no such identity": the input is not of that kind, and nothing is
// guessed. Telephone numbers: only `+` and digits decide, beside what a calling code itself tells (that it is assigned,
// and whether its national numbers are written with a leading 0). There is no table of number ranges: a number that
// nobody was given yet keeps its identity when somebody is. Digits of any script count, separators and directional
// marks do not, letters make it no number.
#pragma once

#include <string>
#include <string_view>

namespace switchboard::connectors {

// "+84901234567" for "+84 90 123 45 67", "tel:+84-90-1234567;ext=5", "+84 (0)90 1234567". With the calling code of the
// company's end ("84") national spellings are taken too ("0901234567", "0084 901234567"); short codes never are. Total
// 7 to 15 digits.
std::string e164(std::string_view raw, std::string_view calling_code = {});
// The assigned calling code that a number in E.164 begins with ("84"), empty when there is none.
std::string_view calling_code_of(std::string_view e164_number) noexcept;

std::string tel_uri(std::string_view raw, std::string_view calling_code = {});  // "tel:+84901234567"
// "whatsapp:+84901234567", also from bare digits, which is how a WhatsApp id is written ("84901234567").
std::string whatsapp_uri(std::string_view raw);
std::string whatsapp_uri(std::string_view business, std::string_view scoped_id);  // "whatsapp:{business}/{bsuid}"

// "mailto:jane.doe@example.com": the whole address in lower case, the domain as its A-label (xn--…), characters that a
// URI reserves escaped. Takes a bare address, with or without <> or "mailto:"; header fields after ? are dropped.
std::string mailto_uri(std::string_view address);
// "sip:Alice@example.com": user as it is, host in lower case, without password, parameters and headers; sips: is the
// same identity.
std::string sip_uri(std::string_view raw);
// "{provider}:{scope}/{id}", every segment escaped; "{provider}:{id}" without a scope. Empty without an id.
std::string provider_uri(std::string_view provider, std::string_view scope, std::string_view id);
// The far end of a text message or call: tel: where it is E.164, else (short code, alphanumeric sender) the provider's;
// empty when the provider hides it ("anonymous", "+266696687", …).
std::string sender_uri(std::string_view raw, std::string_view provider, std::string_view account,
                       std::string_view calling_code = {});
bool hidden_caller(std::string_view raw) noexcept;

// Brings a URI of one of the schemes above to its one spelling; another scheme stays as it is. Empty when it is none.
std::string normalised_uri(std::string_view uri, std::string_view calling_code = {});

// Appends with everything but RFC 3986's unreserved characters (and those of `also`) percent-escaped.
void append_escaped(std::string& out, std::string_view segment, std::string_view also = {});

}  // namespace switchboard::connectors
