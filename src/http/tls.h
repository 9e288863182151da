#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <memory>
#include <string>

#include "core/result.h"
#include "http/channel.h"
#include "http/server.h"

namespace penstock::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// TLS 1.2 or newer, HTTP/1.1 by ALPN. kInvalidArgument naming the file that can't be used.
Result<TlsContext> server_tls(const TlsFiles& files);

// Verifies the peer against the system's authorities, or those of a PEM file if `authorities` names one.
Result<TlsContext> client_tls(const std::string& authorities);

// The TLS state of one channel.
struct TlsSession {
  using Role = boost::asio::ssl::stream_base::handshake_type;

  TlsSession(TlsContext tls_context, Socket& socket, Role session_role)
      : context(std::move(tls_context)), stream(socket, *context), role(session_role) {}

  // As a client: names `host` to the server (SNI, unless it is an address) and demands a certificate for it.
  Result<void> expect_host(const std::string& host);

  TlsContext context;
  boost::asio::ssl::stream<Socket&> stream;
  Role role;
  std::string failure;  // of the handshake
};

}  // namespace penstock::http
