#include "broker/net/connection.hpp"

#include <boost/asio/ssl/error.hpp>
#include <cassert>

#include "broker/net/reply_writer.hpp"
#include "broker/net/tls.hpp"
#include "broker/observe/log.hpp"

namespace switchboard::net {
namespace {

constexpr std::size_t first_buffer = 4096;  // holds head and body of most requests
constexpr std::size_t chunk_buffer = 16 << 10;
constexpr std::size_t coalesced_body = 16
                                       << 10;  // a response body up to this is copied behind its head, into one write
constexpr std::size_t streamed_piece = 64 << 10;
constexpr std::size_t discarded_most = 16u << 20;  // of what a refused client still sends before it reads our answer
constexpr std::chrono::seconds linger_time{2};
constexpr std::string_view continue_reply = "HTTP/1.1 100 Continue\r\n\r\n";

class exchange final : public responder {
 public:
  exchange(std::shared_ptr<connection> owner, std::uint64_t number, net::request request)
      : connection_(std::move(owner)), number_(number), request_(std::move(request)) {}

  ~exchange() override {
    if (!connection_) return;
    loop& home = connection_->loop();
    if (home.is_this_thread())
      connection_->abandon(number_);
    else
      home.post([owner = std::move(connection_), number = number_] { owner->abandon(number); });
  }

  const net::request& request() const override { return request_; }
  int thread_index() const override { return index_; }

  void send(http_response response) override {
    assert(connection_ && "a request is answered once");
    const auto owner = std::exchange(connection_, nullptr);
    loop& home = owner->loop();
    if (home.is_this_thread())
      owner->reply(number_, std::move(response));
    else
      home.post([owner, number = number_, r = std::move(response)]() mutable { owner->reply(number, std::move(r)); });
  }

 private:
  std::shared_ptr<connection> connection_;
  const std::uint64_t number_;
  const int index_ = connection_->loop().index();
  const net::request request_;
};

}  // namespace

connection::connection(net::loop& loop, const ip_address& peer)
    : loop_(loop.shared_from_this()),
      state_(loop.state()),
      peer_(peer),
      peer_text_(peer.to_string()),
      scanner_(state_.settings.limits) {}

connection::~connection() { state_.uncharge(charged_); }

// --- beginning and end ---

void connection::start() {
  loop_->add(*this);
  state_.probe.connections.Increment();
  state_.probe.accepted.Increment();
  if (is_tls()) {
    loop_->deadlines().arm(*this, state_.settings.limits.tls_handshake);
    start_handshake();
  } else {
    phase_ = phase::head;
    pump();
  }
}

void connection::start_refused(refusal reason) {
  counted_ = false;
  loop_->add(*this);
  refuse(reason);
}

void connection::on_handshake(error_code error, std::string client_certificate) {
  if (phase_ == phase::closed) return;
  if (error) {
    using enum handshake_failure;
    const bool of_tls = error.category() == asio::error::get_ssl_category();
    const auto code = static_cast<unsigned long>(error.value());
    state_.probe.failed(!of_tls                           ? gone
                        : blames_client_certificate(code) ? handshake_failure::client_certificate
                                                          : protocol);
    return close();
  }
  client_certificate_ = std::move(client_certificate);
  phase_ = phase::head;
  pump();
}

void connection::close_if_idle() {
  if (phase_ == phase::head && in_.size() == 0) interrupt(std::nullopt);
}

// The buffers stay: a responder may still look at the request. They go with the last owner.
void connection::close() {
  if (phase_ == phase::closed) return;
  phase_ = phase::closed;
  timer_wheel::disarm(*this);
  registry_hook::unlink();
  close_socket();
  if (counted_) {
    state_.probe.connections.Decrement();
    state_.close_connection(peer_);
  } else {
    state_.release_refusal();
  }
}

void connection::linger() {
  phase_ = phase::lingering;
  discarded_ = 0;
  loop_->deadlines().arm(*this, linger_time);
  start_shutdown();
}

void connection::on_shutdown() {
  if (phase_ == phase::closed) return;
  start_discard(loop_->scratch().data(), loop_->scratch().size());
}

void connection::on_deadline() {
  using enum deadline;
  switch (phase_) {
    case phase::handshake:
      state_.probe.hit(tls_handshake);
      return close();
    case phase::head:
      if (in_.size() == 0) {
        state_.probe.hit(fresh_ ? header : idle);
        return interrupt(std::nullopt);
      }
      state_.probe.hit(header);
      return interrupt(refusal::header_timeout);
    case phase::body:
    case phase::chunks:
      state_.probe.hit(deadline::body);
      return interrupt(refusal::body_timeout);
    case phase::handling:
      state_.probe.hit(deadline::reply);
      ++number_;
      return refuse(refusal::reply_timeout);
    case phase::sending_continue:
    case phase::writing:
      state_.probe.hit(write);
      return close();
    case phase::lingering:
    case phase::closed:
      return close();
  }
}

// A request that has come in already, though nobody has looked yet, is served rather than cut off.
void connection::interrupt(std::optional<refusal> reason) {
  if (!reason && has_input()) return loop_->deadlines().arm(*this, state_.settings.limits.header);
  interruption_ = interruption{reason};
  cancel();
}

// --- reading ---

void connection::on_read(error_code error, std::size_t size) {
  switch (phase_) {
    case phase::closed:
      return;
    case phase::lingering:
      discarded_ += size;
      if (error || discarded_ > discarded_most) return close();
      return start_discard(loop_->scratch().data(), loop_->scratch().size());
    default:
      break;
  }
  if (const auto interrupted = std::exchange(interruption_, std::nullopt)) {
    if (interrupted->reason) return refuse(*interrupted->reason);
    if (error) return linger();
  }
  if (error) {
    if (phase_ != phase::head || in_.size() > 0) state_.probe.aborted.Increment();
    return close();
  }
  switch (phase_) {
    case phase::head:
      in_.resize(in_.size() + size);
      break;
    case phase::body:
      body_.resize(body_.size() + size);
      if (!charge_to(body_.size()))
        refuse(refusal::overloaded);
      else if (body_.size() < head_.content_length)
        read_body();
      else
        dispatch(body_.view());
      break;
    case phase::chunks:
      chunk_in_.resize(chunk_in_.size() + size);
      feed_chunks();
      break;
    default:
      break;
  }
  pump();
}

void connection::pump() {
  while (phase_ == phase::head) {
    const auto complete = in_.size() == 0 ? false : scanner_.scan(in_.view());
    if (!complete)
      refuse(complete.error());
    else if (*complete)
      begin_request();
    else
      return read_more_of_head();
  }
}

void connection::read_more_of_head() {
  const auto& limits = state_.settings.limits;
  if (in_.size() == 0 && !fresh_) {
    if (state_.draining.load(std::memory_order_relaxed)) return linger();
    loop_->deadlines().arm(*this, limits.idle);
  } else if (!head_armed_) {
    loop_->deadlines().arm(*this, limits.header);
    head_armed_ = true;
  }
  if (in_.size() == in_.capacity()) in_.reserve(std::max(first_buffer, 2 * in_.capacity()));
  start_read(in_.data() + in_.size(), in_.capacity() - in_.size());
}

void connection::begin_request() {
  fresh_ = false;
  const auto head = read_head(in_.view().substr(scanner_.begin(), scanner_.end() - scanner_.begin()), fields_);
  if (!head) return refuse(head.error());
  head_ = *head;
  consumed_ = scanner_.end();

  request_id_ = loop_->next_request_id();
  const caller from = state_.proxies.find_caller(peer_, is_tls(), head_.host, fields_);
  const bool forwarded = from.peer != peer_;
  if (forwarded) forwarded_peer_ = from.peer.to_string();
  request_head_ = {head_.method, head_.target,        fields_,   forwarded ? forwarded_peer_ : peer_text_,
                   from.scheme,  client_certificate_, from.host, request_id_.view()};
  auto admitted = state_.application.admit(request_head_);
  if (!admitted) return refuse_unread(std::move(admitted.error()));
  body_limit_ = admitted->body_limit;
  context_ = std::move(admitted->context);
  begin_body();
}

void connection::begin_body() {
  const std::string_view buffered = in_.view().substr(consumed_);
  if (head_.framing == framing::chunked) {
    chunks_.emplace(body_limit_);
    chunk_in_.reserve(std::max(chunk_buffer, buffered.size()));
    chunk_in_.append(buffered);
  } else {
    const std::uint64_t length = head_.content_length;
    if (length > body_limit_) return refuse(refusal::body_too_large);
    if (length <= buffered.size()) {
      consumed_ += length;
      if (!charge_to(length)) return refuse(refusal::overloaded);
      return dispatch(buffered.substr(0, length));
    }
    if (!state_.would_fit(length)) return refuse(refusal::overloaded);
    body_.reserve(length);
    body_.append(buffered);
    if (!charge_to(body_.size())) return refuse(refusal::overloaded);
  }
  const bool wanted = head_.expects_continue && buffered.empty();
  in_.resize(consumed_);
  if (wanted) {
    phase_ = phase::sending_continue;
    out_ = continue_reply;
    return flush();
  }
  read_on();
}

void connection::read_on() {
  loop_->deadlines().arm(*this, state_.settings.limits.body);
  if (!chunks_) return read_body();
  phase_ = phase::chunks;
  feed_chunks();
}

void connection::read_body() {
  phase_ = phase::body;
  start_read(body_.data() + body_.size(), head_.content_length - body_.size());
}

void connection::feed_chunks() {
  if (chunk_in_.size() > 0) {
    const auto progress = chunks_->decode(chunk_in_.view(), body_);
    if (!progress) return refuse(progress.error());
    chunk_in_.remove_front(progress->consumed);
    if (!charge_to(body_.size())) return refuse(refusal::overloaded);
    if (progress->complete) {
      body_.reserve(1);
      return dispatch(body_.view());
    }
  }
  start_read(chunk_in_.data() + chunk_in_.size(), chunk_in_.capacity() - chunk_in_.size());
}

bool connection::charge_to(std::size_t bytes) {
  if (!state_.charge(bytes - charged_)) return false;
  charged_ = bytes;
  return true;
}

// --- answering ---

void connection::dispatch(std::string_view body) {
  phase_ = phase::handling;
  ++number_;
  loop_->deadlines().arm(*this, state_.settings.limits.reply);
  auto exchange =
      std::make_unique<net::exchange>(shared_from_this(), number_, request{request_head_, body, std::move(context_)});
  in_handler_ = true;
  state_.application.handle(std::move(exchange));
  in_handler_ = false;
  if (early_reply_)
    respond(*std::exchange(early_reply_, std::nullopt));
  else if (std::exchange(early_abandon_, false))
    abandon(number_);
}

void connection::reply(std::uint64_t number, http_response response) {
  if (number != number_ || phase_ != phase::handling) return;
  if (in_handler_) {
    early_reply_ = std::move(response);
    return;
  }
  respond(std::move(response));
  pump();
}

void connection::abandon(std::uint64_t number) {
  if (number != number_ || phase_ != phase::handling) return;
  if (in_handler_) {
    early_abandon_ = true;
    return;
  }
  state_.probe.unanswered.Increment();
  close();
}

void connection::refuse(refusal reason) {
  const refusal_facts& why = facts(reason);
  state_.probe.refused(reason);
  if (request_id_.empty()) request_id_ = loop_->next_request_id();
  if (const auto left_out = loop_->refusals_logged().take(std::chrono::steady_clock::now()))
    observe::log(
        observe::level::info, "request refused",
        {{"request", request_id_.view()}, {"reason", why.code}, {"peer", peer_text_}, {"left_out", *left_out}});
  auto response = error_response(why.status, why.code, why.message);
  if (reason == refusal::unsupported_content_encoding) response.headers.emplace_back("Accept-Encoding", "identity");
  response.close = true;
  respond(std::move(response));
}

// The application's own refusal: the connection may stay only if the body need not be waited for.
void connection::refuse_unread(http_response response) {
  const std::size_t buffered = in_.size() - consumed_;
  if (head_.framing == framing::chunked || head_.content_length > buffered)
    response.close = true;
  else
    consumed_ += head_.content_length;
  respond(std::move(response));
}

void connection::respond(http_response response) {
  phase_ = phase::writing;
  close_after_ = response.close || !head_.keep_alive || state_.draining.load(std::memory_order_relaxed);
  reply_form form{head_.method == "HEAD", head_.http_1_0, close_after_, loop_->date(), request_id_.view()};
  out_.clear();
  if (!append_reply_head(out_, response, form)) {
    observe::log(observe::level::error, "a response cannot be written",
                 {{"request", request_id_.view()}, {"status", response.status}});
    const refusal_facts& why = facts(refusal::unusable_response);
    state_.probe.refused(refusal::unusable_response);
    response = error_response(why.status, why.code, why.message);
    close_after_ = form.close = true;
    append_reply_head(out_, response, form);
  }
  state_.probe.answered(response.status);
  if (!form.to_head && has_body(response.status)) {
    if (response.streamed)
      streamed_ = std::move(response.streamed);
    else if (response.body.size() <= coalesced_body)
      out_ += response.body;
    else
      tail_ = std::move(response.body);
  }
  flush();
}

void connection::flush() {
  const std::size_t done = write_now({asio::buffer(out_), asio::buffer(tail_)});
  if (done == out_.size() + tail_.size()) return written();
  loop_->deadlines().arm(*this, state_.settings.limits.body);
  const std::size_t of_tail = done - std::min(done, out_.size());
  start_write({asio::buffer(out_) + done, asio::buffer(tail_) + of_tail});
}

void connection::on_written(error_code error) {
  if (phase_ == phase::closed) return;
  if (error) {
    state_.probe.aborted.Increment();
    return close();
  }
  written();
  pump();
}

void connection::written() {
  if (phase_ == phase::sending_continue) return read_on();
  if (streamed_ && streamed_bytes_ < streamed_->size()) return write_piece();
  if (close_after_) return linger();
  next_message();
}

// Not at once but through the loop, so that a fast reader does not keep the thread from everybody else.
void connection::write_piece() {
  out_.clear();
  tail_.resize(std::min<std::uint64_t>(streamed_piece, streamed_->size() - streamed_bytes_));
  if (!streamed_->read(streamed_bytes_, tail_)) {
    state_.probe.aborted.Increment();
    return close();
  }
  streamed_bytes_ += tail_.size();
  loop_->deadlines().arm(*this, state_.settings.limits.body);
  start_write({asio::buffer(out_), asio::buffer(tail_)});
}

void connection::next_message() {
  phase_ = phase::head;
  state_.uncharge(std::exchange(charged_, 0));
  if (chunks_) {
    in_.resize(0);
    in_.append(chunk_in_.view());
    chunks_.reset();
    chunk_in_.release();
  } else {
    in_.remove_front(consumed_);
  }
  body_.release();
  if (in_.size() == 0 && in_.capacity() > first_buffer) in_.release();
  if (out_.capacity() > coalesced_body) out_ = {};
  if (!tail_.empty()) tail_ = {};
  streamed_.reset();
  streamed_bytes_ = 0;
  scanner_ = head_scanner(state_.settings.limits);
  head_ = {};
  request_id_ = {};
  request_head_ = {};
  head_armed_ = false;
}

}  // namespace switchboard::net
