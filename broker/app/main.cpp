// The command line. Nothing else of the program includes CLI11.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "broker/app/commands.hpp"
#include "broker/app/completion.hpp"
#include "broker/app/version.hpp"

namespace {

using namespace switchboard::app;

constexpr const char* config_text = "The configuration file (environment: SWITCHBOARD_CONFIG)";

CLI::App* command(CLI::App& program, const std::string& name, const std::string& text, const std::string& examples) {
  auto* c = program.add_subcommand(name, text);
  c->footer("Examples:\n" + examples);
  return c;
}

CLI::Option* config_option(CLI::App* c, std::string& into) {
  return c->add_option("-c,--config", into, config_text)->envname("SWITCHBOARD_CONFIG")->required()->type_name("FILE");
}

struct options {
  serve_options serve;
  check_options check;
  connectors_options connectors;
  send_options send;
  tail_options tail;
  topics_options topics;
  decode_options decode;
  replay_options replay;
  journal_options journal;
  std::string completion;
};

void add_serve(CLI::App& program, serve_options& o) {
  auto* c =
      command(program, "serve", "Take contacts in and publish them to Kafka",
              "  switchboard serve --config switchboard.yaml\n"
              "  switchboard serve --config switchboard.yaml --capture requests.ndjson --capture-source store-7\n"
              "Signals: SIGHUP reloads, SIGTERM drains, a second SIGTERM ends at once; nothing acknowledged is lost.");
  config_option(c, o.config);
  c->add_flag("--until-empty", o.until_empty, "On SIGTERM wait until Kafka has everything, at most as long as `drain`");
  c->add_option("--capture", o.capture, "Write requests to this file, one line each, for decode")->type_name("FILE");
  c->add_option("--capture-mode", o.capture_mode,
                "sealed: only the tenant's secret opens it; redacted: texts and numbers blotted out; plain")
      ->check(CLI::IsMember({"sealed", "redacted", "plain"}))
      ->type_name("MODE")
      ->capture_default_str();
  c->add_option("--capture-source", o.capture_sources, "Only of this source; may stand several times")->type_name("ID");
}

void add_check(CLI::App& program, check_options& o) {
  auto* c =
      command(program, "check", "Tell everything that is wrong with a configuration, and what to set at each provider",
              "  switchboard check --config switchboard.yaml\n"
              "  switchboard check --config switchboard.yaml --kafka\n"
              "  switchboard check --reference > docs/configuration.md");
  auto* config = c->add_option("-c,--config", o.config, config_text)->envname("SWITCHBOARD_CONFIG")->type_name("FILE");
  auto* reference = c->add_flag("--reference", o.reference, "Print the reference of all keys as Markdown");
  c->add_flag("--kafka", o.kafka, "Also verify the topics in Kafka")->excludes(reference);
  c->final_callback([config, reference] {
    if (config->empty() && reference->empty()) throw CLI::RequiredError("--config");
  });
}

void add_connectors(CLI::App& program, connectors_options& o) {
  auto* c = command(program, "connectors", "List what can be connected",
                    "  switchboard connectors\n"
                    "  switchboard connectors --json\n"
                    "  switchboard connectors --events kiosk\n"
                    "  switchboard connectors --example kiosk >> switchboard.yaml");
  auto* as_json = c->add_flag("--json", o.json, "All of it as JSON");
  auto* table = c->add_flag("--markdown", o.markdown, "The table of the README")->excludes(as_json);
  auto* events =
      c->add_flag("--events", o.events, "What each provider sends, and the events that it becomes, as Markdown");
  auto* example = c->add_flag("--example", o.example,
                              "A source of each for the end of a configuration, and how to make its secrets");
  events->excludes(as_json)->excludes(table);
  example->excludes(as_json)->excludes(table)->excludes(events);
  c->add_option("names", o.names, "Only these connectors")->type_name("NAME");
}

void add_send(CLI::App& program, send_options& o) {
  auto* c = command(program, "send", "Send freshly signed samples with new ids to a running broker",
                    "  switchboard send --config switchboard.yaml kiosk\n"
                    "  switchboard send --config switchboard.yaml --all --count 10\n"
                    "  switchboard send --config switchboard.yaml twilio --sample sms --url http://127.0.0.1:8080");
  config_option(c, o.config);
  c->add_option("names", o.names, "Sources or connectors")->type_name("NAME");
  c->add_flag("--all", o.all, "One for every source");
  c->add_option("--sample", o.sample, "The sample of that name; otherwise they take turns")->type_name("NAME");
  c->add_option("-n,--count", o.count, "How many for each")->check(CLI::PositiveNumber)->capture_default_str();
  c->add_option("--url", o.url, "Where the broker listens; from the configuration by default")->type_name("URL");
  c->add_flag("--print", o.print, "Print the requests as lines for decode instead of sending them");
}

void add_tail(CLI::App& program, tail_options& o) {
  auto* c = command(program, "tail", "Follow the events in Kafka",
                    "  switchboard tail --config switchboard.yaml\n"
                    "  switchboard tail --config switchboard.yaml --channel sms --json\n"
                    "  switchboard tail --config switchboard.yaml --topic quarantine --from-beginning --count 20");
  config_option(c, o.config);
  c->add_option("-t,--topic", o.topics,
                "A topic by its logical name (inbound, activity, quarantine, raw, control, dead_letter)")
      ->type_name("TOPIC");
  c->add_option("--channel", o.channel, "Only of this channel")->type_name("CHANNEL");
  c->add_option("--source", o.source, "Only of this source")->type_name("ID");
  c->add_option("--key", o.key, "Only with this key")->type_name("KEY");
  c->add_option("--type", o.type, "Only types that begin so")->type_name("TYPE");
  c->add_flag("--json", o.json, "One CloudEvent in structured form a line");
  c->add_flag("--from-beginning", o.from_beginning, "Also what is there already");
  c->add_option("-n,--count", o.count, "Stop after so many")->type_name("N");
  c->add_option("--admin", o.admin, "Admin listener of the running broker, to find an embedded Kafka")
      ->type_name("URL");
}

void add_topics(CLI::App& program, topics_options& o) {
  auto* c = command(program, "topics", "Make, verify and show the topics in Kafka",
                    "  switchboard topics create --config switchboard.yaml\n"
                    "  switchboard topics verify --config switchboard.yaml\n"
                    "  switchboard topics show --config switchboard.yaml --json");
  c->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, topics_options::action what) {
    auto* a = c->add_subcommand(name, text);
    config_option(a, o.config);
    a->add_flag("--json", o.json, "As JSON");
    a->footer(std::string("Example:\n  switchboard topics ") + name + " --config switchboard.yaml");
    a->callback([&o, what] { o.what = what; });
  };
  add("create", "Make those that are missing, with the right settings; alter nothing", topics_options::action::create);
  add("verify", "Compare with the configuration; exit 1 when something differs", topics_options::action::verify);
  add("show", "Show what is there", topics_options::action::show);
}

void add_decode(CLI::App& program, decode_options& o) {
  auto* c = command(
      program, "decode", "Decode captured requests without a broker; never dedupes",
      "  switchboard decode --config switchboard.yaml --requests captured.ndjson\n"
      "  switchboard send --config switchboard.yaml kiosk --print | switchboard decode --config switchboard.yaml\n"
      "  switchboard decode --config switchboard.yaml --skip-verify < redacted.ndjson");
  config_option(c, o.config);
  c->add_option("--requests", o.requests,
                "Lines {source, method, target, headers, body | body_base64, received_at, peer}; - is standard input")
      ->type_name("FILE")
      ->capture_default_str();
  c->add_flag("--skip-verify", o.skip_verify, "Check no signature and need no secrets; each line is marked");
  c->add_option("--source", o.source, "Read every request as one of this source")->type_name("ID");
}

void add_replay(CLI::App& program, replay_options& o) {
  auto* c = command(program, "replay",
                    "Put quarantine and raw originals through today's decoders; a dry run unless told otherwise",
                    "  switchboard replay --config switchboard.yaml\n"
                    "  switchboard replay --config switchboard.yaml --source twilio --run\n"
                    "  switchboard tail --config switchboard.yaml --topic quarantine --from-beginning --json --count 5 "
                    "| switchboard replay --config "
                    "switchboard.yaml --from -");
  config_option(c, o.config);
  c->add_option("--from", o.from,
                "Records as `tail --json` prints them, instead of reading the topics; - is standard input")
      ->type_name("FILE");
  c->add_option("--source", o.source, "Only of this source")->type_name("ID");
  c->add_flag("--run", o.run, "Publish what comes out");
  c->add_option("--supersede", o.supersede,
                "Also publish again what was published before, under new ids that name the old ones and this revision")
      ->type_name("REVISION");
  c->add_option("--journal", o.journal, "Journal of the replay; beside the broker's by default")->type_name("DIR");
  c->add_option("--admin", o.admin, "Admin listener of the running broker, to find an embedded Kafka")
      ->type_name("URL");
}

void add_journal(CLI::App& program, journal_options& o) {
  auto* c = command(program, "journal", "Look into a journal, repair it, rescue what is in it",
                    "  switchboard journal inspect /var/lib/switchboard/journal\n"
                    "  switchboard journal verify /var/lib/switchboard/journal\n"
                    "  switchboard journal forward /mnt/old-disk/journal --config switchboard.yaml");
  c->require_subcommand(1);
  const auto add = [&](const char* name, const char* text, journal_options::action what) {
    auto* a = c->add_subcommand(name, text);
    a->add_option("directory", o.directory, "The journal's directory")->required()->type_name("DIR");
    a->footer(std::string("Example:\n  switchboard journal ") + name + " /var/lib/switchboard/journal" +
              (what == journal_options::action::forward ? " --config switchboard.yaml" : ""));
    a->callback([&o, what] { o.what = what; });
    return a;
  };
  add("inspect", "Show segments, units and how far Kafka has them", journal_options::action::inspect)
      ->add_flag("--json", o.json, "As JSON");
  add("verify", "Read everything and check it; exit 1 when something is damaged", journal_options::action::verify)
      ->add_flag("--json", o.json, "As JSON");
  auto* r = add("repair", "Mark damaged groups as lost, telling what that is; the bytes are kept beside",
                journal_options::action::repair);
  r->add_flag("--yes", o.yes, "Do it; otherwise only tells what is damaged");
  r->add_flag("--cut", o.cut, "End the journal before the damage instead");
  auto* e = add("export", "Write every unit as a line of JSON", journal_options::action::export_);
  e->add_option("-o,--output", o.output, "File; standard output by default")->type_name("FILE");
  auto* f = add("forward", "Publish what Kafka has not got, of a journal whose node is gone",
                journal_options::action::forward);
  config_option(f, o.config);
}

exit_code run(const CLI::App& program, const options& o) {
  const auto chosen = [&](const char* name) { return program.got_subcommand(name); };
  if (chosen("serve")) return serve(o.serve);
  if (chosen("check")) return check(o.check);
  if (chosen("connectors")) return connectors_list(o.connectors);
  if (chosen("send")) return send(o.send);
  if (chosen("tail")) return tail(o.tail);
  if (chosen("topics")) return topics(o.topics);
  if (chosen("decode")) return decode(o.decode);
  if (chosen("replay")) return replay(o.replay);
  return journal_tool(o.journal);
}

// The commands as data, for the completion scripts.
std::vector<completion_command> commands_of(const CLI::App& program) {
  std::vector<completion_command> result;
  for (const auto* c : program.get_subcommands([](const CLI::App* a) { return !a->get_group().empty(); })) {
    completion_command one{c->get_name(), c->get_description(), {}, {}};
    for (const auto* option : c->get_options()) {
      for (const auto& name : option->get_lnames())
        one.options.push_back({"--" + name, option->get_description(),
                               option->get_expected_min() > 0 && option->get_type_size() > 0, option->get_type_name()});
    }
    one.actions = commands_of(*c);
    result.push_back(std::move(one));
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App program("Switchboard takes in every way a customer can reach a company and publishes it to Kafka.",
                   "switchboard");
  program.footer(
      "Examples:\n  switchboard check --config switchboard.yaml\n  switchboard serve --config switchboard.yaml\n"
      "Each command has its own --help.");
  program.require_subcommand(1);
  program.set_version_flag("--version", version_details());
  options o;
  add_serve(program, o.serve);
  add_check(program, o.check);
  add_connectors(program, o.connectors);
  add_send(program, o.send);
  add_tail(program, o.tail);
  add_topics(program, o.topics);
  add_decode(program, o.decode);
  add_replay(program, o.replay);
  add_journal(program, o.journal);
  auto* completion = program.add_subcommand("completion", "Print the completion script of a shell")->group("");
  completion->add_option("shell", o.completion, "bash or zsh")->required()->check(CLI::IsMember({"bash", "zsh"}));

  try {
    program.parse(argc, argv);
    if (completion->parsed()) {
      const auto script = completion_script(o.completion, commands_of(program));
      return std::fwrite(script.data(), 1, script.size(), stdout) == script.size()
                 ? 0
                 : static_cast<int>(exit_code::cannot_write);
    }
    return static_cast<int>(run(program, o));
  } catch (const CLI::Success& e) {
    return program.exit(e);
  } catch (const CLI::ParseError& e) {
    program.exit(e);
    return static_cast<int>(exit_code::usage);
  } catch (const std::exception& e) {
    fmt::print(stderr, "switchboard: {}\n", e.what());
    return static_cast<int>(exit_code::internal);
  }
}
