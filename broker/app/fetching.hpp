// The corridor's view of the web: net's fetcher.
#pragma once

#include "broker/app/corridor.hpp"
#include "broker/net/fetch.hpp"

namespace switchboard::app {

class fetching final : public web {
 public:
  fetching(std::vector<std::string> hosts, net::fetch_probe& probe)
      : fetcher_(net::fetcher::create(of(std::move(hosts)), probe)) {}

  const connectors::fetched_keys& keys() const override { return fetcher_->keys(); }
  void fetch_key(const std::string& url, done finished) override { fetcher_->fetch(url, told(std::move(finished))); }
  void confirm(const std::string& url, done finished) override { fetcher_->confirm(url, told(std::move(finished))); }
  void stop() { fetcher_->stop(); }

 private:
  static net::fetch_settings of(std::vector<std::string> hosts) {
    net::fetch_settings s;
    s.hosts = std::move(hosts);
    return s;
  }
  static net::fetcher::callback told(done finished) {
    return [finished = std::move(finished)](const std::expected<std::string, net::fetch_error>& body) mutable {
      finished(body.has_value());
    };
  }
  std::unique_ptr<net::fetcher> fetcher_;
};

}  // namespace switchboard::app
