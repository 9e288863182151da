#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "access/directory.h"
#include "api/native/parameters.h"
#include "core/http_message.h"
#include "core/json.h"

namespace penstock::api::native {

// One checked call of a route. Lives until its handler has returned.
struct Call {
  const Request& request;
  Query query;
  Json body;               // as the route's schema says; null for routes without one
  std::string request_id;  // also in the answer's x-request-id, where something is changed
  std::shared_ptr<const access::Snapshot> snapshot;
  const access::Principal* principal = nullptr;  // in `snapshot`; null only on routes open to everybody

  // Whether the caller may; false for nobody.
  bool may(access::Capability capability) const {
    return principal != nullptr && access::may(principal->role, capability);
  }
};

}  // namespace penstock::api::native
