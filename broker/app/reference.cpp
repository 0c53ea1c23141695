#include <fmt/format.h>

#include "broker/app/configuration.hpp"
#include "broker/app/options.hpp"
#include "connectors/registry.hpp"

namespace switchboard::app {
namespace {

std::string_view to_string(connectors::value_type type) {
  switch (type) {
    case connectors::value_type::boolean:
      return "true or false";
    case connectors::value_type::integer:
      return "a whole number";
    case connectors::value_type::number:
      return "a number";
    case connectors::value_type::string:
      return "text";
    case connectors::value_type::secret:
      return "a secret";
    case connectors::value_type::duration:
      return "a duration";
    case connectors::value_type::size:
      return "a size";
    case connectors::value_type::pointer:
      return "a JSON Pointer";
    case connectors::value_type::list:
      return "a list";
    case connectors::value_type::map:
      return "a map";
  }
  return "";
}

std::string table(std::string_view path, std::span<const connectors::option> options) {
  if (options.empty()) return fmt::format("No `{}`.\n", path);
  std::string out = "| Key | Type | Default | Meaning |\n|---|---|---|---|\n";
  for (const auto& o : options)
    out += fmt::format("| `{}.{}` | {} | {} | {} |\n", path, o.name, to_string(o.type),
                       o.required                ? "**required**"
                       : o.default_value.empty() ? ""
                                                 : fmt::format("`{}`", o.default_value),
                       o.text);
  return out;
}

constexpr std::string_view head = R"(# Configuration reference

<!-- Made by `switchboard check --reference`; a test fails when this page differs from the program. -->

One YAML file, given with `--config`. `switchboard check --config FILE` reports everything that is wrong with it at once, as
`file:line:column: message; hint`, and exits with 78. Unknown keys are errors.

- **References**: `${NAME}` is an environment variable, `${file:/path}` the content of a file without its last line break; `$${` stands for `${`.
  They work in every value and are never printed. An empty secret is an error.
- **Durations** carry their unit: `500ms`, `30s`, `5m`, `8h`, `30d`, `1h30m`. **Sizes** are bytes or `64KiB`, `10MiB`, `2GiB`.
- **Reload**: on SIGHUP `sources`, `tenants`, `tls` and `admin.blob_tokens` are taken from the file again. When it is wrong, or anything else in it has
  changed that needs a restart, the log says so; a wrong file changes nothing.

## A small example

```yaml
listen: {address: 0.0.0.0, port: 8080}
journal: {directory: /var/lib/switchboard/journal}
kafka:
  bootstrap.servers: kafka-1:9092,kafka-2:9092
tenants:
  - {id: acme, secret: "${ACME_SECRET}"}
sources:
  - id: store-7
    connector: kiosk
    tenant: acme
    credentials:
      - {device: lobby, key: "${file:/etc/switchboard/lobby.key}"}
```

## Keys

)";

}  // namespace

std::string reference_markdown() {
  std::string out(head);
  out += config::markdown(configuration_table);
  out += "\n## Connectors: `sources[].credentials` and `sources[].settings`\n";
  for (const auto* c : connectors::all())
    out += fmt::format("\n### `{}`\n\n{}.\n\n{}\n{}", c->name, c->title, table("credentials", c->credentials),
                       table("settings", c->settings));
  return out;
}

}  // namespace switchboard::app
