#pragma once

#include <string>
#include <vector>

#include "core/http_message.h"
#include "core/result.h"
#include "gateway/config.h"

namespace penstock::app {

// Who may call: everybody while no key is configured, else whoever sends one. Immutable.
class ClientKeys {
 public:
  explicit ClientKeys(std::vector<gateway::ClientKey> keys) : keys_(std::move(keys)) {}

  // The name of the key in `Authorization: Bearer ...` or `x-api-key`; empty while none is asked for. All
  // keys are compared, each in constant time. kUnauthenticated says how to send one, never what was sent.
  Result<std::string> principal(const Headers& headers) const;

 private:
  std::vector<gateway::ClientKey> keys_;
};

}  // namespace penstock::app
