#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/http_client.h"
#include "http/event_loops.h"

namespace penstock::http {

// Whom a client may call. kPublic: only addresses of the internet at large, checked on the address that is
// connected to, so that no name leads elsewhere; no Unix sockets.
enum class Peers : uint8_t { kAny, kPublic };

struct ClientOptions {
  int64_t idle_per_endpoint_max = 64;  // kept open per loop and endpoint
  int64_t idle_ms = 55'000;  // below the keep-alive of common servers (nginx 75 s, Node's header is obeyed)
  int64_t header_bytes_max = 64 << 10;  // of an answer; above: kUpstream
  Peers peers = Peers::kAny;
  std::string certificate_authorities{};  // PEM file that replaces the system's; tests and private networks
};

// The client of core/http_client.h over TCP, TLS (peer and host name verified) and Unix sockets. Its send()
// must be awaited on one of `loops`, which outlive it; its answers must be gone before it is. Phases and
// their limits:
//   resolve + connect + TLS handshake: connect_ms, shared by all addresses of the host, tried in turn
//   sending: idle_ms without progress; an answer that comes before the body is sent ends the sending
//   waiting for the head: first_byte_ms; each piece of the body: idle_ms; everything: total_ms
// Certificates that can't be read fail every TLS call with kInvalidArgument.
std::unique_ptr<HttpClient> make_client(EventLoops& loops, ClientOptions options = {});

}  // namespace penstock::http
