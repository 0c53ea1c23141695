#include "schemas/envelope.hpp"

#include "schemas/text.hpp"

namespace switchboard::schemas {

std::string source_uri(std::string_view tenant, std::string_view source) {
  std::string uri;
  uri.reserve(20 + tenant.size() + source.size());
  if (!tenant.empty()) {
    uri += "/tenants/";
    append_uri_segment(uri, tenant);
  }
  uri += "/sources/";
  append_uri_segment(uri, source);
  return uri;
}

std::string dataschema_uri(std::string_view base, std::string_view type) {
  std::string uri(base);
  if (!uri.ends_with('/')) uri += '/';
  uri += type;
  uri += ".json";
  return uri;
}

}  // namespace switchboard::schemas
