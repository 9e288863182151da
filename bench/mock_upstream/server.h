#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "bench/mock_upstream/answer.h"
#include "bench/mock_upstream/ledger.h"
#include "bench/net/event_loop.h"

namespace penstock::bench {

struct ServerOptions {
  uint16_t port = 0;
  int64_t tokens = 50;  // of an answer whose request sets no maximum: the events of a stream
  int64_t pace_us = 0;  // between them
  bool keep_ledger = true;
  std::string refused_key;  // who shows it is answered 401; empty: any key will do
};

// An upstream that speaks the OpenAI and Anthropic protocols and behaves as the model's name says. One
// thread.
class Server {
 public:
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options);
  uint16_t port() const { return port_; }
  void run();  // until the process ends

 private:
  // What the ledger learns once the kernel has taken the bytes up to `end`.
  struct Mark {
    uint64_t end = 0;  // in bytes ever put into a connection's `out`
    uint64_t entry = 0;
    Ledger::Sent sent;
  };

  struct Connection {
    Fd fd;
    size_t slot = 0;      // in connections_
    uint64_t serial = 0;  // tells a connection from an older one with the same descriptor number
    HttpReader reader;
    std::string unread;       // bytes behind the current request
    std::string out;          // not yet taken by the kernel
    uint64_t out_bytes = 0;   // ever put into `out`
    uint64_t sent_bytes = 0;  // ever taken by the kernel
    std::deque<Mark> marks;   // of steps that are in `out`
    Script script;
    size_t step = 0;  // the next one of `script`
    int64_t due_us = 0;
    uint64_t entry = 0;  // in the ledger; 0: none
    bool answering = false;
    bool hanging = false;  // says nothing more, and reads only to notice that the peer closes
    bool waits_to_write = false;
  };

  Server(EventLoop loop, Fd listener, const ServerOptions& options)
      : loop_(std::move(loop)), listener_(std::move(listener)), options_(options) {}

  void accept_all();
  void ready(int fd);
  void read(Connection& connection);
  void take_requests(Connection& connection);
  Script answer(Connection& connection, const HttpMessage& message);
  Script ledger_answer(const HttpMessage& message);
  // Sends the steps that are due in one write. True once the answer is complete and the connection is still
  // there.
  bool play(Connection& connection);
  bool apply(Connection& connection, Then then);  // the same
  bool flush(Connection& connection);             // false: the connection is gone
  void tell_ledger(Connection& connection);
  void drop(Connection& connection);
  Connection* find(int fd);

  EventLoop loop_;
  Fd listener_;
  ServerOptions options_;
  uint16_t port_ = 0;
  Ledger ledger_;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor number
  uint64_t connections_made_ = 0;
};

}  // namespace penstock::bench
