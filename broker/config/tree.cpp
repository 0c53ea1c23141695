#include "broker/config/tree.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

namespace switchboard::config {
namespace {

place place_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

struct limit_passed {};

// Replaces ${NAME} and ${file:/path}; `$${` stands for a literal `${`.
class resolver {
 public:
  resolver(const read_settings& settings, report& out) : settings_(settings), out_(out) {}

  void resolve(node& scalar) const {
    if (scalar.text.find("${") == std::string::npos) return;
    std::string result;
    std::size_t from = 0;
    const std::string_view text = scalar.text;
    while (from < text.size()) {
      const auto dollar = text.find("${", from);
      if (dollar == std::string_view::npos) {
        result += text.substr(from);
        break;
      }
      if (dollar > from && text[dollar - 1] == '$') {
        result += text.substr(from, dollar - from - 1);
        result += "${";
        from = dollar + 2;
        continue;
      }
      result += text.substr(from, dollar - from);
      const auto end = text.find('}', dollar);
      if (end == std::string_view::npos) {
        out_.error(scalar.at, "a reference is not closed",
                   "write ${NAME} or ${file:/path}; $${ stands for a literal ${");
        result += text.substr(dollar);
        break;
      }
      scalar.referenced = true;
      const auto value = value_of(std::string(text.substr(dollar + 2, end - dollar - 2)), scalar.at);
      scalar.unresolved = scalar.unresolved || !value;
      result += value ? std::string_view(*value) : reference_stand_in;
      from = end + 1;
    }
    scalar.text = std::move(result);
  }

 private:
  // Nothing when it is wrong, which has been reported then.
  std::optional<std::string> value_of(const std::string& name, place at) const {
    if (name.starts_with("file:")) {
      report quiet(out_.file());
      auto content =
          read_file(name.substr(5), settings_.limits.secret_file_bytes, settings_.secrets_required ? out_ : quiet, at);
      if (!content) return std::nullopt;
      while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) content->pop_back();
      if (!content->empty()) return content;
      if (settings_.secrets_required)
        out_.error(at, fmt::format("the file {} is empty", name.substr(5)), "put the secret into it");
      return std::nullopt;
    }
    const bool valid = !name.empty() && std::ranges::all_of(name, [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!valid) {
      out_.error(at, fmt::format("'{}' is no name of an environment variable", name), "write ${NAME} or ${file:/path}");
      return std::nullopt;
    }
    std::optional<std::string> value;
    if (settings_.environment) {
      value = settings_.environment(name);
    } else if (const char* found = std::getenv(name.c_str())) {
      value = found;
    }
    if (value && !value->empty()) return value;
    if (!settings_.secrets_required) return std::nullopt;
    if (value)
      out_.error(at, fmt::format("the environment variable {} is empty", name), "give it a value");
    else
      out_.error(at, fmt::format("the environment variable {} is not set", name), "set it, or write ${file:/path}");
    return std::nullopt;
  }

  const read_settings& settings_;
  report& out_;
};

class builder final : public YAML::EventHandler {
 public:
  builder(const read_settings& settings, report& out) : settings_(settings), out_(out), resolver_(settings, out) {}

  std::optional<node> take() {
    if (!root_) return node{};
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnAnchor(const YAML::Mark&, const std::string&) override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    node n;
    n.at = place_of(mark);
    finish(std::move(n), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      out_.error(place_of(mark), "this alias refers to what contains it", "write the value out");
      OnNull(mark, YAML::NullAnchor);
      return;
    }
    charge(found->second.weight, place_of(mark));
    node copy = found->second.value;
    copy.at = place_of(mark);
    if (!keyed(copy)) place_value(std::move(copy));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    node n;
    n.at = place_of(mark);
    n.type = node::kind::scalar;
    n.text = value;
    n.quoted = tag == "!";
    const bool empty_plain = !n.quoted && (value.empty() || value == "~" || value == "null");
    if (empty_plain && !awaiting_key()) {
      n.type = node::kind::null;
      n.text.clear();
    }
    if (!awaiting_key() && n.type == node::kind::scalar) resolver_.resolve(n);
    finish(std::move(n), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, anchor, node::kind::list);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, anchor, node::kind::map);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }

 private:
  struct frame {
    node value;
    YAML::anchor_t anchor = YAML::NullAnchor;
    std::size_t nodes_before = 0;
    bool has_key = false, skip = false;
    std::string key;
    place key_at;
  };
  struct anchored {
    node value;
    std::size_t weight;
  };

  bool awaiting_key() const {
    return !stack_.empty() && stack_.back().value.type == node::kind::map && !stack_.back().has_key;
  }

  void charge(std::size_t nodes, place at) {
    nodes_ += nodes;
    if (nodes_ <= settings_.limits.nodes) return;
    out_.error(at, fmt::format("more than {} values", settings_.limits.nodes), "an alias repeats too much");
    throw limit_passed{};
  }

  void open(const YAML::Mark& mark, YAML::anchor_t anchor, node::kind kind) {
    if (awaiting_key()) {
      out_.error(place_of(mark), "a key must be plain text", "write `key: value`");
      throw limit_passed{};
    }
    if (static_cast<int>(stack_.size()) >= settings_.limits.depth) {
      out_.error(place_of(mark), fmt::format("nested deeper than {} levels", settings_.limits.depth));
      throw limit_passed{};
    }
    frame f;
    f.value.type = kind;
    f.value.at = place_of(mark);
    f.anchor = anchor;
    f.nodes_before = nodes_;
    charge(1, f.value.at);
    stack_.push_back(std::move(f));
  }

  void close() {
    frame done = std::move(stack_.back());
    stack_.pop_back();
    if (done.anchor != YAML::NullAnchor) anchors_[done.anchor] = {done.value, nodes_ - done.nodes_before};
    place_value(std::move(done.value));
  }

  void finish(node&& n, YAML::anchor_t anchor) {
    charge(1, n.at);
    if (anchor != YAML::NullAnchor) anchors_[anchor] = {n, 1};
    if (!keyed(n)) place_value(std::move(n));
  }

  bool keyed(const node& n) {
    if (!awaiting_key()) return false;
    auto& top = stack_.back();
    if (n.type != node::kind::scalar) {
      out_.error(n.at, "a key must be plain text", "write `key: value`");
      throw limit_passed{};
    }
    top.key = n.text;
    top.key_at = n.at;
    top.has_key = true;
    top.skip = false;
    if (const auto* earlier = top.value.find(n.text)) {
      out_.error(n.at, fmt::format("the key '{}' stands here twice", n.text),
                 fmt::format("the first is in line {}", earlier->at.line));
      top.skip = true;
    }
    return true;
  }

  void place_value(node&& n) {
    if (stack_.empty()) {
      root_ = std::move(n);
      return;
    }
    auto& top = stack_.back();
    if (top.value.type == node::kind::list) {
      top.value.items.push_back(std::move(n));
      return;
    }
    top.has_key = false;
    if (n.type == node::kind::null) n.at = top.key_at;  // YAML would name the place of what follows
    if (!top.skip) top.value.members.push_back({std::move(top.key), top.key_at, std::move(n)});
  }

  const read_settings& settings_;
  report& out_;
  resolver resolver_;
  std::optional<node> root_;
  std::vector<frame> stack_;
  std::map<YAML::anchor_t, anchored> anchors_;
  std::size_t nodes_ = 0;
};

}  // namespace

void report::add(place at, std::string message, std::string hint, bool warning) {
  const auto behind = std::ranges::upper_bound(found_, std::pair(at.line, at.column), {},
                                               [](const diagnostic& d) { return std::pair(d.line, d.column); });
  found_.insert(behind, {file_, at.line, at.column, std::move(message), std::move(hint), warning});
}
void report::error(place at, std::string message, std::string hint) {
  ++errors_;
  add(at, std::move(message), std::move(hint), false);
}
void report::warn(place at, std::string message, std::string hint) {
  add(at, std::move(message), std::move(hint), true);
}

std::vector<diagnostic> report::take() {
  errors_ = 0;
  return std::exchange(found_, {});
}

std::string_view to_string(node::kind kind) noexcept {
  switch (kind) {
    case node::kind::null:
      return "nothing";
    case node::kind::scalar:
      return "a value";
    case node::kind::list:
      return "a list";
    case node::kind::map:
      return "a map";
  }
  return "";
}

const node::member* node::find(std::string_view key) const noexcept {
  const auto found = std::ranges::find(members, key, &member::key);
  return found == members.end() ? nullptr : &*found;
}

std::optional<node> read(std::string_view yaml, const read_settings& settings, report& out) {
  if (yaml.size() > settings.limits.bytes) {
    out.error({}, fmt::format("larger than {} bytes", settings.limits.bytes), "split it, or move data out of it");
    return std::nullopt;
  }
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    builder b(settings, out);
    if (!parser.HandleNextDocument(b)) return node{};
    auto root = b.take();
    struct second final : YAML::EventHandler {
      bool seen = false;
      place at;
      void note(const YAML::Mark& m) {
        if (!seen) at = place_of(m);
        seen = true;
      }
      void OnDocumentStart(const YAML::Mark& m) override { note(m); }
      void OnDocumentEnd() override {}
      void OnNull(const YAML::Mark& m, YAML::anchor_t) override { note(m); }
      void OnAlias(const YAML::Mark& m, YAML::anchor_t) override { note(m); }
      void OnScalar(const YAML::Mark& m, const std::string&, YAML::anchor_t, const std::string&) override { note(m); }
      void OnSequenceStart(const YAML::Mark& m, const std::string&, YAML::anchor_t,
                           YAML::EmitterStyle::value) override {
        note(m);
      }
      void OnSequenceEnd() override {}
      void OnMapStart(const YAML::Mark& m, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
        note(m);
      }
      void OnMapEnd() override {}
    } rest;
    if (parser.HandleNextDocument(rest) && rest.seen)
      out.error(rest.at, "a second document begins here", "keep one configuration in a file");
    return root;
  } catch (const limit_passed&) {
    return std::nullopt;
  } catch (const YAML::Exception& e) {
    out.error(place_of(e.mark), fmt::format("this is no YAML: {}", e.msg),
              "check the indentation and the quotes before this place");
    return std::nullopt;
  }
}

std::optional<std::string> read_file(const std::string& path, std::size_t limit, report& out, place at) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  if (in) {
    text.resize(limit + 1);
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
  }
  if (!in.is_open() || in.bad()) {
    out.error(at, fmt::format("the file {} cannot be read", path), "check the path and its permissions");
    return std::nullopt;
  }
  if (text.size() > limit) {
    out.error(at, fmt::format("the file {} is larger than {} bytes", path, limit));
    return std::nullopt;
  }
  return text;
}

}  // namespace switchboard::config
