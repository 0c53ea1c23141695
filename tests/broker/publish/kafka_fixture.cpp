#include "tests/broker/publish/kafka_fixture.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "broker/publish/checkpoint.hpp"
#include "broker/publish/kafka.hpp"
#include "tests/support/emitted_events.hpp"

namespace switchboard::publish::testing {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void tell_kafka(const std::string& line) {
  const auto path = from_environment("SWITCHBOARD_TEST_KAFKA_CONTROL");
  const int connection = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  std::string answer;
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const auto order = line + "\n";
    [[maybe_unused]] const auto sent = ::write(connection, order.data(), order.size());
    char c = 0;
    while (::read(connection, &c, 1) == 1 && c != '\n') answer += c;
  }
  ::close(connection);
  if (answer != "ok") throw std::runtime_error(line + ": " + answer);
}

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

std::vector<read_record> read_all(const std::string& brokers, const std::string& topic, bool committed) {
  const std::vector<property> base{{"bootstrap.servers", brokers}};
  const std::vector<property> ours{{"isolation.level", committed ? "read_committed" : "read_uncommitted"},
                                   {"enable.partition.eof", "true"},
                                   {"auto.offset.reset", "earliest"},
                                   {"fetch.wait.max.ms", "10"}};
  auto reader = client::create(RD_KAFKA_CONSUMER, base, ours);
  if (!reader) throw std::runtime_error(reader.error());
  topic_handle handle{rd_kafka_topic_new(reader->raw(), topic.c_str(), nullptr)};
  const rd_kafka_metadata_t* raw = nullptr;
  if (auto error = rd_kafka_metadata(reader->raw(), 0, handle.get(), &raw, 20000); error != 0)
    throw std::runtime_error(rd_kafka_err2str(error));
  const metadata_handle metadata{raw};
  std::vector<read_record> records;
  for (int partition = 0; partition < metadata->topics[0].partition_cnt; ++partition) {
    rd_kafka_consume_start(handle.get(), partition, RD_KAFKA_OFFSET_BEGINNING);
    for (;;) {
      const message_handle message{rd_kafka_consume(handle.get(), partition, 20000)};
      if (!message) throw std::runtime_error("reading " + topic + " took too long");
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) break;
      if (message->err != 0) throw std::runtime_error(rd_kafka_err2str(message->err));
      read_record r{partition,
                    message->offset,
                    rd_kafka_message_timestamp(message.get(), nullptr),
                    {static_cast<const char*>(message->key), message->key_len},
                    {static_cast<const char*>(message->payload), message->len},
                    {}};
      rd_kafka_headers_t* headers = nullptr;
      if (rd_kafka_message_headers(message.get(), &headers) == 0) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == 0; ++i)
          r.headers[name] = std::string(static_cast<const char*>(value), size);
      }
      records.push_back(std::move(r));
    }
    rd_kafka_consume_stop(handle.get(), partition);
  }
  return records;
}

forwarder_fixture::forwarder_fixture() {
  suffix_ = schemas::to_string(random_id()).substr(0, 8);
  directory = (std::filesystem::temp_directory_path() / ("switchboard-publish-" + suffix_)).string();
  std::filesystem::create_directories(directory);
  settings.properties = {{"bootstrap.servers", brokers}};
  for (const char* logical : {"inbound", "activity", "control", "dead_letter"})
    settings.topics.push_back({logical, kafka_name(logical)});
  settings.checkpoint_directory = directory;
  settings.heartbeat = 3600s;
}

forwarder_fixture::~forwarder_fixture() {
  forwarder_.reset();
  std::filesystem::remove_all(directory);
}

std::string forwarder_fixture::kafka_name(const std::string& logical) const { return "t" + suffix_ + "." + logical; }

std::vector<read_record> forwarder_fixture::read(const std::string& logical, bool committed) const {
  auto records = read_all(brokers, kafka_name(logical), committed);
  for (const auto& r : records) support::leave_record(r.headers, r.key, r.value);
  return records;
}

void forwarder_fixture::create_topics(int partitions, std::int64_t max_message_bytes) {
  for (const auto& t : settings.topics)
    create_topic(t.logical, partitions, t.logical == "dead_letter" ? 4 << 20 : max_message_bytes);
}

void forwarder_fixture::create_topic(const std::string& logical, int partitions, std::int64_t max_message_bytes,
                                     const std::string& cleanup_policy) {
  const std::vector<std::pair<std::string, std::string>> plain{{"bootstrap.servers", brokers}};
  auto admin = topics_admin::create(plain);
  ASSERT_TRUE(admin) << admin.error();
  const std::vector wanted{topic_settings{.name = kafka_name(logical),
                                          .partitions = partitions,
                                          .replication = 1,
                                          .min_insync = 1,
                                          .cleanup_policy = cleanup_policy,
                                          .max_message_bytes = max_message_bytes}};
  auto made = (*admin)->create_missing(wanted, 30s);
  ASSERT_TRUE(made) << made.error().message;
}

forwarder& forwarder_fixture::start() {
  auto created = forwarder::create(settings, journal, store, base::real_clock(), probe, around);
  if (!created) {
    ADD_FAILURE() << created.error();
    std::abort();
  }
  forwarder_ = std::move(*created);
  forwarder_->start();
  return *forwarder_;
}

void forwarder_fixture::stop(std::chrono::milliseconds limit, bool until_empty) {
  forwarder_->stop(std::chrono::steady_clock::now() + limit, until_empty);
}

bool forwarder_fixture::all_published(std::chrono::milliseconds limit) const {
  return wait_until([&] { return journal.published_number() == journal.last_number(); }, limit);
}

std::map<std::uint64_t, int> forwarder_fixture::sequences(const std::vector<read_record>& records) {
  std::map<std::uint64_t, int> seen;
  for (const auto& r : records) ++seen[std::stoull(r.headers.at("ce_sbseq"))];
  return seen;
}

bool forwarder_fixture::in_order(const std::vector<read_record>& records) {
  std::map<std::string, std::uint64_t> last;
  std::set<std::uint64_t> seen;
  for (const auto& r : records) {
    const auto sequence = std::stoull(r.headers.at("ce_sbseq"));
    if (!seen.insert(sequence).second) continue;  // a copy
    if (sequence < last[r.key]) return false;
    last[r.key] = sequence;
  }
  return true;
}

std::uint64_t forwarder_fixture::checkpoint_unit() const {
  std::error_code none;
  if (std::filesystem::file_size(directory + "/checkpoint", none) < 2 * checkpoint_file::slot_bytes || none) return 0;
  const auto file = checkpoint_file::open(base::real_file_system(), directory);
  return file ? file->loaded().unit : 0;
}

ledger_topic forwarder_fixture::ledger(const std::string& logical) const {
  for (const auto& t : forwarder_->current_ledger())
    if (t.topic == logical) return t;
  return {};
}

}  // namespace switchboard::publish::testing
