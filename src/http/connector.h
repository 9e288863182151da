#pragma once

#include <memory>

#include "core/cancel.h"
#include "core/http_client.h"
#include "http/channel.h"
#include "http/client.h"
#include "http/tls.h"

namespace penstock::http {

// Opens a connection to `endpoint` on `loop`, TLS handshake included: every address of the host in turn, each
// with its share of what is left of `connect_ms` (0: no limit). `tls` is needed for TLS endpoints only.
// kUnavailable saying why, kPermissionDenied where none of the addresses is one that `peers` allows,
// kDeadlineExceeded, kCancelled.
Task<Result<std::shared_ptr<Channel>>> connect(Loop& loop, const Endpoint& endpoint, TlsContext tls,
                                               Peers peers, int64_t connect_ms, CancelToken cancel);

}  // namespace penstock::http
