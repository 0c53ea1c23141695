#include <algorithm>

#include "connectors/common/certificate.hpp"
#include "connectors/common/sns.hpp"

namespace switchboard::connectors::sns {

namespace {

bool all(std::string_view text, auto is) noexcept { return !text.empty() && std::ranges::all_of(text, is); }
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool small(char c) noexcept { return (c >= 'a' && c <= 'z') || digit(c) || c == '-'; }
bool topic_letter(char c) noexcept { return small(c) || (c >= 'A' && c <= 'Z') || c == '_'; }

// arn:PARTITION:sns:REGION:ACCOUNT:NAME
std::optional<topic> topic_of(std::string_view arn) {
  std::array<std::string_view, 6> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 < parts.size() ? arn.find(':') : arn.size();
    if (end == arn.npos) return std::nullopt;
    parts[i] = arn.substr(0, end);
    arn.remove_prefix(std::min(arn.size(), end + 1));
  }
  const auto [scheme, partition, service, region, account, name] = parts;
  if (scheme != "arn" || service != "sns" || !all(region, small) || region.size() > 32 || account.size() != 12 ||
      !all(account, digit) || !all(name, topic_letter) || name.size() > 256)
    return std::nullopt;
  topic made{std::string(region), {}, {}};
  if (partition == "aws" || partition == "aws-us-gov")
    made.domain = "amazonaws.com";
  else if (partition == "aws-cn")
    made.domain = "amazonaws.com.cn";
  else
    return std::nullopt;
  made.endpoint = "https://sns." + made.region + "." + made.domain + "/";
  return made;
}

void read_credential(settings_reader& reader, access& made) {
  const std::string user = reader.text("user"), password = reader.text("password"), key = reader.text("url_key"),
                    signing_key = reader.text("signing_key");
  if (user.empty() != password.empty())
    reader.error("user", "'user' and 'password' go together", "the URL of the endpoint holds both");
  else if (!user.empty())
    made.logins.push_back(user + ":" + password);
  if (user.contains(':')) reader.error("user", "'user' must not contain a colon", "Basic authentication ends it there");
  if (!key.empty()) made.url_keys.push_back(key);
  if (signing_key.empty() || made.signing_key) return;
  made.signing_key = private_key_from_pem(signing_key);
  if (!made.signing_key || EVP_PKEY_get_base_id(made.signing_key.get()) != EVP_PKEY_RSA)
    reader.error("signing_key", "'signing_key' is no RSA key", "openssl genrsa 2048");
}

}  // namespace

access read_access(settings_reader& settings, std::span<const credential> credentials,
                   std::vector<settings_error>& errors) {
  access made;
  for (const std::string& arn : settings.texts("topics")) {
    if (made.first_topic.empty()) made.first_topic = arn;
    if (auto known = topic_of(arn))
      made.topics.emplace(arn, std::move(*known));
    else
      settings.error("topics", "'" + arn + "' is no ARN of a standard topic",
                     "such as arn:aws:sns:eu-central-1:111122223333:name; FIFO topics cannot post");
  }
  if (made.topics.empty() && settings.raw("topics") != nullptr && errors.empty())
    settings.error("topics", "'topics' is empty", "nobody could post: list the ARNs of the topics");
  for (auto& [url, pem] : settings.map("certificates")) {
    if (certificate::from_pem(pem))
      made.certificates.emplace(url, std::move(pem));
    else
      settings.error("certificates", "'" + url + "' is no certificate with an RSA key",
                     "PEM with a key of 2048 bits or more");
  }
  made.max_age = settings.duration("max_age");
  if (made.max_age <= std::chrono::milliseconds::zero())
    settings.error("max_age", "'max_age' must be more than nothing", "SNS itself retries for up to an hour");
  for (std::size_t i = 0; i < credentials.size(); ++i) {
    settings_reader reader(credentials[i], credential_options, "/credentials/" + std::to_string(i), errors);
    read_credential(reader, made);
  }
  return made;
}

}  // namespace switchboard::connectors::sns
