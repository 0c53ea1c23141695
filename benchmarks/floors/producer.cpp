// What librdkafka costs by itself at a paced rate: the broker's properties, one thread that hands over what fell due in
// the last millisecond and takes the delivery reports as events.
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cinttypes>
#include <stdexcept>
#include <string>

#include "benchmarks/floors/floor.hpp"
#include "broker/publish/kafka.hpp"

namespace switchboard::benchmarks::floors {
namespace {

struct settings {
  std::string servers = "127.0.0.1:9092", topic;
  double rate = 1000;
  std::size_t bytes = 1700, keys = 10'000, window = 65'536;
  std::string linger = "2";
  double seconds = 5, warmup = 0.5;
};

struct destroy_client {
  void operator()(rd_kafka_t* handle) const noexcept {
    rd_kafka_purge(handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
};

void set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
  char text[256];
  if (rd_kafka_conf_set(conf, name, value.c_str(), text, sizeof text) != RD_KAFKA_CONF_OK)
    throw std::runtime_error(text);
}

class producer {
 public:
  explicit producer(const settings& s) : settings_(s), wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    publish::conf_handle conf{rd_kafka_conf_new()};
    set(conf.get(), "bootstrap.servers", s.servers);
    set(conf.get(), "enable.idempotence", "true");
    set(conf.get(), "enable.gapless.guarantee", "true");
    set(conf.get(), "acks", "all");
    set(conf.get(), "message.timeout.ms", "0");
    set(conf.get(), "partitioner", "murmur2_random");
    set(conf.get(), "linger.ms", s.linger);
    set(conf.get(), "socket.nagle.disable", "true");
    set(conf.get(), "queue.buffering.max.messages", std::to_string(s.window));
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR);
    char text[256];
    handle_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf.get(), text, sizeof text));
    if (!handle_) throw std::runtime_error(text);
    std::ignore = conf.release();
    topic_.reset(rd_kafka_topic_new(handle_.get(), s.topic.c_str(), nullptr));
    queue_.reset(rd_kafka_queue_get_main(handle_.get()));
    const std::uint64_t one = 1;
    rd_kafka_queue_io_event_enable(queue_.get(), wake_, &one, sizeof one);
    for (std::size_t i = 0; i < s.keys; ++i) keys_.push_back(fmt::format("{:032x}", i * 0x9e3779b97f4a7c15));
    value_.assign(s.bytes > keys_.front().size() ? s.bytes - keys_.front().size() : 1, 'x');
  }
  ~producer() {
    topic_.reset();
    queue_.reset();
    handle_.reset();
    ::close(wake_);
  }
  producer(const producer&) = delete;
  producer& operator=(const producer&) = delete;

  void run(double seconds) {
    delivered_ = 0;
    latencies_.clear();
    std::uint64_t handed_over = 0;
    const auto begun = clock::now();
    const auto end = begun + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
    for (auto now = begun; now < end; now = clock::now()) {
      const auto until = settings_.rate > 0 ? due(now - begun, settings_.rate) : ~std::uint64_t{0};
      bool full = false;
      while (handed_over < until && !full && in_flight_ < settings_.window) {
        full = !produce(handed_over);
        if (!full) ++handed_over;
      }
      wait();
      drain();
    }
  }

  void finish() {
    const auto end = clock::now() + std::chrono::seconds(30);
    while (in_flight_ > 0 && clock::now() < end) {
      wait();
      drain();
    }
    if (in_flight_ > 0) throw std::runtime_error(fmt::format("{} messages were not delivered", in_flight_));
  }

  std::uint64_t delivered() const { return delivered_; }
  std::vector<double>& latencies() { return latencies_; }

 private:
  bool produce(std::uint64_t number) {
    const auto& key = keys_[number % keys_.size()];
    const auto now = static_cast<std::uintptr_t>(clock::now().time_since_epoch().count());
    if (rd_kafka_produce(topic_.get(), RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value_.data(), value_.size(),
                         key.data(), key.size(), reinterpret_cast<void*>(now)) == 0) {
      ++in_flight_;
      return true;
    }
    if (rd_kafka_last_error() == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
  }

  void wait() const {
    pollfd p{.fd = wake_, .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, 1) == 1) {
      std::uint64_t count;
      std::ignore = ::read(wake_, &count, sizeof count);
    }
  }

  void drain() {
    while (const publish::event_handle event{rd_kafka_queue_poll(queue_.get(), 0)}) {
      if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_DR) continue;
      while (const auto* message = rd_kafka_event_message_next(event.get())) {
        if (message->err) throw std::runtime_error(rd_kafka_err2str(message->err));
        --in_flight_;
        ++delivered_;
        const clock::time_point then{clock::duration(reinterpret_cast<std::uintptr_t>(message->_private))};
        latencies_.push_back(microseconds(clock::now() - then).count());
      }
    }
  }

  const settings& settings_;
  int wake_;
  std::unique_ptr<rd_kafka_t, destroy_client> handle_;
  publish::topic_handle topic_;
  publish::queue_handle queue_;
  std::vector<std::string> keys_;
  std::string value_;
  std::uint64_t in_flight_ = 0, delivered_ = 0;
  std::vector<double> latencies_;
};

void measure(const settings& s) {
  producer p(s);
  p.run(s.warmup);
  const auto before = cpu_time();
  const auto begun = clock::now();
  p.run(s.seconds);
  const auto cpu = (cpu_time() - before).count();
  const std::chrono::duration<double> took = clock::now() - begun;
  const auto events = static_cast<double>(p.delivered());
  auto& latencies = p.latencies();
  fmt::print(
      "{{\"floor\":\"producer\",\"rate\":{},\"bytes\":{},\"seconds\":{:.3f},\"events\":{},\"events_per_second\":{:.1f},"
      "\"cpu_us\":{:.1f},\"cpu_us_per_event\":{:.4f},\"delivery_us\":{{\"p50\":{:.1f},\"p99\":{:.1f},\"p999\":{:.1f}}}}"
      "}\n",
      s.rate, s.bytes, took.count(), p.delivered(), events / took.count(), cpu, events > 0 ? cpu / events : 0,
      percentile(latencies, .5), percentile(latencies, .99), percentile(latencies, .999));
  std::fflush(stdout);
  p.finish();
}

}  // namespace
}  // namespace switchboard::benchmarks::floors

int main(int count, char** words) {
  using namespace switchboard::benchmarks::floors;
  settings s;
  CLI::App app("Produces to Kafka as the broker does, at a rate, and says what it cost, as JSON.");
  app.footer("floor-producer --kafka 127.0.0.1:9092 --topic floor --rate 5000 --bytes 1700 --duration 10");
  app.add_option("--kafka", s.servers, "bootstrap.servers")->capture_default_str();
  app.add_option("--topic", s.topic, "An existing topic")->required();
  app.add_option("--rate", s.rate, "Messages a second; 0: as many as Kafka takes")->capture_default_str();
  app.add_option("--bytes", s.bytes, "Of a message, its key included")
      ->check(CLI::Range(1, 900'000))
      ->capture_default_str();
  app.add_option("--keys", s.keys, "Different keys")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  app.add_option("--linger", s.linger, "linger.ms")->capture_default_str();
  app.add_option("--window", s.window, "Most messages in flight")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--duration", s.seconds, "Seconds that are measured")->capture_default_str();
  app.add_option("--warmup", s.warmup, "Seconds before them")->capture_default_str();
  CLI11_PARSE(app, count, words);
  try {
    measure(s);
  } catch (const std::exception& e) {
    fmt::print(stderr, "floor-producer: {}\n", e.what());
    return 1;
  }
  return 0;
}
