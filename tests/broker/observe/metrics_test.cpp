#include "broker/observe/metrics.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <unistd.h>

#include <chrono>
#include <map>

namespace switchboard::observe {
namespace {

std::map<std::string, double> process_values() {
  std::map<std::string, double> values;
  for (const auto& family : process_metrics()) {
    const auto& metric = family.metric.at(0);
    values[family.name] = family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value;
  }
  return values;
}

TEST(metrics, exposition_holds_the_registry_and_the_process) {
  prometheus::Registry registry;
  auto& family = prometheus::BuildCounter().Name("switchboard_test_total").Help("A test.").Register(registry);
  family.Add({{"code", "x\"y"}}).Increment(3);
  const std::string text = exposition(registry);
  EXPECT_THAT(text,
              testing::HasSubstr("# TYPE switchboard_test_total counter\nswitchboard_test_total{code=\"x\\\"y\"} 3\n"));
  EXPECT_THAT(text, testing::HasSubstr("# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes "));
  EXPECT_THAT(text, testing::HasSubstr("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "));
}

TEST(metrics, process_values_are_of_this_process) {
  const auto before = process_values();
  EXPECT_EQ(before.size(), 7u);
  EXPECT_GT(before.at("process_resident_memory_bytes"), 1 << 20);
  EXPECT_GE(before.at("process_virtual_memory_bytes"), before.at("process_resident_memory_bytes"));
  EXPECT_GE(before.at("process_threads"), 1);
  EXPECT_GT(before.at("process_max_fds"), 3);
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_GT(before.at("process_start_time_seconds"), now - 3600);
  EXPECT_LT(before.at("process_start_time_seconds"), now + 2);

  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(process_values().at("process_open_fds"), before.at("process_open_fds") + 1);
  ::close(fd);
  EXPECT_EQ(process_values().at("process_open_fds"), before.at("process_open_fds"));
}

TEST(metrics, cpu_seconds_advance) {
  const double before = process_values().at("process_cpu_seconds_total");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  double after = before;
  while (after <= before && std::chrono::steady_clock::now() < deadline)
    after = process_values().at("process_cpu_seconds_total");
  EXPECT_GT(after, before);
}

}  // namespace
}  // namespace switchboard::observe
